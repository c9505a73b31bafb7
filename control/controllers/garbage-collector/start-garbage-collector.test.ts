import { describe, expect, test } from 'vitest'
import { deployments } from '../../../api/kinds/apps-v1/deployment.ts'
import { replicaSets } from '../../../api/kinds/apps-v1/replica-set.ts'
import { configMaps } from '../../../api/kinds/core-v1/config-map.ts'
import { namespaces } from '../../../api/kinds/core-v1/namespace.ts'
import { nodes } from '../../../api/kinds/core-v1/node.ts'
import { pods } from '../../../api/kinds/core-v1/pod.ts'
import type { ConfigMap } from '../../../api/types/core-v1/config.ts'
import type { OwnerReference } from '../../../api/types/meta-v1/meta.ts'
import type { Bench } from '../testing/bench.ts'
import { startBench } from '../testing/bench.ts'
import { webDeployment } from '../testing/manifests.ts'

const key = { namespace: 'default', name: 'web' }
const ref = (owner: ConfigMap, more: Partial<OwnerReference> = {}): OwnerReference => ({ apiVersion: 'v1', kind: 'ConfigMap', name: owner.metadata.name, uid: owner.metadata.uid!, ...more })
const make = (bench: Bench, name: string, ownerReferences: OwnerReference[] = [], more: object = {}) => bench.client.create(configMaps, { metadata: { name, namespace: 'default', ownerReferences, ...more } })
const names = async (bench: Bench) => (await bench.client.list(configMaps, { namespace: 'default' })).items.map(({ metadata }) => metadata.name)
const remove = (bench: Bench, name: string, propagation?: 'Orphan' | 'Background' | 'Foreground') => bench.client.delete(configMaps, { namespace: 'default', name }, propagation ? { propagation } : {})

describe('deleting a Deployment', () => {
  const started = async () => {
    const bench = await startBench(['deployment', 'replicaset', 'garbagecollector'])
    await bench.client.create(deployments, webDeployment(3))
    await bench.eventually(async () => expect((await bench.client.list(pods, { namespace: 'default' })).items).toHaveLength(3))
    return bench
  }
  const left = async (bench: Bench) => [deployments, replicaSets, pods].map((kind) => bench.informers.of<any>(kind).list('default').length)
  test.each(['Background', 'Foreground'] as const)('in the %s takes its ReplicaSets and pods along', async (propagation) => {
    const bench = await started()
    await bench.client.delete(deployments, key, { propagation })
    await bench.eventually(async () => expect(await left(bench)).toEqual([0, 0, 0]))
  })
  test('with orphans leaves them', async () => {
    const bench = await started()
    await bench.client.delete(deployments, key, { propagation: 'Orphan' })
    await bench.eventually(async () => expect(await left(bench)).toEqual([0, 1, 3]))
    expect((await bench.client.list(replicaSets, { namespace: 'default' })).items[0]!.metadata.ownerReferences ?? []).toEqual([])
  })
})

describe('the collector', () => {
  test('waits in the foreground for what blocks, and only for that', async () => {
    const bench = await startBench(['garbagecollector'])
    const owner = await make(bench, 'owner')
    await make(bench, 'blocks', [ref(owner, { blockOwnerDeletion: true })], { finalizers: ['example.com/hold'] })
    await make(bench, 'other', [ref(owner)], { finalizers: ['example.com/hold'] })
    await remove(bench, 'owner', 'Foreground')
    await bench.clock.settle()
    expect(await names(bench)).toEqual(['blocks', 'other', 'owner'])
    await bench.client.patch(configMaps, { namespace: 'default', name: 'blocks' }, { type: 'merge', patch: { metadata: { finalizers: null } } })
    await bench.eventually(async () => expect(await names(bench)).toEqual(['other']))
  })
  test('keeps what still has another owner, without the reference to the lost one', async () => {
    const bench = await startBench(['garbagecollector'])
    const [a, b] = [await make(bench, 'a'), await make(bench, 'b')]
    await make(bench, 'both', [ref(a), ref(b)])
    await remove(bench, 'a', 'Background')
    await bench.eventually(async () => expect((await bench.client.get(configMaps, { namespace: 'default', name: 'both' })).metadata.ownerReferences).toEqual([ref(b)]))
    await remove(bench, 'b', 'Background')
    await bench.eventually(async () => expect(await names(bench)).toEqual([]))
  })
  test('removes what names an owner that never was, was another, or lives elsewhere', async () => {
    const bench = await startBench(['garbagecollector'])
    await bench.client.create(namespaces, { metadata: { name: 'team' }, spec: {} })
    const here = await make(bench, 'here')
    const elsewhere = await bench.client.create(configMaps, { metadata: { name: 'elsewhere', namespace: 'team' } })
    await make(bench, 'never', [ref(here, { uid: 'no-such-uid' })])
    await make(bench, 'renamed', [ref(here, { name: 'else' })])
    await make(bench, 'far', [ref(elsewhere)])
    await make(bench, 'good', [ref(here)])
    await bench.eventually(async () => expect(await names(bench)).toEqual(['good', 'here']))
    expect(await bench.eventsOf('far')).toEqual([expect.stringMatching(/^OwnerRefInvalidNamespace: ownerRef \[v1\/ConfigMap, namespace: default, name: elsewhere, uid: .*\] does not exist in namespace "default"$/)])
  })
  test('leaves alone what it cannot judge', async () => {
    const bench = await startBench(['garbagecollector'])
    const owner = await make(bench, 'owner')
    await make(bench, 'foreign', [{ apiVersion: 'example.com/v1', kind: 'Widget', name: 'w', uid: 'u' }])
    await bench.client.create(nodes, { metadata: { name: 'n1', ownerReferences: [ref(owner)] }, spec: {} })
    await remove(bench, 'owner', 'Background')
    await bench.clock.advance('5s')
    expect(await names(bench)).toEqual(['foreign'])
    await bench.client.get(nodes, { name: 'n1' })
  })
  test('clears what was left while nobody looked', async () => {
    const bench = await startBench([])
    const owner = await make(bench, 'owner')
    await make(bench, 'child', [ref(owner)])
    await remove(bench, 'owner', 'Background')
    bench.controllers.start('garbagecollector')
    await bench.eventually(async () => expect(await names(bench)).toEqual([]))
  })
  test('resolves circles', async () => {
    const bench = await startBench(['garbagecollector'])
    const a = await make(bench, 'a')
    const b = await make(bench, 'b', [ref(a, { blockOwnerDeletion: true })])
    await bench.client.patch(configMaps, { namespace: 'default', name: 'a' }, { type: 'merge', patch: { metadata: { ownerReferences: [ref(b, { blockOwnerDeletion: true })] } } })
    await remove(bench, 'a', 'Foreground')
    await bench.eventually(async () => expect(await names(bench)).toEqual([]))
  })
})
