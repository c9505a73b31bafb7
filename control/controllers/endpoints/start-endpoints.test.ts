import { describe, expect, test } from 'vitest'
import { deployments } from '../../../api/kinds/apps-v1/deployment.ts'
import { replicaSets } from '../../../api/kinds/apps-v1/replica-set.ts'
import { endpoints } from '../../../api/kinds/core-v1/endpoints.ts'
import { nodes } from '../../../api/kinds/core-v1/node.ts'
import { pods } from '../../../api/kinds/core-v1/pod.ts'
import { services } from '../../../api/kinds/core-v1/service.ts'
import { endpointSlices } from '../../../api/kinds/discovery-v1/endpoint-slice.ts'
import { byNode } from '../shared/indexes.ts'
import type { Bench } from '../testing/bench.ts'
import { startBench } from '../testing/bench.ts'
import type { FakeAgent } from '../testing/fake-agents.ts'
import { startFakeAgent } from '../testing/fake-agents.ts'
import { webDeployment, webReplicaSet, webService } from '../testing/manifests.ts'

const key = { namespace: 'default', name: 'web' }
const ready = async (bench: Bench) => (await bench.client.get(endpoints, key)).subsets?.flatMap(({ addresses }) => addresses ?? []).map(({ ip }) => ip).sort() ?? []
const slicesOf = async (bench: Bench) => (await bench.client.list(endpointSlices, { namespace: 'default', labelSelector: 'kubernetes.io/service-name=web' })).items
const readyInSlices = async (bench: Bench) => (await slicesOf(bench)).flatMap((slice) => slice.endpoints ?? []).filter(({ conditions }) => conditions?.ready).flatMap(({ addresses }) => addresses).sort()
const podAddresses = async (bench: Bench) => (await bench.client.list(pods, { namespace: 'default' })).items.map(({ status }) => status?.podIP).sort()

interface Serving extends Bench { readonly agent: FakeAgent }

async function serving(replicas: number): Promise<Serving> {
  const bench = await startBench(['deployment', 'replicaset', 'endpoints', 'endpointslice', 'garbagecollector'])
  const agent = await startFakeAgent(bench, 'n1')
  await bench.client.create(services, webService())
  await bench.client.create(deployments, webDeployment(replicas))
  await bench.eventually(async () => expect(await readyInSlices(bench)).toHaveLength(replicas))
  return Object.assign(bench, { agent })
}

