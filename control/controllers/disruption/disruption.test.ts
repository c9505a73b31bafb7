import { describe, expect, test } from 'vitest'
import { deployments } from '../../../api/kinds/apps-v1/deployment.ts'
import { pods } from '../../../api/kinds/core-v1/pod.ts'
import { podDisruptionBudgets } from '../../../api/kinds/policy-v1/pod-disruption-budget.ts'
import type { PodDisruptionBudget } from '../../../api/types/policy-v1-budget.ts'
import { startBench } from '../testing/bench.ts'
import { startFakeAgent } from '../testing/fake-agents.ts'
import { webDeployment } from '../testing/manifests.ts'
import { at, pod, t0 } from '../testing/objects.ts'
import { expectation, failSafe, needsScale, planDisruption } from './plan-disruption.ts'

const budget = (spec: PodDisruptionBudget['spec'], disruptedPods?: Record<string, string>): PodDisruptionBudget =>
  ({ apiVersion: 'policy/v1', kind: 'PodDisruptionBudget', metadata: { name: 'b', namespace: 'default', generation: 3 }, spec, status: { ...(disruptedPods && { disruptedPods }) } })
const ready = (name: string, meta = {}) => pod(name, { readySince: -100, meta })

test.each<[string, PodDisruptionBudget['spec'], boolean, number, number]>([
  ['a number to stay', { minAvailable: 2 }, false, 5, 2],
  ['a share to stay, rounded up', { minAvailable: '50%' }, true, 7, 4],
  ['a number to go', { maxUnavailable: 2 }, true, 7, 5],
  ['a share to go, rounded up', { maxUnavailable: '30%' }, true, 7, 4],
  ['more to go than there are', { maxUnavailable: 9 }, true, 7, 0],
])('%s', (_, spec, asks, expectedPods, desiredHealthy) => {
  expect(needsScale(budget(spec))).toBe(asks)
  expect(expectation(budget(spec), 7, 5)).toEqual({ expectedPods, desiredHealthy })
})

describe('the status', () => {
  const plan = (more: PodDisruptionBudget['spec'], pods: ReturnType<typeof ready>[], disrupted?: Record<string, string>, expectedPods = pods.length) => {
    const it = budget(more, disrupted)
    return planDisruption(it, pods, { expectedPods, desiredHealthy: 2 }, t0)
  }

  test('what is healthy beyond what must stay may go', () => {
    expect(plan({}, [ready('a'), ready('b'), ready('c'), pod('d')])).toEqual({
      status: {
        observedGeneration: 3, currentHealthy: 3, desiredHealthy: 2, expectedPods: 4, disruptionsAllowed: 1,
        conditions: [{ type: 'DisruptionAllowed', status: 'True', reason: 'SufficientPods', observedGeneration: 3, lastTransitionTime: at(0), message: '' }],
      },
      notDeleted: [],
    })
  })

  test('what is going does not count, and nothing may go where nothing is expected', () => {
    expect(plan({}, [ready('a'), ready('b'), ready('c', { deletionTimestamp: at(0) })]).status).toMatchObject({ currentHealthy: 2, disruptionsAllowed: 0, conditions: [{ status: 'False', reason: 'InsufficientPods' }] })
    expect(plan({}, [ready('a'), ready('b'), ready('c')], undefined, 0).status).toMatchObject({ disruptionsAllowed: 0 })
  })

  test('a granted eviction counts for two minutes', () => {
    const granted = plan({}, [ready('a'), ready('b'), ready('c')], { a: at(-30), gone: at(-30) })
    expect(granted).toMatchObject({ status: { currentHealthy: 2, disruptedPods: { a: at(-30) } }, after: 90_000, notDeleted: [] })
    expect(granted.status.disruptedPods).not.toHaveProperty('gone')
    expect(plan({}, [ready('a'), ready('b'), ready('c')], { a: at(-121) })).toMatchObject({ status: { currentHealthy: 3 }, notDeleted: ['a'] })
  })

  test('nothing may go while the owners cannot be asked', () => {
    expect(failSafe(budget({}), 'nobody knows', t0)).toMatchObject({ disruptionsAllowed: 0, conditions: [{ status: 'False', reason: 'SyncFailed', message: 'nobody knows' }] })
  })
})

test('a budget follows the pods of a Deployment, and evictions take from it', async () => {
  const bench = await startBench(['deployment', 'replicaset', 'disruption'])
  await startFakeAgent(bench, 'n1')
  await bench.client.create(deployments, webDeployment(4))
  await bench.client.create(podDisruptionBudgets, { metadata: { name: 'web', namespace: 'default' }, spec: { maxUnavailable: '25%', selector: { matchLabels: { app: 'web' } } } })
  const status = async () => (await bench.client.get(podDisruptionBudgets, { namespace: 'default', name: 'web' })).status
  await bench.eventually(async () => expect(await status()).toMatchObject({ expectedPods: 4, desiredHealthy: 3, currentHealthy: 4, disruptionsAllowed: 1, observedGeneration: 1 }))
  const victim = bench.informers.of(pods).list()[0]!.metadata
  const evict = (name: string) => bench.client.post(pods, { namespace: 'default', name }, 'eviction', { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name, namespace: 'default' } })
  await evict(victim.name)
  await bench.eventually(async () => {
    expect(bench.informers.of(pods).get({ namespace: 'default', name: victim.name })).toBeUndefined()
    expect(await status()).toMatchObject({ currentHealthy: 4, disruptionsAllowed: 1 })
  })
})

test('pods that nobody owns are told', async () => {
  const bench = await startBench(['disruption'])
  await bench.client.create(podDisruptionBudgets, { metadata: { name: 'lone', namespace: 'default' }, spec: { maxUnavailable: 1, selector: { matchLabels: { app: 'lone' } } } })
  await bench.client.create(pods, { metadata: { name: 'p', namespace: 'default', labels: { app: 'lone' } }, spec: { containers: [{ name: 'c', image: 'i' }] } })
  await bench.eventually(async () => expect(await bench.eventsOf('lone')).toContainEqual(expect.stringContaining('UnmanagedPods: Pods selected by this PodDisruptionBudget (selector: app=lone) were found to be unmanaged.')))
})
