import { describe, expect, test } from 'vitest'
import { leases } from '../../../api/kinds/coordination-v1/lease.ts'
import { nodes } from '../../../api/kinds/core-v1/node.ts'
import { pods } from '../../../api/kinds/core-v1/pod.ts'
import type { Bench } from '../testing/bench.ts'
import { startBench } from '../testing/bench.ts'
import { startFakeAgent } from '../testing/fake-agents.ts'
import { webTemplate } from '../testing/manifests.ts'

const all = ['nodelifecycle', 'taint-eviction', 'nodeipam', 'podgc'] as const
const taints = async (bench: Bench, name: string) => (await bench.client.get(nodes, { name })).spec.taints?.map(({ key, effect }) => `${key.replace('node.kubernetes.io/', '')}:${effect}`) ?? []
const readiness = async (bench: Bench, name: string) => (await bench.client.get(nodes, { name })).status!.conditions!.find(({ type }) => type === 'Ready')!
const podOn = (bench: Bench, nodeName: string, more: object = {}) => bench.client.create(pods, { metadata: { name: 'p', namespace: 'default' }, spec: { ...webTemplate().spec, nodeName, ...more } })
const getPod = (bench: Bench) => bench.client.get(pods, { namespace: 'default', name: 'p' })

describe('a node', () => {
  test('gets its part of the pod network', async () => {
    const bench = await startBench(all)
    for (const name of ['n1', 'n2']) await startFakeAgent(bench, name)
    await bench.clock.settle()
    const specs = (await bench.client.list(nodes)).items.map(({ spec }) => [spec.podCIDR, spec.podCIDRs])
    expect(specs).toEqual([['10.244.0.0/24', ['10.244.0.0/24']], ['10.244.1.0/24', ['10.244.1.0/24']]])
  })

  test('that gives signs of life stays ready, and nothing is written', async () => {
    const bench = await startBench(all)
    await startFakeAgent(bench, 'n1')
    await bench.clock.advance('1s')
    bench.writes.length = 0
    await bench.clock.advance('30m')
    expect(bench.writes.filter((write) => !write.includes('/leases/'))).toEqual([])
    expect((await readiness(bench, 'n1')).status).toBe('True')
  })

  test('that falls silent is called unknown after the grace period, its pods unready, and after their time they are evicted', async () => {
    const bench = await startBench(all)
    await startFakeAgent(bench, 'n2', { schedules: false })
    const agent = await startFakeAgent(bench, 'n1', { schedules: false })
    await podOn(bench, 'n1')
    await bench.eventually(async () => expect((await getPod(bench)).status?.phase).toBe('Running'))
    agent.silence()
    await bench.clock.advance('39s')
    expect((await readiness(bench, 'n1')).status).toBe('True')
    await bench.clock.advance('15s')
    expect(await readiness(bench, 'n1')).toMatchObject({ status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.' })
    expect(await taints(bench, 'n1')).toEqual(['unreachable:NoSchedule', 'unreachable:NoExecute'])
    expect((await getPod(bench)).status?.conditions).toContainEqual(expect.objectContaining({ type: 'Ready', status: 'False' }))
    expect(await bench.eventsOf('n1')).toContain('NodeNotReady: Node n1 status is now: NodeNotReady')
    expect(await bench.eventsOf('p')).toContain('NodeNotReady: Node is not ready')
    await bench.clock.advance('4m50s')
    expect((await getPod(bench)).metadata.deletionTimestamp).toBeUndefined()
    await bench.clock.advance('20s')
    expect((await getPod(bench)).metadata.deletionTimestamp).toBeDefined()
    expect((await getPod(bench)).status?.conditions).toContainEqual(expect.objectContaining({ type: 'DisruptionTarget', reason: 'DeletionByTaintManager' }))
    expect(await bench.eventsOf('p')).toContain('TaintManagerEviction: Marking for deletion Pod default/p')
  })

  test('that comes back in time keeps its pods', async () => {
    const bench = await startBench(all)
    await startFakeAgent(bench, 'n2', { schedules: false })
    const agent = await startFakeAgent(bench, 'n1', { schedules: false })
    await podOn(bench, 'n1')
    await bench.clock.settle()
    agent.silence()
    await bench.clock.advance('2m')
    expect(await taints(bench, 'n1')).toContain('unreachable:NoExecute')
    const node = await bench.client.get(nodes, { name: 'n1' })
    const back = node.status!.conditions!.map((each) => (each.type === 'Ready' ? { ...each, status: 'True', lastHeartbeatTime: new Date(bench.clock.now()).toISOString() } : each))
    await bench.client.updateStatus(nodes, { ...node, status: { ...node.status, conditions: back } })
    await bench.clock.advance('1s')
    expect(await taints(bench, 'n1')).toEqual([])
    expect(await bench.eventsOf('p')).toContain('TaintManagerEviction: Cancelling deletion of Pod default/p')
    await bench.clock.advance('30s')
    expect((await getPod(bench)).metadata.deletionTimestamp).toBeUndefined()
  })

  test('that is the only one keeps its pods however long it is silent', async () => {
    const bench = await startBench(all)
    const agent = await startFakeAgent(bench, 'n1')
    await podOn(bench, 'n1')
    await bench.clock.settle()
    agent.silence()
    await bench.clock.advance('1h')
    expect(await taints(bench, 'n1')).toEqual(['unreachable:NoSchedule'])
    expect((await getPod(bench)).metadata.deletionTimestamp).toBeUndefined()
  })

  test('that never reported is called so after a minute', async () => {
    const bench = await startBench(all)
    await bench.client.create(nodes, { metadata: { name: 'n1' }, spec: {} })
    await bench.clock.advance('61s')
    expect(await readiness(bench, 'n1')).toMatchObject({ status: 'Unknown', reason: 'NodeStatusNeverUpdated', message: 'Kubelet never posted node status.' })
  })

  test('that is cordoned is tainted, and back', async () => {
    const bench = await startBench(all)
    await startFakeAgent(bench, 'n1')
    for (const [unschedulable, expected] of [[true, ['unschedulable:NoSchedule']], [null, []]] as const) {
      await bench.client.patch(nodes, { name: 'n1' }, { type: 'merge', patch: { spec: { unschedulable } } })
      await bench.clock.advance('1s')
      expect(await taints(bench, 'n1')).toEqual(expected)
    }
  })

  test('that is gone leaves no pods', async () => {
    const bench = await startBench(all)
    const agent = await startFakeAgent(bench, 'n1')
    await podOn(bench, 'n1')
    await bench.clock.settle()
    agent.silence()
    await bench.client.delete(nodes, { name: 'n1' })
    await bench.clock.advance('39s')
    await getPod(bench)
    await bench.clock.advance('5s')
    expect(bench.informers.of(pods).list()).toEqual([])
  })
})

test('an intolerant pod leaves a node that is tainted by hand at once', async () => {
  const bench = await startBench(all)
  await startFakeAgent(bench, 'n1', { schedules: false })
  await podOn(bench, 'n1')
  await bench.clock.settle()
  await bench.client.patch(nodes, { name: 'n1' }, { type: 'merge', patch: { spec: { taints: [{ key: 'mine', effect: 'NoExecute' }] } } })
  await bench.eventually(() => bench.informers.of(pods).list().length === 0)
})

test('leases of other namespaces say nothing about nodes', async () => {
  const bench = await startBench(all)
  const agent = await startFakeAgent(bench, 'n1')
  agent.silence()
  await bench.client.create(leases, { metadata: { name: 'n1', namespace: 'default' }, spec: {} })
  await bench.clock.advance('55s')
  expect((await readiness(bench, 'n1')).status).toBe('Unknown')
})
