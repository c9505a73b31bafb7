import { describe, expect, test } from 'vitest'
import { ApiError } from '../../../api/errors.ts'
import { deployments } from '../../../api/kinds/apps-v1/deployment.ts'
import { replicaSets } from '../../../api/kinds/apps-v1/replica-set.ts'
import { pods } from '../../../api/kinds/core-v1/pod.ts'
import type { Bench } from '../testing/bench.ts'
import { startBench } from '../testing/bench.ts'
import { startFakeAgent } from '../testing/fake-agents.ts'
import { webDeployment, webTemplate } from '../testing/manifests.ts'
import { templateHash } from './template.ts'

const key = { namespace: 'default', name: 'web' }
const get = (bench: Bench) => bench.client.get(deployments, key)
const patch = (bench: Bench, spec: unknown) => bench.client.patch(deployments, key, { type: 'merge', patch: { spec } })
const setsOf = async (bench: Bench) => (await bench.client.list(replicaSets, { namespace: 'default' })).items
const images = async (bench: Bench) => (await bench.client.list(pods, { namespace: 'default' })).items.map(({ spec }) => spec.containers[0]!.image).sort()
const condition = async (bench: Bench, type: string) => (await get(bench)).status?.conditions?.find((each) => each.type === type)

/** What `kubectl rollout status` waits for. */
async function rolledOut(bench: Bench): Promise<void> {
  const { metadata, spec, status = {} } = await get(bench)
  const { observedGeneration, updatedReplicas = 0, replicas = 0, availableReplicas = 0 } = status
  expect([observedGeneration, updatedReplicas, replicas, availableReplicas]).toEqual([metadata.generation, spec.replicas, spec.replicas, spec.replicas])
}

async function running(replicas: number, more = {}): Promise<Bench> {
  const bench = await startBench(['deployment', 'replicaset'])
  await startFakeAgent(bench, 'n1')
  await bench.client.create(deployments, webDeployment(replicas, more))
  await bench.eventually(() => rolledOut(bench))
  return bench
}

