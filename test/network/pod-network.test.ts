import { readdir, readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { Runtime } from '../../agent/runtime/runtime.ts'
import { paths } from '../../cli/layout.ts'
import { createExec, type Spawned } from '../../host/exec.ts'
import { inNetns } from '../../host/netns.ts'
import { createLab, type Lab, type LabNode } from '../lab/lab.ts'
import { clusterUnavailable } from '../lab/up-lab.ts'

const root = join(import.meta.dirname, '../..')
const skip = clusterUnavailable()

describe.skipIf(skip)(`the pod network under containerd on two nodes${skip ? ` (${skip})` : ''}`, () => {
  let lab: Lab
  let before: string[]
  const agents: Spawned[] = []
  const runtimes: Runtime[] = []
  const podCIDR = (node: LabNode) => `10.244.${node.nodeName.slice(1)}.0/24`
  const network = (node: LabNode) => node.sh('ip -o address | grep -v fe80; ip route; nft list ruleset')

  const startAgent = async (node: LabNode): Promise<Spawned> => {
    const peers = lab.nodes.filter(other => other !== node).map(other => ({ name: other.nodeName, podCIDRs: [podCIDR(other)], addresses: [other.address] }))
    const agent = await node.exec.spawn(process.execPath, [join(root, 'cni/testing/resident.ts'), JSON.stringify({
      podCIDRs: [podCIDR(node)], peers, clusterCIDRs: ['10.244.0.0/16'], nodePath: process.execPath, mainPath: join(root, 'cni/main.ts'), ...paths(node.layout).cni,
    })])
    let said = ''
    for await (const chunk of agent.stdout!) if ((said += String(chunk)).endsWith('\nready\n')) break
    return agent
  }
  const runPod = (runtime: Runtime, name: string, ports: { hostPort: number; containerPort: number }[] = []) => runtime.runPodSandbox({
    metadata: { name, uid: name, namespace: 'default', attempt: 0 }, hostname: name,
    portMappings: ports.map(port => ({ ...port, protocol: 'TCP' as const, hostIp: '' })),
  })
  /** A shell in the network of a pod. */
  const inPod = async (node: LabNode, id: string) => {
    const { dataDir } = paths(node.layout).cni
    const file = (await readdir(dataDir)).find(name => name.endsWith('.json'))!
    const { attachments } = JSON.parse(await readFile(join(dataDir, file), 'utf8')) as { attachments: { containerID: string; netns: string; pod: string }[] }
    return inNetns(createExec(), attachments.find(attachment => attachment.containerID === id)!.netns)
  }

  beforeAll(async () => {
    lab = await createLab({ nodes: 2 })
    before = await Promise.all(lab.nodes.map(network))
    for (const node of lab.nodes) {
      agents.push(await startAgent(node))
      runtimes.push((await node.startRuntime()).runtime)
    }
  })
  afterAll(() => lab?.close())

  test('containerd calls it ready', async () => {
    for (const runtime of runtimes) expect((await runtime.status()).conditions).toContainEqual(expect.objectContaining({ type: 'NetworkReady', status: true }))
  })

  test('pods of two nodes know each other by their own addresses; host ports lead to them; nothing stays', async () => {
    const [n1, n2] = lab.nodes as [LabNode, LabNode]
    const idle = await Promise.all(lab.nodes.map(network))
    const [a, b] = await Promise.all([runPod(runtimes[0]!, 'a'), runPod(runtimes[1]!, 'b', [{ hostPort: 8080, containerPort: 80 }])])
    const [addressA, addressB] = await Promise.all([runtimes[0]!.podSandboxStatus(a), runtimes[1]!.podSandboxStatus(b)]).then(all => all.map(status => status.network!.ip))
    expect([addressA, addressB]).toEqual(['10.244.1.2', '10.244.2.2'])
    const [podA, podB] = [await inPod(n1, a), await inPod(n2, b)]
    const server = await podB.spawn('socat', ['TCP-LISTEN:80,reuseaddr,fork', 'SYSTEM:echo $SOCAT_PEERADDR'])
    try {
      const ask = async (exec: Pick<typeof podA, 'run'>, to: string) => (await exec.run('sh', ['-c', `socat -t10 -T10 - TCP:${to},retry=40,interval=0.05 </dev/null`])).stdout.trim()
      expect(await ask(podA, `${addressB}:80`)).toBe(addressA)
      expect(await ask(podA, `${n2.address}:8080`)).toBe(n1.address)
      expect(await ask(lab.outside.exec, `${n2.address}:8080`)).toBe('10.99.0.1')
    } finally {
      server.kill()
    }
    await Promise.all([[runtimes[0]!, a], [runtimes[1]!, b]].map(async ([runtime, id]) => {
      await (runtime as Runtime).stopPodSandbox(id as string)
      await (runtime as Runtime).removePodSandbox(id as string)
    }))
    expect((await Promise.all(lab.nodes.map(network))).map(text => text.replaceAll(' linkdown', ''))).toEqual(idle.map(text => text.replaceAll(' linkdown', '')))
  })

  test('ten pods at once, also without an agent', async () => {
    const [runtime] = runtimes as [Runtime]
    const first = await Promise.all(Array.from({ length: 10 }, (_, n) => runPod(runtime, `many-${n}`)))
    const addresses = await Promise.all(first.map(async id => (await runtime.podSandboxStatus(id)).network!.ip))
    expect(new Set(addresses).size).toBe(10)
    agents[0]!.kill('SIGKILL')
    await agents[0]!.exited
    const alone = await runPod(runtime, 'alone')
    expect((await runtime.podSandboxStatus(alone)).network!.ip).toMatch(/^10\.244\.1\./)
    await Promise.all([...first, alone].map(id => runtime.stopPodSandbox(id)))
    agents[0] = await startAgent(lab.nodes[0]!)
  })

  test('clean-up leaves the nodes as they were', async () => {
    for (const agent of agents) agent.stdin!.end('cleanup')
    await Promise.all(agents.map(agent => agent.exited))
    expect(await Promise.all(lab.nodes.map(network))).toEqual(before)
  })
})
