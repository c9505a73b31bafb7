import { describe, expect, test } from 'vitest'
import { forbidden } from '../../../api/errors.ts'
import { replicaSets } from '../../../api/kinds/apps-v1/replica-set.ts'
import { pods } from '../../../api/kinds/core-v1/pod.ts'
import { replicationControllers } from '../../../api/kinds/core-v1/replication-controller.ts'
import type { Bench } from '../testing/bench.ts'
import { startBench } from '../testing/bench.ts'
import { startFakeAgent } from '../testing/fake-agents.ts'
import { webReplicaSet, webTemplate } from '../testing/manifests.ts'

const key = { namespace: 'default', name: 'web' }
const podsOf = async (bench: Bench) => (await bench.client.list(pods, { namespace: 'default' })).items
const scale = (bench: Bench, replicas: number) => bench.client.patch(replicaSets, key, { type: 'merge', patch: { spec: { replicas } } })

describe('a ReplicaSet', () => {
  test('makes its pods, counts them, and says so', async () => {
    const bench = await startBench(['replicaset'])
    await bench.client.create(replicaSets, webReplicaSet(3))
    await bench.clock.settle()
    const made = await podsOf(bench)
    expect(made.map((pod) => pod.metadata.name)).toEqual(Array(3).fill(expect.stringMatching(/^web-[a-z0-9]{5}$/)))
    expect(made[0]!.metadata.ownerReferences).toMatchObject([{ apiVersion: 'apps/v1', kind: 'ReplicaSet', name: 'web', controller: true, blockOwnerDeletion: true }])
    expect((await bench.client.get(replicaSets, key)).status).toMatchObject({ replicas: 3, fullyLabeledReplicas: 3, observedGeneration: 1 })
    expect(await bench.eventsOf('web')).toEqual(made.map(() => expect.stringMatching('SuccessfulCreate: Created pod: web-')))
  })

  test('rests when all is as it should be', async () => {
    const bench = await startBench(['replicaset'])
    await startFakeAgent(bench, 'n1')
    await bench.client.create(replicaSets, webReplicaSet(20))
    await bench.eventually(async () => expect((await bench.client.get(replicaSets, key)).status).toMatchObject({ replicas: 20, readyReplicas: 20, availableReplicas: 20 }))
    expect(bench.writes.filter((write) => write === 'POST /api/v1/namespaces/default/pods')).toHaveLength(20)
    bench.writes.length = 0
    await bench.clock.advance('9s')
    expect(bench.writes).toEqual([])
  })

  test('replaces a pod that is deleted, at once', async () => {
    const bench = await startBench(['replicaset'])
    await startFakeAgent(bench, 'n1')
    await bench.client.create(replicaSets, webReplicaSet(2))
    await bench.eventually(async () => expect((await bench.client.get(replicaSets, key)).status?.readyReplicas).toBe(2))
    const [first] = await podsOf(bench)
    await bench.client.delete(pods, { namespace: 'default', name: first!.metadata.name })
    await bench.eventually(async () => {
      const now = await podsOf(bench)
      expect(now).toHaveLength(2)
      expect(now.map(({ metadata }) => metadata.uid)).not.toContain(first!.metadata.uid)
    })
  })

  test('scales up and down without overshooting', async () => {
    const bench = await startBench(['replicaset'])
    await bench.client.create(replicaSets, webReplicaSet(1))
    for (const replicas of [10, 4, 0, 7]) {
      await scale(bench, replicas)
      await bench.clock.settle()
      expect(await podsOf(bench)).toHaveLength(replicas)
      expect((await bench.client.get(replicaSets, key)).status?.replicas).toBe(replicas)
    }
  })

  test('never makes or deletes too many when it sees changes late', async () => {
    const bench = await startBench(['replicaset'])
    bench.lag = 300
    await bench.client.create(replicaSets, webReplicaSet(10))
    let most = 0
    for (const replicas of [10, 3, 12]) {
      await scale(bench, replicas)
      await bench.eventually(async () => {
        const count = (await podsOf(bench)).length
        most = Math.max(most, count)
        expect(count).toBe(replicas)
      }, { step: '50ms' })
    }
    await bench.clock.advance('1m')
    expect([most, (await podsOf(bench)).length]).toEqual([12, 12])
    const calls = (method: string) => bench.writes.filter((write) => write.startsWith(`${method} /api/v1/namespaces/default/pods`)).length
    expect([calls('POST'), calls('DELETE')]).toEqual([10 + 9, 7])
  })

  test('adopts orphans that match and releases pods that no longer do', async () => {
    const bench = await startBench(['replicaset'])
    await bench.client.create(pods, { metadata: { name: 'orphan', namespace: 'default', labels: { app: 'web' } }, spec: webTemplate().spec })
    await bench.client.create(replicaSets, webReplicaSet(1))
    await bench.clock.settle()
    const [adopted] = await podsOf(bench)
    expect(adopted!.metadata).toMatchObject({ name: 'orphan', ownerReferences: [{ kind: 'ReplicaSet', name: 'web' }] })
    await bench.client.patch(pods, { namespace: 'default', name: 'orphan' }, { type: 'merge', patch: { metadata: { labels: { app: 'else' } } } })
    await bench.clock.settle()
    const now = await podsOf(bench)
    expect(now).toHaveLength(2)
    expect(now.find(({ metadata }) => metadata.name === 'orphan')!.metadata.ownerReferences ?? []).toEqual([])
  })

  test('counts a pod as available once it has been ready for minReadySeconds', async () => {
    const bench = await startBench(['replicaset'])
    await startFakeAgent(bench, 'n1')
    await bench.client.create(replicaSets, webReplicaSet(1, { minReadySeconds: 5 }))
    await bench.eventually(async () => expect((await bench.client.get(replicaSets, key)).status?.readyReplicas).toBe(1), { deadline: '1s' })
    expect((await bench.client.get(replicaSets, key)).status?.availableReplicas ?? 0).toBe(0)
    await bench.clock.advance('6s')
    expect((await bench.client.get(replicaSets, key)).status?.availableReplicas).toBe(1)
  })

  test('tells why it cannot make pods, tries few at a time, and goes on when it can', async () => {
    const bench = await startBench(['replicaset'])
    bench.refuse = ({ method, path }) => (method === 'POST' && path.endsWith('/pods') ? forbidden({ group: '', resource: 'pods' }, '', 'exceeded quota') : undefined)
    await bench.client.create(replicaSets, webReplicaSet(50))
    await bench.clock.settle()
    // One attempt, and one more when the failure in its status wakes it.
    expect(bench.writes.filter((write) => write.endsWith('/pods'))).toHaveLength(2)
    expect((await bench.client.get(replicaSets, key)).status?.conditions).toMatchObject([{ type: 'ReplicaFailure', status: 'True', reason: 'FailedCreate', message: 'pods is forbidden: exceeded quota' }])
    expect(await bench.eventsOf('web')).toContain('FailedCreate: Error creating: pods is forbidden: exceeded quota')
    bench.refuse = () => undefined
    await bench.eventually(async () => expect((await bench.client.get(replicaSets, key)).status).toMatchObject({ replicas: 50 }))
    expect((await bench.client.get(replicaSets, key)).status?.conditions ?? []).toEqual([])
  })
})

test('a ReplicationController does the same', async () => {
  const bench = await startBench(['replicationcontroller'])
  await bench.client.create(replicationControllers, { metadata: { name: 'web', namespace: 'default' }, spec: { replicas: 2, selector: { app: 'web' }, template: webTemplate() } })
  await bench.clock.settle()
  expect((await podsOf(bench)).map(({ metadata }) => metadata.ownerReferences?.[0]?.kind)).toEqual(['ReplicationController', 'ReplicationController'])
  expect((await bench.client.get(replicationControllers, key)).status).toMatchObject({ replicas: 2, fullyLabeledReplicas: 2 })
})
