import type { Pod } from '../../../api/types/core-v1/pod.ts'
import type { Condition } from '../../../api/types/meta-v1/meta.ts'
import type { PodDisruptionBudget, PodDisruptionBudgetStatus } from '../../../api/types/policy-v1-budget.ts'
import { rfc3339 } from '../../../host/clock.ts'
import { scaled } from '../shared/int-or-percent.ts'
import { timeOf } from '../shared/owner.ts'
import { isReady } from '../shared/pods.ts'

/** An eviction that was granted is believed for that long, though its pod is still there. */
export const deletionTimeoutMs = 120_000

/** How many pods there should be, and how many of them must stay. */
export interface Expectation { readonly expectedPods: number; readonly desiredHealthy: number }

/** Whether the owners of the pods have to say how many pods there should be. */
export const needsScale = ({ spec }: PodDisruptionBudget): boolean => spec.maxUnavailable !== undefined || typeof spec.minAvailable === 'string'

/** `scale`: how many pods their owners want; `there`: how many pods the budget selects. */
export function expectation({ spec }: PodDisruptionBudget, scale: number, there: number): Expectation {
  const { minAvailable, maxUnavailable } = spec
  if (maxUnavailable !== undefined) return { expectedPods: scale, desiredHealthy: Math.max(0, scale - scaled(maxUnavailable, scale, 'up')) }
  if (typeof minAvailable === 'string') return { expectedPods: scale, desiredHealthy: scaled(minAvailable, scale, 'up') }
  return { expectedPods: minAvailable === undefined ? 0 : there, desiredHealthy: minAvailable ?? 0 }
}

export interface DisruptionPlan {
  readonly status: PodDisruptionBudgetStatus
  /** Milliseconds until a granted eviction is no longer believed. */
  readonly after?: number | undefined
  /** Names of pods that were granted eviction and are still there. */
  readonly notDeleted: readonly string[]
}

/** What a budget's status has to be, from the pods it selects and what is expected of them. */
export function planDisruption(budget: PodDisruptionBudget, pods: readonly Pod[], { expectedPods, desiredHealthy }: Expectation, now: number): DisruptionPlan {
  const granted = budget.status?.disruptedPods ?? {}
  const staying = pods.filter(({ metadata }) => !metadata.deletionTimestamp)
  const until = (pod: Pod): number => (Object.hasOwn(granted, pod.metadata.name) ? timeOf(granted[pod.metadata.name]) + deletionTimeoutMs : -Infinity)
  const going = staying.filter((pod) => until(pod) > now)
  const currentHealthy = staying.filter((pod) => until(pod) <= now && isReady(pod)).length
  const spare = currentHealthy - desiredHealthy
  const disruptionsAllowed = expectedPods > 0 && spare > 0 ? spare : 0
  const next = Math.min(...going.map(until))
  return {
    status: {
      observedGeneration: budget.metadata.generation ?? 0,
      ...(going.length > 0 && { disruptedPods: Object.fromEntries(going.map(({ metadata: { name } }) => [name, granted[name]!])) }),
      disruptionsAllowed, currentHealthy, desiredHealthy, expectedPods,
      conditions: withCondition(budget, disruptionsAllowed > 0 ? { status: 'True', reason: 'SufficientPods' } : { status: 'False', reason: 'InsufficientPods' }, now),
    },
    notDeleted: staying.filter((pod) => until(pod) > -Infinity && until(pod) <= now).map(({ metadata }) => metadata.name),
    ...(going.length > 0 && { after: next - now }),
  }
}

/** Nothing may go while it cannot be said what may. */
export const failSafe = (budget: PodDisruptionBudget, message: string, now: number): PodDisruptionBudgetStatus =>
  ({ ...budget.status, disruptionsAllowed: 0, conditions: withCondition(budget, { status: 'False', reason: 'SyncFailed', message }, now) })

function withCondition({ metadata, status }: PodDisruptionBudget, said: { status: string; reason: string; message?: string }, now: number): Condition[] {
  const old = status?.conditions?.find(({ type }) => type === 'DisruptionAllowed')
  const lastTransitionTime = old?.status === said.status ? old.lastTransitionTime : rfc3339(now)
  const condition: Condition = { type: 'DisruptionAllowed', observedGeneration: metadata.generation ?? 0, lastTransitionTime, message: '', ...said }
  return old ? status!.conditions!.map((each) => (each === old ? condition : each)) : [...status?.conditions ?? [], condition]
}
