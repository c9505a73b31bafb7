import type { Deployment, DeploymentStatus, ReplicaSet } from '../../../api/types/apps-v1.ts'
import { availableOf, minAvailable, replicasOf, total } from './limits.ts'
import type { Conditions } from './conditions.ts'
import { withCondition } from './conditions.ts'

const actualOf = (set: ReplicaSet): number => set.status?.replicas ?? 0
const readyOf = (set: ReplicaSet): number => set.status?.readyReplicas ?? 0

/** The counts and the `Available` condition, from the status of the ReplicaSets. */
export function countedStatus(deployment: Deployment, all: readonly ReplicaSet[], newSet: ReplicaSet | undefined, conditions: Conditions, now: number): DeploymentStatus {
  const available = total(all, availableOf)
  const terminating = all.every((set) => set.status?.terminatingReplicas !== undefined) ? total(all, (set) => set.status!.terminatingReplicas!) : undefined
  const enough = available >= minAvailable(deployment)
  const next = enough
    ? withCondition(conditions, 'Available', 'True', 'MinimumReplicasAvailable', 'Deployment has minimum availability.', now)
    : withCondition(conditions, 'Available', 'False', 'MinimumReplicasUnavailable', 'Deployment does not have minimum availability.', now)
  return {
    observedGeneration: deployment.metadata.generation,
    replicas: total(all, actualOf),
    updatedReplicas: newSet ? actualOf(newSet) : 0,
    readyReplicas: total(all, readyOf),
    availableReplicas: available,
    unavailableReplicas: Math.max(0, total(all, replicasOf) - available),
    ...(terminating !== undefined && { terminatingReplicas: terminating }),
    ...(deployment.status?.collisionCount !== undefined && { collisionCount: deployment.status.collisionCount }),
    conditions: [...next],
  }
}

/** All wanted pods run the current template and are available, and no old pod is left. */
export function isComplete(deployment: Deployment, status: DeploymentStatus | undefined): boolean {
  const wanted = replicasOf(deployment)
  const { updatedReplicas = 0, replicas = 0, availableReplicas = 0, observedGeneration = 0 } = status ?? {}
  return updatedReplicas === wanted && replicas === wanted && availableReplicas === wanted && observedGeneration >= (deployment.metadata.generation ?? 0)
}

/** The status as it is compared: counts that are absent are 0, as the server leaves them out. */
export const comparable = (status: DeploymentStatus | undefined) => ({
  observedGeneration: status?.observedGeneration ?? 0, replicas: status?.replicas ?? 0, updatedReplicas: status?.updatedReplicas ?? 0,
  readyReplicas: status?.readyReplicas ?? 0, availableReplicas: status?.availableReplicas ?? 0, unavailableReplicas: status?.unavailableReplicas ?? 0,
  terminatingReplicas: status?.terminatingReplicas ?? 0, collisionCount: status?.collisionCount ?? 0,
  conditions: (status?.conditions ?? []).toSorted((a, b) => (a.type < b.type ? -1 : 1)),
})