describe('a Deployment', () => {
  test('rolls out, says so, and rests', async () => {
    const bench = await running(3)
    const [set] = await setsOf(bench)
    expect((await get(bench)).metadata).toMatchObject({ generation: 1, annotations: { 'deployment.kubernetes.io/revision': '1' } })
    expect((await get(bench)).status).toMatchObject({ observedGeneration: 1 })
    expect((await get(bench)).status).not.toHaveProperty('unavailableReplicas')
    expect(set!.metadata.annotations).toMatchObject({ 'deployment.kubernetes.io/revision': '1', 'deployment.kubernetes.io/desired-replicas': '3', 'deployment.kubernetes.io/max-replicas': '4' })
    expect(await condition(bench, 'Available')).toMatchObject({ status: 'True', reason: 'MinimumReplicasAvailable' })
    expect(await condition(bench, 'Progressing')).toMatchObject({ status: 'True', reason: 'NewReplicaSetAvailable', message: `ReplicaSet "${set!.metadata.name}" has successfully progressed.` })
    expect(await bench.eventsOf('web')).toEqual([`ScalingReplicaSet: Scaled up replica set ${set!.metadata.name} from 0 to 3`])
    bench.writes.length = 0
    await bench.clock.advance('15m')
    expect(bench.writes.filter((write) => !write.includes('/leases/'))).toEqual([])
  })

  test('rolls from one version to the next without ever falling below or rising above its limits, and back', async () => {
    const bench = await running(10)
    let [least, most] = [10, 10]
    bench.informers.of(pods).on({ update: count, add: count, delete: count })
    function count(): void {
      const all = bench.informers.of(pods).list('default').filter(({ metadata }) => !metadata.deletionTimestamp)
      least = Math.min(least, all.filter(({ status }) => status?.conditions?.some(({ type, status: is }) => type === 'Ready' && is === 'True')).length)
      most = Math.max(most, all.length)
    }
    await patch(bench, { template: webTemplate('web:2') })
    await bench.eventually(() => rolledOut(bench))
    expect(await images(bench)).toEqual(Array(10).fill('web:2'))
    expect([least, most]).toEqual([8, 13])
    await patch(bench, { template: webTemplate('web:1') })
    await bench.eventually(() => rolledOut(bench))
    expect(await images(bench)).toEqual(Array(10).fill('web:1'))
    const sets = await setsOf(bench)
    expect(sets.map(({ metadata }) => metadata.annotations!['deployment.kubernetes.io/revision']).sort()).toEqual(['2', '3'])
    expect((await get(bench)).metadata.annotations!['deployment.kubernetes.io/revision']).toBe('3')
  })

  test('scales to ten and to nothing', async () => {
    const bench = await running(2)
    for (const replicas of [10, 0, 3]) {
      await patch(bench, { replicas })
      await bench.eventually(async () => expect(await images(bench)).toHaveLength(replicas))
      await bench.eventually(() => rolledOut(bench))
    }
    expect(await setsOf(bench)).toHaveLength(1)
  })

  test('recreates when told to: never two versions at once', async () => {
    const bench = await running(3, { strategy: { type: 'Recreate' } })
    const mixed = new Set<string>()
    bench.informers.of(pods).on({ add() { mixed.add([...new Set(bench.informers.of(pods).list('default').map(({ spec }) => spec.containers[0]!.image))].sort().join()) } })
    await patch(bench, { template: webTemplate('web:2') })
    await bench.eventually(() => rolledOut(bench))
    expect(await images(bench)).toEqual(Array(3).fill('web:2'))
    expect([...mixed]).not.toContain('web:1,web:2')
  })

  test('does nothing new while paused', async () => {
    const bench = await running(2)
    await patch(bench, { paused: true, template: webTemplate('web:2') })
    await bench.clock.advance('1s')
    expect(await images(bench)).toEqual(['web:1', 'web:1'])
    expect(await condition(bench, 'Progressing')).toMatchObject({ status: 'Unknown', reason: 'DeploymentPaused' })
    await patch(bench, { paused: null })
    await bench.eventually(() => rolledOut(bench))
    expect(await images(bench)).toEqual(['web:2', 'web:2'])
  })

  test('gives up waiting after its deadline, and goes on when pods become ready after all', async () => {
    const bench = await startBench(['deployment', 'replicaset'])
    const agent = await startFakeAgent(bench, 'n1')
    agent.makeReady = () => false
    await bench.client.create(deployments, webDeployment(1, { progressDeadlineSeconds: 30 }))
    await bench.clock.advance('29s')
    expect(await condition(bench, 'Progressing')).toMatchObject({ status: 'True' })
    await bench.clock.advance('5s')
    expect(await condition(bench, 'Progressing')).toMatchObject({ status: 'False', reason: 'ProgressDeadlineExceeded' })
    agent.makeReady = () => true
    const [pod] = (await bench.client.list(pods, { namespace: 'default' })).items
    await bench.client.patch(pods, { namespace: 'default', name: pod!.metadata.name }, { type: 'merge', patch: { metadata: { annotations: { touched: 'yes' } } } })
    await bench.eventually(() => rolledOut(bench))
    expect(await condition(bench, 'Progressing')).toMatchObject({ status: 'True', reason: 'NewReplicaSetAvailable' })
  })

  test('gets around a name that is taken', async () => {
    const bench = await startBench(['deployment', 'replicaset'])
    await startFakeAgent(bench, 'n1')
    const made = await bench.client.create(deployments, { ...webDeployment(1), spec: { ...webDeployment(1).spec, paused: true } })
    const name = `web-${templateHash(made)}`
    await bench.client.create(replicaSets, { metadata: { name, namespace: 'default' }, spec: { replicas: 0, selector: { matchLabels: { app: 'else' } }, template: { metadata: { name: '', labels: { app: 'else' } }, spec: webTemplate().spec } } })
    await patch(bench, { paused: null })
    await bench.eventually(() => rolledOut(bench))
    expect((await get(bench)).status?.collisionCount).toBe(1)
    expect((await setsOf(bench)).map(({ metadata }) => metadata.name)).toHaveLength(2)
  })

  test('forgets versions beyond its history', async () => {
    const bench = await running(1, { revisionHistoryLimit: 1 })
    for (const image of ['web:2', 'web:3', 'web:4']) {
      await patch(bench, { template: webTemplate(image) })
      await bench.eventually(() => rolledOut(bench))
    }
    await bench.eventually(async () => expect(await setsOf(bench)).toHaveLength(2))
  })

  test('tells that a ReplicaSet cannot be made', async () => {
    const bench = await startBench(['deployment'])
    const refused = new Set<string>()
    bench.refuse = ({ method, path }) => (method === 'POST' && path.endsWith('/replicasets') ? (refused.add(path), new ApiError(403, 'Forbidden', 'no more sets')) : undefined)
    await bench.client.create(deployments, webDeployment(1))
    await bench.clock.settle()
    expect(refused.size).toBe(1)
    expect(await condition(bench, 'Progressing')).toMatchObject({ status: 'False', reason: 'ReplicaSetCreateError', message: expect.stringMatching(/^Failed to create new replica set "web-\w+": no more sets$/) })
  })
})
