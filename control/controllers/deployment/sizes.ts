import type { Deployment, ReplicaSet } from '../../../api/types/apps-v1.ts'
import { byCreation, compareText } from '../shared/owner.ts'
import { availableOf, isRolling, maxReplicas, minAvailable, replicasOf, total } from './limits.ts'
import { desiredReplicasOf, maxReplicasOf } from './revision.ts'

/** Wanted `spec.replicas` by ReplicaSet name; a set that is not in it stays as it is. */
export type Sizes = ReadonlyMap<string, number>

const none: Sizes = new Map()
const size = (set: ReplicaSet, to: number): Sizes => (replicasOf(set) === to ? none : new Map([[set.metadata.name, to]]))
export const isActiveSet = (set: ReplicaSet): boolean => replicasOf(set) > 0

/** How large the new ReplicaSet may be now, the total limit considered. */
export function newSetSize(deployment: Deployment, all: readonly ReplicaSet[], current: number): number {
  if (!isRolling(deployment)) return replicasOf(deployment)
  const room = maxReplicas(deployment) - total(all, replicasOf)
  return room <= 0 ? current : current + Math.min(room, replicasOf(deployment) - current)
}

/** One step of a rolling update: first the new set up (or down), and when it is as large as may be, the old ones down. */
export function rollingSizes(deployment: Deployment, newSet: ReplicaSet, old: readonly ReplicaSet[]): Sizes {
  const wanted = replicasOf(deployment)
  const current = replicasOf(newSet)
  const grown = current > wanted ? wanted : newSetSize(deployment, [...old, newSet], current)
  if (grown !== current) return size(newSet, grown)
  return shrinkOld(deployment, newSet, old.filter(isActiveSet))
}

/** Takes from the old sets what may go: their unavailable pods first, then as many available ones as the minimum allows. */
function shrinkOld(deployment: Deployment, newSet: ReplicaSet, old: readonly ReplicaSet[]): Sizes {
  const min = minAvailable(deployment)
  const mayGo = total([...old, newSet], replicasOf) - min - (replicasOf(newSet) - availableOf(newSet))
  if (old.length === 0 || mayGo <= 0) return none
  const oldestFirst = old.toSorted(byCreation)
  const sizes = new Map(oldestFirst.map((set) => [set, replicasOf(set)]))
  take(sizes, mayGo, (set) => Math.max(0, replicasOf(set) - availableOf(set)))
  take(sizes, total([...old, newSet], availableOf) - min, (set) => sizes.get(set)!)
  return new Map([...sizes].filter(([set, to]) => to !== replicasOf(set)).map(([set, to]) => [set.metadata.name, to]))
}

/** Lowers `sizes` in order by at most `budget` together and at most `most` each. */
function take(sizes: Map<ReplicaSet, number>, budget: number, most: (set: ReplicaSet) => number): void {
  for (const [set, to] of sizes) {
    const cut = Math.min(budget, most(set))
    if (cut <= 0) continue
    sizes.set(set, to - cut)
    budget -= cut
  }
}

export const emptied = (sets: readonly ReplicaSet[]): Sizes => new Map(sets.filter(isActiveSet).map((set) => [set.metadata.name, 0]))

/** Whether somebody has changed `spec.replicas` since the sets were last sized. */
export const isScaled = (deployment: Deployment, sets: readonly ReplicaSet[]): boolean =>
  sets.filter(isActiveSet).some((set) => ![undefined, replicasOf(deployment)].includes(desiredReplicasOf(set)))

/**
 * Follows a changed `spec.replicas`, or mends the sizes of a paused Deployment, without moving pods between versions:
 * a single active set gets all, several in the middle of a rolling update share the difference by their sizes.
 */
export function scaledSizes(deployment: Deployment, newSet: ReplicaSet | undefined, old: readonly ReplicaSet[]): Sizes {
  const only = activeOrLatest(newSet, old)
  if (only) return size(only, replicasOf(deployment))
  if (newSet && isSaturated(deployment, newSet)) return emptied(old)
  return isRolling(deployment) ? shared(deployment, [...old, ...(newSet ? [newSet] : [])].filter(isActiveSet)) : none
}

function activeOrLatest(newSet: ReplicaSet | undefined, old: readonly ReplicaSet[]): ReplicaSet | undefined {
  const active = [...old, ...(newSet ? [newSet] : [])].filter(isActiveSet)
  if (active.length > 1) return undefined
  return active[0] ?? newSet ?? old.toSorted(byCreation).at(-1)
}

const isSaturated = (deployment: Deployment, set: ReplicaSet): boolean =>
  [replicasOf(set), desiredReplicasOf(set), availableOf(set)].every((count) => count === replicasOf(deployment))

function shared(deployment: Deployment, active: readonly ReplicaSet[]): Sizes {
  const allowed = replicasOf(deployment) > 0 ? maxReplicas(deployment) : 0
  const toAdd = allowed - total(active, replicasOf)
  const age = toAdd > 0 ? (a: ReplicaSet, b: ReplicaSet) => byCreation(b, a) : byCreation
  const largestFirst = active.toSorted((a, b) => replicasOf(b) - replicasOf(a) || age(a, b) || compareText(a.metadata.name, b.metadata.name))
  const sizes = new Map<string, number>()
  let added = 0
  for (const set of largestFirst) {
    const share = shareOf(deployment, set, toAdd, added)
    added += share
    sizes.set(set.metadata.name, replicasOf(set) + share)
  }
  // What rounding has left goes to the largest.
  const first = largestFirst[0]?.metadata.name
  if (first !== undefined) sizes.set(first, Math.max(0, sizes.get(first)! + toAdd - added))
  return sizes
}

/** The set's part of the change, rounded, and never more than what is left of it. */
function shareOf(deployment: Deployment, set: ReplicaSet, toAdd: number, added: number): number {
  const left = toAdd - added
  if (replicasOf(set) === 0 || toAdd === 0 || left === 0) return 0
  const fraction = fractionOf(deployment, set)
  return toAdd > 0 ? Math.min(fraction, left) : Math.max(fraction, left)
}

function fractionOf(deployment: Deployment, set: ReplicaSet): number {
  const current = replicasOf(set)
  if (replicasOf(deployment) === 0) return -current
  const before = maxReplicasOf(set) || deployment.status?.replicas || 0
  return before === 0 ? 0 : Math.round((current * maxReplicas(deployment)) / before) - current
}
