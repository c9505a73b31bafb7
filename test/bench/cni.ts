/**
 * `node test/bench/cni.ts [rounds]`, as root: CNI ADD and DEL through our executable and through Go's bridge plugin with
 * host-local (Debian: containernetworking-plugins), by turns, on the same machine in the same run; with and without
 * masquerade, alone and 32 at once. In network namespaces of its own; changes nothing outside.
 */
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { createNetworkLab } from '../../cni/testing/network-lab.ts'
import { percentile } from './report.ts'

const rounds = Number(process.argv[2] ?? 20)
const goPlugins = '/usr/lib/cni'
const root = join(import.meta.dirname, '../..')

/** Starts the calls all at once and tells how long each took, in microseconds, and how it ended. One small process for both sides alike. */
const driver = `use Time::HiRes 'time';
my ($plugin, $conf, $command, $out, @pods) = @ARGV;
@ENV{qw(CNI_COMMAND CNI_IFNAME CNI_PATH)} = ($command, 'eth0', '${goPlugins}');
my %begun;
for (@pods) {
  my ($id, $netns) = split /=/, $_, 2;
  my $now = time;
  my $pid = fork;
  if (!$pid) {
    @ENV{qw(CNI_CONTAINERID CNI_NETNS)} = ($id, $netns);
    open STDIN, '<', $conf; open STDOUT, '>', "$out/$id"; exec $plugin or exit 127;
  }
  $begun{$pid} = $now;
}
while ((my $pid = wait) > 0) { printf "%d %d\\n", (time - $begun{$pid}) * 1e6, $? >> 8 }
`

const lab = await createNetworkLab('bench')
const path = (...parts: string[]): string => join(lab.dir, ...parts)
const agent = await lab.node.exec.spawn(process.execPath, [join(root, 'cni/testing/resident.ts'), JSON.stringify({
  podCIDRs: ['10.244.1.0/24'], clusterCIDRs: ['10.244.0.0/16'], binDir: path('bin'), confDir: path('conf'), dataDir: path('data'),
  socket: path('run/cni.sock'), nodePath: process.execPath, mainPath: join(root, 'cni/main.ts'),
})])
try {
  let said = ''
  for await (const chunk of agent.stdout!) if ((said += String(chunk)).endsWith('\nready\n')) break
  for (const directory of ['go', 'out']) await mkdir(path(directory))
  await writeFile(path('driver.pl'), driver)
  const pods = await Promise.all(Array.from({ length: 32 }, async (_, n) => {
    const pod = await lab.namespaces.create(`p${n}`)
    return `bench${n}=${pod.path}`
  }))
  for (const masquerade of [false, true]) {
    const sides = await Promise.all(Object.entries(networks(masquerade)).map(async ([name, { plugin, config }]) => {
      const conf = path(`${config.name}.json`)
      await writeFile(conf, JSON.stringify(config))
      return { name, plugin, conf }
    }))
    const call = async ({ plugin, conf }: { plugin: string; conf: string }, command: string, count: number): Promise<number[]> => {
      const { stdout } = await lab.node.exec.run('perl', [path('driver.pl'), plugin, conf, command, path('out'), ...pods.slice(0, count)], { timeoutMs: 120_000 })
      return stdout.trim().split('\n').map(line => {
        const [time, code] = line.split(' ')
        if (code !== '0') throw new Error(`${plugin} ${command} failed with ${code}; see ${path('out')}`)
        return Number(time) / 1000
      })
    }
    for (const side of sides) for (const command of ['ADD', 'DEL']) await call(side, command, 1) // bridge and rules are made once
    for (const count of [1, 32]) {
      const times = new Map<string, number[]>()
      const note = (key: string, values: readonly number[]): void => void times.set(key, [...times.get(key) ?? [], ...values])
      for (let round = 0; round < (count === 1 ? rounds : Math.ceil(rounds / 4)); round++) {
        for (const side of sides) for (const command of ['ADD', 'DEL']) note(`${side.name} ${command}`, await call(side, command, count))
      }
      for (const command of ['ADD', 'DEL']) {
        const [ours, theirs] = sides.map(({ name }) => times.get(`${name} ${command}`)!) as [number[], number[]]
        const figures = (share: number): string => `${percentile(ours, share).toFixed(1)} / ${percentile(theirs, share).toFixed(1)} ms = ${(percentile(ours, share) / percentile(theirs, share)).toFixed(2)}`
        console.log(`${command} ${count === 1 ? 'alone   ' : '32 at once'} ${masquerade ? 'masquerade' : 'plain     '}`.padEnd(30), `median ${figures(0.5)}`.padEnd(36), `p95 ${figures(0.95)}`)
      }
    }
  }
  console.log('k8ts / bridge (Go) = ratio; below 1 we are faster')
} finally {
  agent.stdin!.end()
  await agent.exited
  await lab.close()
}

/** The same network twice: ours and theirs. */
function networks(masquerade: boolean) {
  const suffix = masquerade ? 'm' : 'p'
  const net = masquerade ? 1 : 2
  return {
    k8ts: { plugin: path('bin/k8ts'), config: { cniVersion: '1.0.0', name: `k8ts-${suffix}`, type: 'k8ts', bridge: `our${suffix}0`, subnets: [`10.244.${net}.0/24`], clusterCIDRs: ['10.244.0.0/16'], ipMasq: masquerade, dataDir: path('data'), rules: 'nftables' } },
    go: { plugin: join(goPlugins, 'bridge'), config: {
      cniVersion: '1.0.0', name: `go-${suffix}`, type: 'bridge', bridge: `go${suffix}0`, isGateway: true, hairpinMode: true, ipMasq: masquerade,
      ipam: { type: 'host-local', ranges: [[{ subnet: `10.88.${net}.0/24` }]], routes: [{ dst: '0.0.0.0/0' }], dataDir: path('go') },
    } },
  }
}
