import { mkdir } from 'node:fs/promises'
import { join } from 'node:path'
import { createExec } from '../../host/exec.ts'
import { createNetworkLab } from './network-lab.ts'

/**
 * ADD and DEL through our executable and through the Go bridge plugin with host-local, by turns, on the same machine in
 * the same run. `node cni/testing/bench.ts [rounds]`, as root; needs containernetworking-plugins.
 */
const rounds = Number(process.argv[2] ?? 30)
const goPlugins = '/usr/lib/cni'

const median = (values: number[]): number => [...values].sort((a, b) => a - b)[Math.floor(values.length / 2)]!
const lab = await createNetworkLab('bench')
const dir = lab.dir
const agent = await lab.node.exec.spawn(process.execPath, [join(import.meta.dirname, 'resident.ts'), JSON.stringify({
  podCIDRs: ['10.244.1.0/24'], clusterCIDRs: ['10.244.0.0/16'], binDir: join(dir, 'bin'), confDir: join(dir, 'conf'), dataDir: join(dir, 'data'),
  socket: join(dir, 'run/cni.sock'), nodePath: process.execPath, mainPath: join(import.meta.dirname, '../main.ts'),
})])
try {
  let said = ''
  for await (const chunk of agent.stdout!) if ((said += String(chunk)).endsWith('\nready\n')) break
  await mkdir(join(dir, 'go'))
  const candidates = {
    k8ts: { plugin: join(dir, 'bin/k8ts'), config: { cniVersion: '1.0.0', name: 'k8ts', type: 'k8ts', subnets: ['10.244.1.0/24'], clusterCIDRs: ['10.244.0.0/16'], dataDir: join(dir, 'data'), rules: 'nftables' } },
    'bridge (Go)': { plugin: join(goPlugins, 'bridge'), config: {
      cniVersion: '1.0.0', name: 'go', type: 'bridge', bridge: 'go0', isGateway: true, hairpinMode: true, ipMasq: false,
      ipam: { type: 'host-local', ranges: [[{ subnet: '10.88.0.0/24' }]], routes: [{ dst: '0.0.0.0/0' }], dataDir: join(dir, 'go') },
    } },
  }
  const pod = await lab.namespaces.create('pod')
  // One shell in the node's namespace measures, so that only the plugin is in the figures.
  const script = (plugin: string, config: object): string => {
    const env = `CNI_CONTAINERID=bench CNI_NETNS=${pod.path} CNI_IFNAME=eth0 CNI_PATH=${goPlugins}`
    const timed = (command: string) => `t0=$(date +%s%N); ${env} CNI_COMMAND=${command} ${plugin} < ${dir}/conf.json > ${dir}/out; rc=$?; t1=$(date +%s%N); echo "${command} $(((t1-t0)/1000)) $rc"`
    return `cat > ${dir}/conf.json <<'END'\n${JSON.stringify(config)}\nEND\n${timed('ADD')}; ${timed('DEL')}`
  }
  const figures = new Map<string, Record<string, number[]>>()
  for (let round = 0; round < rounds; round++) {
    for (const [name, { plugin, config }] of Object.entries(candidates)) {
      const output = await lab.node.sh(script(plugin, config))
      for (const line of output.trim().split('\n')) {
        const [command = '', time, code] = line.split(' ')
        if (code !== '0') throw new Error(`${name} ${command} failed: ${(await createExec().run('cat', [join(dir, 'out')])).stdout}`)
        const mine = figures.get(name) ?? {}
        figures.set(name, { ...mine, [command]: [...(mine[command] ?? []), Number(time) / 1000] })
      }
    }
  }
  for (const [name, times] of figures) {
    console.log(name.padEnd(12), Object.entries(times).map(([command, values]) => `${command} ${median(values).toFixed(1)} ms`).join('   '), `(median of ${rounds})`)
  }
} finally {
  agent.stdin!.end()
  await agent.exited
  await lab.close()
}
