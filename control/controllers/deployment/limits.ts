import type { Deployment, ReplicaSet } from '../../../api/types/apps-v1.ts'
import { scaled } from '../shared/int-or-percent.ts'

export const replicasOf = (object: Deployment | ReplicaSet): number => object.spec.replicas ?? 1
export const total = (sets: readonly ReplicaSet[], of: (set: ReplicaSet) => number): number => sets.reduce((sum, set) => sum + of(set), 0)
export const availableOf = (set: ReplicaSet): number => set.status?.availableReplicas ?? 0

export const isRolling = (deployment: Deployment): boolean => (deployment.spec.strategy?.type ?? 'RollingUpdate') === 'RollingUpdate'

/** How many pods may exist above, and how many may be missing below, the wanted number during a rolling update. */
export function rollingLimits(deployment: Deployment): { surge: number; unavailable: number } {
  if (!isRolling(deployment)) return { surge: 0, unavailable: 0 }
  const replicas = replicasOf(deployment)
  const { maxSurge, maxUnavailable } = deployment.spec.strategy?.rollingUpdate ?? {}
  const surge = scaled(maxSurge, replicas, 'up')
  const unavailable = scaled(maxUnavailable, replicas, 'down')
  // Both 0 would never move: rounding must not take away the last freedom that validation has made sure of.
  const least = surge === 0 && unavailable === 0 ? 1 : unavailable
  return { surge, unavailable: Math.min(least, replicas) }
}

export const maxReplicas = (deployment: Deployment): number => replicasOf(deployment) + rollingLimits(deployment).surge
export const minAvailable = (deployment: Deployment): number => replicasOf(deployment) - rollingLimits(deployment).unavailable
