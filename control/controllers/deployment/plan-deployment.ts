import type { Deployment, DeploymentStatus, ReplicaSet } from '../../../api/types/apps-v1.ts'
import { byCreation } from '../shared/owner.ts'
import { same, sameMap } from '../shared/same.ts'
import type { Conditions } from './conditions.ts'
import { conditionOf, withCondition } from './conditions.ts'
import { countedStatus, isComplete } from './deployment-status.ts'
import { isRolling, replicasOf } from './limits.ts'
import { hasDeadline, pauseConditions, progressCheckAfter, rolloutConditions } from './progress.ts'
import { newSetAnnotations, nextRevision, revisionAnnotation, revisionOf, sizeAnnotations } from './revision.ts'
import type { Sizes } from './sizes.ts'
import { emptied, isScaled, newSetSize, rollingSizes, scaledSizes } from './sizes.ts'
import { draftSet, findNewSet } from './template.ts'

export interface DeploymentWorld {
  readonly deployment: Deployment
  /** The ReplicaSets it controls. */
  readonly sets: readonly ReplicaSet[]
  /** Whether a pod of a ReplicaSet other than `name` still runs; asked for `Recreate` only. */
  readonly runsOtherThan: (name: string | undefined) => boolean
  readonly now: number
}

/** What a sync does, in this order. */
export interface DeploymentPlan {
  readonly create?: ReplicaSet
  /** ReplicaSets as they shall be; `from` is the size before. */
  readonly updates: readonly { readonly set: ReplicaSet; readonly from: number }[]
  readonly deletes: readonly ReplicaSet[]
  /** For the Deployment's own annotation. */
  readonly revision?: string
  readonly status: DeploymentStatus
  /** Look again after so many milliseconds even if nothing changes. */
  readonly after?: number
}

/** One step of a Deployment towards its spec. Doing it and planning again until nothing is left is the whole controller. */
export function planDeployment(world: DeploymentWorld): DeploymentPlan {
  const { deployment, sets, now } = world
  const newSet = findNewSet(deployment, sets)
  const old = sets.filter((set) => set !== newSet)
  const conditions = pauseConditions(deployment, deployment.status?.conditions ?? [], now)
  if (deployment.metadata.deletionTimestamp) return finish(deployment, { conditions, newSet, old, sizes: new Map(), counting: true, now })
  if (deployment.spec.paused || isScaled(deployment, sets)) {
    const updated = newSet && refreshed(deployment, newSet, old)
    return finish(deployment, { conditions, before: newSet, newSet: updated, old, sizes: scaledSizes(deployment, updated, old), counting: true, resized: true, cleanUp: !!deployment.spec.paused, now })
  }
  return isRolling(deployment) ? planRolling(deployment, conditions, newSet, old, now) : planRecreate(world, conditions, newSet, old)
}

interface Step {
  readonly conditions: Conditions
  readonly create?: ReplicaSet | undefined
  /** The new set as the server has it. */
  readonly before?: ReplicaSet | undefined
  readonly newSet: ReplicaSet | undefined
  readonly old: readonly ReplicaSet[]
  readonly sizes: Sizes
  /** Only the counts of the status move; no rollout is judged. */
  readonly counting?: boolean
  /** Every set notes the size of the Deployment, also one that keeps its own. */
  readonly resized?: boolean
  readonly cleanUp?: boolean
  readonly now: number
}

function planRolling(deployment: Deployment, conditions: Conditions, before: ReplicaSet | undefined, old: readonly ReplicaSet[], now: number): DeploymentPlan {
  const newSet = before ? refreshed(deployment, before, old) : draft(deployment, old)
  const told = progressOf(deployment, conditions, newSet, !before, now)
  const sizes = rollingSizes(deployment, newSet, old)
  return finish(deployment, { conditions: told, create: before ? undefined : newSet, before, newSet, old, sizes, cleanUp: sizes.size === 0, now })
}

function planRecreate({ deployment, runsOtherThan, now }: DeploymentWorld, conditions: Conditions, before: ReplicaSet | undefined, old: readonly ReplicaSet[]): DeploymentPlan {
  const updated = before && refreshed(deployment, before, old)
  const told = updated ? progressOf(deployment, conditions, updated, false, now) : conditions
  const step = { conditions: told, before, newSet: updated, old, now }
  const down = emptied(old)
  if (down.size > 0) return finish(deployment, { ...step, sizes: down })
  if (old.some((set) => (set.status?.replicas ?? 0) > 0) || runsOtherThan(before?.metadata.name)) return finish(deployment, { ...step, sizes: new Map() })
  if (!updated) {
    const create = draft(deployment, old)
    return finish(deployment, { ...step, conditions: progressOf(deployment, conditions, create, true, now), create, newSet: create, sizes: new Map() })
  }
  const up: Sizes = replicasOf(updated) === replicasOf(deployment) ? new Map() : new Map([[updated.metadata.name, replicasOf(deployment)]])
  return finish(deployment, { ...step, sizes: up, cleanUp: up.size === 0 })
}

