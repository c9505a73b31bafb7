import { ApiError, forbidden } from '../../../api/errors.ts'
import { podDisruptionBudgets } from '../../../api/kinds/policy-v1/pod-disruption-budget.ts'
import type { Pod } from '../../../api/types/core-v1/pod.ts'
import type { Condition } from '../../../api/types/meta-v1/meta.ts'
import type { PodDisruptionBudget } from '../../../api/types/policy-v1-budget.ts'

/** As many evictions may be under way that the disruption controller has not seen yet. */
const maxUnconfirmed = 2000
const refusal = "Cannot evict pod as it would violate the pod's disruption budget."

/** A pod that counts for nothing is evicted without asking: it has ended, never ran, or goes anyway. */
export const countsForNothing = ({ metadata, status }: Pod): boolean =>
  status?.phase === 'Succeeded' || status?.phase === 'Failed' || status?.phase === 'Pending' || metadata.deletionTimestamp !== undefined

/** A pod that is not ready may go without taking from the budget: always, or while the healthy ones are enough. */
export function mayGoUnhealthy(budget: PodDisruptionBudget, pod: Pod): boolean {
  const ready = pod.status?.conditions?.some(({ type, status }) => type === 'Ready' && status === 'True')
  if (ready) return false
  const { currentHealthy = 0, desiredHealthy = 0 } = budget.status ?? {}
  return budget.spec.unhealthyPodEvictionPolicy === 'AlwaysAllow' || (currentHealthy >= desiredHealthy && desiredHealthy > 0)
}

/**
 * The budget with one eviction taken from it, as a copy. Throws 429 in the original's words when it allows none, or when
 * its controller has not yet caught up with it.
 */
export function takeEviction(budget: PodDisruptionBudget, podName: string, at: string): PodDisruptionBudget {
  const { name, generation = 0 } = budget.metadata
  const { observedGeneration = 0, disruptionsAllowed = 0, disruptedPods = {}, conditions = [], currentHealthy = 0, desiredHealthy = 0, expectedPods = 0 } = budget.status ?? {}
  if (observedGeneration < generation) throw tooMany(`The disruption budget ${name} is still being processed by the server.`, 10)
  if (disruptionsAllowed < 0) throw forbidden(podDisruptionBudgets, name, 'pdb disruptions allowed is negative')
  if (Object.keys(disruptedPods).length > maxUnconfirmed) throw forbidden(podDisruptionBudgets, name, 'DisruptedPods map too big - too many evictions not confirmed by PDB controller')
  if (disruptionsAllowed === 0) throw tooMany(whyNone(name, conditions, currentHealthy, desiredHealthy))
  const left = disruptionsAllowed - 1
  return {
    ...budget,
    status: {
      ...budget.status, observedGeneration, currentHealthy, desiredHealthy, expectedPods, disruptionsAllowed: left,
      disruptedPods: { ...disruptedPods, [podName]: at }, conditions: left === 0 ? noneLeft(conditions, generation, at) : conditions,
    },
  }
}

function whyNone(name: string, conditions: readonly Condition[], healthy: number, wanted: number): string {
  const failed = conditions.find(({ type, status, reason }) => type === 'DisruptionAllowed' && status === 'False' && reason === 'SyncFailed')
  if (failed) return `The disruption budget ${name} does not allow evicting pods currently because it failed sync: ${failed.message}`
  return `The disruption budget ${name} needs ${wanted} healthy pods and has ${healthy} currently`
}

function noneLeft(conditions: readonly Condition[], generation: number, at: string): Condition[] {
  const before = conditions.find(({ type }) => type === 'DisruptionAllowed')
  const now: Condition = {
    type: 'DisruptionAllowed', status: 'False', reason: 'InsufficientPods', message: '', observedGeneration: generation,
    lastTransitionTime: before?.status === 'False' ? before.lastTransitionTime : at,
  }
  return [...conditions.filter((condition) => condition !== before), now]
}

function tooMany(message: string, retryAfterSeconds = 0): ApiError {
  return new ApiError(429, 'TooManyRequests', refusal, { causes: [{ reason: 'DisruptionBudget', message }], ...(retryAfterSeconds > 0 && { retryAfterSeconds }) })
}

/** Two budgets for one pod: the original does not choose between them. */
export const severalBudgets = (): ApiError =>
  new ApiError(500, '', 'This pod has more than one PodDisruptionBudget, which the eviction subresource does not support.')
