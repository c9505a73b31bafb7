import type { Pod } from '../../../api/types/core-v1/pod.ts'
import type { PodCondition } from '../../../api/types/core-v1/pod-status.ts'
import { timeOf } from './owner.ts'

export const isTerminal = (pod: Pod): boolean => pod.status?.phase === 'Succeeded' || pod.status?.phase === 'Failed'
/** Counts as a replica: neither finished nor on its way out. */
export const isActive = (pod: Pod): boolean => !isTerminal(pod) && !pod.metadata.deletionTimestamp
export const isTerminating = (pod: Pod): boolean => !isTerminal(pod) && !!pod.metadata.deletionTimestamp

export const podCondition = (pod: Pod, type: string): PodCondition | undefined => pod.status?.conditions?.find((condition) => condition.type === type)
export const isReady = (pod: Pod): boolean => podCondition(pod, 'Ready')?.status === 'True'

/** Ready for at least `minReadySeconds`. */
export const isAvailable = (pod: Pod, minReadySeconds: number, now: number): boolean => msUntilAvailable(pod, minReadySeconds, now) === 0

/** Milliseconds until the pod counts as available if nothing changes; `undefined` while it is not ready. */
export function msUntilAvailable(pod: Pod, minReadySeconds: number, now: number): number | undefined {
  const ready = podCondition(pod, 'Ready')
  if (ready?.status !== 'True') return undefined
  if (minReadySeconds === 0) return 0
  const since = timeOf(ready.lastTransitionTime)
  return since === 0 ? undefined : Math.max(0, since + minReadySeconds * 1000 - now)
}

/** A copy of the pod's conditions with `condition` in place; `undefined` when that changes nothing. */
export function withPodCondition(pod: Pod, condition: PodCondition, at: string): PodCondition[] | undefined {
  const old = podCondition(pod, condition.type)
  if (old && old.status === condition.status && old.reason === condition.reason && old.message === condition.message) return undefined
  const lastTransitionTime = old?.status === condition.status ? old.lastTransitionTime : at
  const others = pod.status?.conditions?.filter(({ type }) => type !== condition.type) ?? []
  return [...others, { ...condition, lastTransitionTime }]
}
