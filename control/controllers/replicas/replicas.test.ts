import { describe, expect, test } from 'vitest'
import { pod, replicaSet, t0 } from '../testing/objects.ts'
import { planReplicas } from './plan-replicas.ts'
import { nextAvailability, replicaStatus } from './replica-status.ts'

const many = (count: number) => Array.from({ length: count }, (_, i) => pod(`p${i}`))

describe('the plan', () => {
  test.each([[3, 1, 2], [0, 0, 0], [2000, 0, 500]])('wanting %d and having %d pods creates %d', (wanted, having, count) => {
    const pods = many(having)
    expect(planReplicas(wanted, pods, () => pods, t0)).toEqual(count === 0 ? { type: 'none' } : { type: 'create', count })
  })
  test.each([[1, 3, 2], [0, 700, 500]])('wanting %d and having %d pods deletes %d', (wanted, having, count) => {
    const pods = many(having)
    const plan = planReplicas(wanted, pods, () => pods, t0)
    expect(plan.type === 'delete' && plan.pods.length).toBe(count)
  })
})

describe('the status', () => {
  const owner = { ...replicaSet('web', 3), spec: { ...replicaSet('web', 3).spec, minReadySeconds: 10 } }
  const labelled = { meta: { labels: { app: 'web', more: 'x' } } }
  const active = [pod('a', { readySince: -20, ...labelled }), pod('b', { readySince: -4, ...labelled }), pod('c')]

  test('counts what is labelled, ready and available', () => {
    expect(replicaStatus({ owner, active, terminating: 1, now: t0 })).toEqual({
      replicas: 3, fullyLabeledReplicas: 2, readyReplicas: 2, availableReplicas: 1, terminatingReplicas: 1, observedGeneration: 1,
    })
  })
  test('asks to look again when the next pod becomes available', () => {
    expect(nextAvailability(owner, active, t0)).toBe(6_000)
    expect(nextAvailability(owner, active, t0 + 6_000)).toBeUndefined()
  })
  test('tells a failure once and takes it back', () => {
    const failed = replicaStatus({ owner, active: [], failure: { reason: 'FailedCreate', message: 'no' }, now: t0 })
    expect(failed.conditions).toEqual([{ type: 'ReplicaFailure', status: 'True', lastTransitionTime: '2026-01-01T00:00:00Z', reason: 'FailedCreate', message: 'no' }])
    const again = replicaStatus({ owner: { ...owner, status: failed }, active: [], failure: { reason: 'FailedCreate', message: 'still no' }, now: t0 + 5000 })
    expect(again.conditions).toEqual(failed.conditions)
    expect(replicaStatus({ owner: { ...owner, status: failed }, active: [], now: t0 }).conditions).toBeUndefined()
  })
})