describe('the endpoints of a service', () => {
  test('are the addresses of its ready pods, in both forms', async () => {
    const bench = await serving(3)
    expect(await ready(bench)).toEqual(await podAddresses(bench))
    expect(await readyInSlices(bench)).toEqual(await podAddresses(bench))
    const [slice] = await slicesOf(bench)
    expect(slice).toMatchObject({ addressType: 'IPv4', ports: [{ name: '', port: 8080, protocol: 'TCP' }], metadata: { name: expect.stringMatching(/^web-[a-z0-9]{5}$/) } })
    expect(slice!.metadata.annotations).toHaveProperty(['endpoints.kubernetes.io/last-change-trigger-time'])
  })

  test('follow pods that come and go', async () => {
    const bench = await serving(3)
    for (const replicas of [150, 2, 0]) {
      await bench.client.patch(deployments, key, { type: 'merge', patch: { spec: { replicas } } })
      await bench.eventually(async () => {
        expect(await podAddresses(bench)).toHaveLength(replicas)
        expect(await ready(bench)).toEqual(await podAddresses(bench))
        expect(await readyInSlices(bench)).toEqual(await podAddresses(bench))
      })
    }
    expect(await slicesOf(bench)).not.toHaveLength(0)
  })

  test('are written only when they change', async () => {
    const bench = await serving(2)
    await bench.clock.settle()
    bench.writes.length = 0
    const [pod] = (await bench.client.list(pods, { namespace: 'default' })).items
    await bench.client.patch(pods, { namespace: 'default', name: pod!.metadata.name }, { type: 'merge', patch: { metadata: { annotations: { a: 'b' } } } })
    await bench.clock.advance('5s')
    expect(bench.writes).toEqual([expect.stringContaining('PATCH /api/v1/namespaces/default/pods/')])
  })

  test('lose a pod that is no longer ready', async () => {
    const bench = await serving(2)
    const [pod] = (await bench.client.list(pods, { namespace: 'default' })).items
    bench.agent.makeReady = ({ metadata }) => metadata.name !== pod!.metadata.name
    await bench.client.updateStatus(pods, { ...pod!, status: { ...pod!.status, conditions: [{ type: 'Ready', status: 'False' }] } })
    await bench.clock.settle()
    expect((await bench.client.get(endpoints, key)).subsets).toMatchObject([{ addresses: [{}], notReadyAddresses: [{ ip: pod!.status!.podIP }] }])
    expect(await readyInSlices(bench)).toEqual(await ready(bench))
  })

  test('are not written twice when changes are seen late', async () => {
    const bench = await startBench(['replicaset', 'endpointslice'])
    bench.lag = 50
    await startFakeAgent(bench, 'n1')
    await bench.client.create(services, webService())
    await bench.client.create(replicaSets, webReplicaSet(8))
    await bench.eventually(async () => expect(await readyInSlices(bench)).toHaveLength(8), { step: '50ms' })
    await bench.clock.advance('10s')
    expect(await readyInSlices(bench)).toEqual(await podAddresses(bench))
    expect(await slicesOf(bench)).toHaveLength(1)
  })

  test('are mended when somebody spoils them', async () => {
    const bench = await serving(2)
    const [slice] = await slicesOf(bench)
    await bench.client.delete(endpointSlices, { namespace: 'default', name: slice!.metadata.name })
    await bench.client.patch(endpoints, key, { type: 'merge', patch: { subsets: null } })
    await bench.eventually(async () => {
      expect(await ready(bench)).toEqual(await podAddresses(bench))
      expect(await readyInSlices(bench)).toEqual(await podAddresses(bench))
    })
  })

  test('go with the service', async () => {
    const bench = await serving(2)
    await bench.client.delete(services, key)
    await bench.eventually(async () => {
      expect(await slicesOf(bench)).toEqual([])
      expect(bench.informers.of(endpoints).get(key)).toBeUndefined()
    })
  })

  test('of a service without selector are left to the user', async () => {
    const bench = await startBench(['endpoints', 'endpointslice'])
    const { selector: _, ...spec } = webService().spec!
    await bench.client.create(services, { ...webService(), spec })
    await bench.client.create(endpoints, { metadata: key, subsets: [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 80 }] }] })
    await bench.clock.advance('1s')
    expect(await ready(bench)).toEqual(['192.0.2.1'])
    expect(await slicesOf(bench)).toEqual([])
  })

  test('of a service without selector are mirrored into slices, and go with it', async () => {
    const bench = await startBench(['endpoints', 'endpointslice', 'endpointslice-mirroring', 'garbagecollector'])
    const { selector: _, ...spec } = webService().spec!
    await bench.client.create(endpoints, { metadata: key, subsets: [{ addresses: [{ ip: '192.0.2.1' }], ports: [{ port: 80 }] }] })
    await bench.clock.settle()
    expect(await slicesOf(bench)).toEqual([])
    await bench.client.create(services, { ...webService(), spec })
    await bench.clock.settle()
    expect(await readyInSlices(bench)).toEqual(['192.0.2.1'])
    await bench.client.patch(endpoints, key, { type: 'merge', patch: { subsets: [{ addresses: [{ ip: '192.0.2.2' }], ports: [{ port: 81 }] }] } })
    await bench.clock.settle()
    expect(await slicesOf(bench)).toMatchObject([{ ports: [{ port: 81 }], endpoints: [{ addresses: ['192.0.2.2'] }] }])
    await bench.client.delete(services, key)
    await bench.eventually(async () => expect(await slicesOf(bench)).toEqual([]))
  })

  test('carry the zone of the node, also when it changes', async () => {
    const bench = await serving(1)
    await bench.client.patch(nodes, { name: 'n1' }, { type: 'merge', patch: { metadata: { labels: { 'topology.kubernetes.io/zone': 'east' } } } })
    await bench.clock.settle()
    expect((await slicesOf(bench))[0]!.endpoints).toMatchObject([{ nodeName: 'n1', zone: 'east' }])
    expect(bench.informers.of(pods, { indexes: byNode }).byIndex('node', 'n1')).toHaveLength(1)
  })
})
