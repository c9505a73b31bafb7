import type { DeploymentCondition } from '../../../api/types/apps-v1.ts'
import { rfc3339 } from '../../../host/clock.ts'

export type Conditions = readonly DeploymentCondition[]
type Status = 'True' | 'False' | 'Unknown'

export const conditionOf = (conditions: Conditions | undefined, type: string): DeploymentCondition | undefined => conditions?.find((condition) => condition.type === type)

export const withoutCondition = (conditions: Conditions, type: string): Conditions => conditions.filter((condition) => condition.type !== type)

/** Puts a condition in place. One of the same status and reason stays as it is, times and message included. */
export function withCondition(conditions: Conditions, type: string, status: Status, reason: string, message: string, now: number): Conditions {
  const old = conditionOf(conditions, type)
  if (old?.status === status && old.reason === reason) return conditions
  const at = rfc3339(now)
  const lastTransitionTime = old?.status === status ? old.lastTransitionTime : at
  return [...withoutCondition(conditions, type), { type, status, lastUpdateTime: at, lastTransitionTime, reason, message }]
}

/** Sets `Progressing` anew even when it says the same: its `lastUpdateTime` is where the progress deadline counts from. */
export function withFreshProgress(conditions: Conditions, reason: string, message: string, now: number): Conditions {
  const old = conditionOf(conditions, 'Progressing')
  const fresh = withCondition(withoutCondition(conditions, 'Progressing'), 'Progressing', 'True', reason, message, now)
  return old?.status === 'True' ? fresh.map((condition) => (condition.type === 'Progressing' ? { ...condition, lastTransitionTime: old.lastTransitionTime } : condition)) : fresh
}