/** The new set with the annotations and `minReadySeconds` it should have. */
function refreshed(deployment: Deployment, set: ReplicaSet, old: readonly ReplicaSet[]): ReplicaSet {
  const annotations = newSetAnnotations(deployment, set, nextRevision(old))
  const minReadySeconds = deployment.spec.minReadySeconds ?? 0
  if (sameMap(annotations, set.metadata.annotations) && minReadySeconds === (set.spec.minReadySeconds ?? 0)) return set
  return { ...set, metadata: { ...set.metadata, annotations }, spec: { ...set.spec, minReadySeconds } }
}

function draft(deployment: Deployment, old: readonly ReplicaSet[]): ReplicaSet {
  const annotations = { ...newSetAnnotations(deployment, undefined, nextRevision(old)), ...sizeAnnotations(deployment) }
  return draftSet(deployment, newSetSize(deployment, old, 0), annotations)
}

/** Creating the set is progress; a set that is found without any progress noted gives the deadline its starting point. */
function progressOf(deployment: Deployment, conditions: Conditions, set: ReplicaSet, created: boolean, now: number): Conditions {
  if (!hasDeadline(deployment)) return conditions
  const { name } = set.metadata
  if (created) return withCondition(conditions, 'Progressing', 'True', 'NewReplicaSetCreated', `Created new replica set "${name}"`, now)
  if (conditionOf(conditions, 'Progressing')) return conditions
  return withCondition(conditions, 'Progressing', 'True', 'FoundNewReplicaSet', `Found new replica set "${name}"`, now)
}

function finish(deployment: Deployment, step: Step): DeploymentPlan {
  const { create, before, old, now } = step
  const resize = (set: ReplicaSet) => resized(deployment, set, step)
  const newSet = step.newSet && (create ? step.newSet : resize(step.newSet))
  const oldSets = old.map(resize)
  const all = newSet ? [...oldSets, newSet] : oldSets
  const pairs = [...old.map((from, i) => ({ from, set: oldSets[i]! })), ...(before && newSet && !create ? [{ from: before, set: newSet }] : [])]
  const updates = pairs.filter(({ from, set }) => !same(from, set)).map(({ from, set }) => ({ set, from: replicasOf(from) }))
  const counted = countedStatus(deployment, all, newSet, step.conditions, now)
  const began = { ...deployment.status, conditions: [...step.conditions] }
  const conditions = step.counting ? counted.conditions! : [...rolloutConditions(deployment, began, counted, newSet, all, now)]
  const status = { ...counted, conditions }
  const after = progressCheckAfter(deployment, status, now)
  const mayCleanUp = step.cleanUp && (deployment.spec.paused || isComplete(deployment, deployment.status))
  const revision = newSet?.metadata.annotations?.[revisionAnnotation]
  return {
    ...(create && { create }), updates, status, deletes: mayCleanUp ? forgotten(deployment, old) : [],
    ...(revision && deployment.metadata.annotations?.[revisionAnnotation] !== revision && { revision }), ...(after !== undefined && { after }),
  }
}

function resized(deployment: Deployment, set: ReplicaSet, { sizes, resized: all }: Step): ReplicaSet {
  const to = sizes.get(set.metadata.name)
  if (to === undefined && !(all && replicasOf(set) > 0)) return set
  const annotations = { ...set.metadata.annotations, ...sizeAnnotations(deployment) }
  return { ...set, metadata: { ...set.metadata, annotations }, spec: { ...set.spec, replicas: to ?? replicasOf(set) } }
}

/** Old sets beyond the history limit, oldest revision first; those that still have pods or are not settled stay. */
function forgotten(deployment: Deployment, old: readonly ReplicaSet[]): ReplicaSet[] {
  const limit = deployment.spec.revisionHistoryLimit
  if (limit === undefined || limit === 2 ** 31 - 1) return []
  const living = old.filter((set) => !set.metadata.deletionTimestamp)
  const excess = living.toSorted((a, b) => revisionOf(a) - revisionOf(b) || byCreation(a, b)).slice(0, Math.max(0, living.length - limit))
  return excess.filter((set) => replicasOf(set) === 0 && !set.status?.replicas && (set.metadata.generation ?? 0) <= (set.status?.observedGeneration ?? 0))
}
