import type { Deployment, DeploymentStatus, ReplicaSet } from '../../../api/types/apps-v1.ts'
import { timeOf } from '../shared/owner.ts'
import type { Conditions } from './conditions.ts'
import { conditionOf, withCondition, withFreshProgress, withoutCondition } from './conditions.ts'
import { isComplete } from './deployment-status.ts'

const available = 'NewReplicaSetAvailable'
const timedOut = 'ProgressDeadlineExceeded'
const noDeadline = 2 ** 31 - 1

export const hasDeadline = ({ spec: { progressDeadlineSeconds } }: Deployment): boolean => progressDeadlineSeconds !== undefined && progressDeadlineSeconds !== noDeadline

/** The pause of a rollout is told in `Progressing`, unless that already says the deadline has passed. */
export function pauseConditions(deployment: Deployment, conditions: Conditions, now: number): Conditions {
  if (!hasDeadline(deployment)) return conditions
  const progressing = conditionOf(conditions, 'Progressing')
  if (progressing?.reason === timedOut) return conditions
  const told = progressing?.reason === 'DeploymentPaused'
  if (deployment.spec.paused && !told) return withCondition(conditions, 'Progressing', 'Unknown', 'DeploymentPaused', 'Deployment is paused', now)
  if (!deployment.spec.paused && told) return withCondition(conditions, 'Progressing', 'Unknown', 'DeploymentResumed', 'Deployment is resumed', now)
  return conditions
}

/**
 * `Progressing` and `ReplicaFailure` after a step of a rollout. `before` is the status the step began with, `counted`
 * the one with fresh counts.
 */
export function rolloutConditions(deployment: Deployment, before: DeploymentStatus, counted: DeploymentStatus, newSet: ReplicaSet | undefined, all: readonly ReplicaSet[], now: number): Conditions {
  return withReplicaFailure(progressConditions(deployment, before, counted, newSet, now), newSet, all)
}

function progressConditions(deployment: Deployment, before: DeploymentStatus, counted: DeploymentStatus, newSet: ReplicaSet | undefined, now: number): Conditions {
  const conditions = counted.conditions ?? []
  if (!hasDeadline(deployment)) return withoutCondition(conditions, 'Progressing')
  const current = conditionOf(before.conditions, 'Progressing')
  if (counted.replicas === counted.updatedReplicas && current?.reason === available) return conditions
  const subject = newSet ? `ReplicaSet "${newSet.metadata.name}"` : `Deployment "${deployment.metadata.name}"`
  if (isComplete(deployment, counted)) return withCondition(conditions, 'Progressing', 'True', available, `${subject} has successfully progressed.`, now)
  if (isProgressing(before, counted)) return withFreshProgress(conditions, 'ReplicaSetUpdated', `${subject} is progressing.`, now)
  if (isTimedOut(deployment, conditions, now)) return withCondition(conditions, 'Progressing', 'False', timedOut, `${subject} has timed out progressing.`, now)
  return conditions
}

/** New pods have come or become ready, or old ones have gone. */
function isProgressing(before: DeploymentStatus, counted: DeploymentStatus): boolean {
  const oldPods = (status: DeploymentStatus) => (status.replicas ?? 0) - (status.updatedReplicas ?? 0)
  return (counted.updatedReplicas ?? 0) > (before.updatedReplicas ?? 0) || oldPods(counted) < oldPods(before)
    || (counted.readyReplicas ?? 0) > (before.readyReplicas ?? 0) || (counted.availableReplicas ?? 0) > (before.availableReplicas ?? 0)
}

function isTimedOut(deployment: Deployment, conditions: Conditions, now: number): boolean {
  const progressing = conditionOf(conditions, 'Progressing')
  if (!progressing || progressing.reason === available) return false
  return progressing.reason === timedOut || deadlineOf(deployment, conditions)! < now
}

/** When the rollout will have taken too long, if nothing moves until then. */
function deadlineOf(deployment: Deployment, conditions: Conditions): number | undefined {
  const progressing = conditionOf(conditions, 'Progressing')
  return progressing && timeOf(progressing.lastUpdateTime) + (deployment.spec.progressDeadlineSeconds ?? 0) * 1000
}

/** Milliseconds after which a stuck rollout must be looked at to be called timed out; `undefined`: no need. */
export function progressCheckAfter(deployment: Deployment, status: DeploymentStatus, now: number): number | undefined {
  const progressing = conditionOf(status.conditions, 'Progressing')
  if (!hasDeadline(deployment) || deployment.spec.paused || !progressing || progressing.reason === timedOut || isComplete(deployment, status)) return undefined
  // The times in conditions are whole seconds, hence one more.
  return Math.max(0, deadlineOf(deployment, status.conditions ?? [])! - now) + 1000
}

function withReplicaFailure(conditions: Conditions, newSet: ReplicaSet | undefined, all: readonly ReplicaSet[]): Conditions {
  const failures = [newSet, ...all].flatMap((set) => set?.status?.conditions?.filter(({ type }) => type === 'ReplicaFailure') ?? [])
  const failure = failures[0]
  if (!failure) return withoutCondition(conditions, 'ReplicaFailure')
  const known = conditionOf(conditions, 'ReplicaFailure')
  if (known?.status === failure.status && known.reason === failure.reason) return conditions
  return [...withoutCondition(conditions, 'ReplicaFailure'), { ...failure, lastUpdateTime: failure.lastTransitionTime }]
}
