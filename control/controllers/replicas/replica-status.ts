import type { ReplicaSetCondition, ReplicaSetStatus } from '../../../api/types/apps-v1.ts'
import type { Pod } from '../../../api/types/core-v1/pod.ts'
import { rfc3339 } from '../../../host/clock.ts'
import { isAvailable, isReady, msUntilAvailable } from '../shared/pods.ts'
import { mapSelector } from '../shared/selectors.ts'
import type { ReplicaOwner } from './replica-kind.ts'

/** Why the last attempt to create or delete pods failed. */
export interface ReplicaFailure { readonly reason: 'FailedCreate' | 'FailedDelete'; readonly message: string }

export interface ReplicaView {
  readonly owner: ReplicaOwner
  readonly active: readonly Pod[]
  /** Absent: the kind does not count them. */
  readonly terminating?: number
  readonly failure?: ReplicaFailure | undefined
  readonly now: number
}

export function replicaStatus({ owner, active, terminating, failure, now }: ReplicaView): ReplicaSetStatus {
  const minReady = owner.spec.minReadySeconds ?? 0
  const hasTemplateLabels = mapSelector(owner.spec.template?.metadata?.labels ?? {})
  const conditions = nextConditions(owner.status?.conditions ?? [], failure, now)
  return {
    replicas: active.length,
    fullyLabeledReplicas: active.filter((pod) => hasTemplateLabels(pod.metadata.labels)).length,
    readyReplicas: active.filter(isReady).length,
    availableReplicas: active.filter((pod) => isAvailable(pod, minReady, now)).length,
    ...(terminating !== undefined && { terminatingReplicas: terminating }),
    observedGeneration: owner.metadata.generation,
    ...(conditions.length > 0 && { conditions }),
  }
}

/** A failure is told once and stays, with its first message, until an attempt succeeds. */
function nextConditions(old: readonly ReplicaSetCondition[], failure: ReplicaFailure | undefined, now: number): ReplicaSetCondition[] {
  const others = old.filter(({ type }) => type !== 'ReplicaFailure')
  if (!failure) return others
  const known = old.find(({ type }) => type === 'ReplicaFailure')
  return [...others, known ?? { type: 'ReplicaFailure', status: 'True', lastTransitionTime: rfc3339(now), ...failure }]
}

/** Milliseconds until the next ready pod becomes available by the mere passing of time; `undefined` when none will. */
export function nextAvailability(owner: ReplicaOwner, active: readonly Pod[], now: number): number | undefined {
  const waits = active.map((pod) => msUntilAvailable(pod, owner.spec.minReadySeconds ?? 0, now)).filter((ms) => ms !== undefined && ms > 0)
  return waits.length > 0 ? Math.min(...(waits as number[])) : undefined
}

/** The status as it is compared: counts that are absent are 0, as the server leaves them out. */
export const comparable = (status: ReplicaSetStatus | undefined) => ({
  replicas: status?.replicas ?? 0, fullyLabeledReplicas: status?.fullyLabeledReplicas ?? 0, readyReplicas: status?.readyReplicas ?? 0,
  availableReplicas: status?.availableReplicas ?? 0, terminatingReplicas: status?.terminatingReplicas ?? 0,
  observedGeneration: status?.observedGeneration ?? 0, conditions: status?.conditions,
})
