import type { Deployment, ReplicaSet } from '../../../api/types/apps-v1.ts'
import { maxReplicas, replicasOf } from './limits.ts'

export const revisionAnnotation = 'deployment.kubernetes.io/revision'
export const revisionHistoryAnnotation = 'deployment.kubernetes.io/revision-history'
export const desiredReplicasAnnotation = 'deployment.kubernetes.io/desired-replicas'
export const maxReplicasAnnotation = 'deployment.kubernetes.io/max-replicas'

/** Annotations of a Deployment that say something about it alone; all others (the change cause) go to its ReplicaSets. */
const notCopied = new Set([
  'kubectl.kubernetes.io/last-applied-configuration', revisionAnnotation, revisionHistoryAnnotation,
  desiredReplicasAnnotation, maxReplicasAnnotation, 'deprecated.deployment.rollback.to',
])
const longestHistory = 2000

type Annotations = Readonly<Record<string, string>>

const number = (text: string | undefined): number | undefined => (text !== undefined && /^-?\d+$/.test(text) ? Number(text) : undefined)

export const revisionOf = (set: ReplicaSet): number => number(set.metadata.annotations?.[revisionAnnotation]) ?? 0
export const desiredReplicasOf = (set: ReplicaSet): number | undefined => number(set.metadata.annotations?.[desiredReplicasAnnotation])
export const maxReplicasOf = (set: ReplicaSet): number | undefined => number(set.metadata.annotations?.[maxReplicasAnnotation])
export const nextRevision = (old: readonly ReplicaSet[]): number => Math.max(0, ...old.map(revisionOf)) + 1

/** The annotations that let a later sync see that the Deployment has been scaled since, and by how much. */
export const sizeAnnotations = (deployment: Deployment): Annotations => ({
  [desiredReplicasAnnotation]: String(replicasOf(deployment)), [maxReplicasAnnotation]: String(maxReplicas(deployment)),
})

/**
 * The annotations of the ReplicaSet that runs the current template. A set that comes back by a rollback gets a new
 * revision; the one it had goes into its history.
 */
export function newSetAnnotations(deployment: Deployment, set: ReplicaSet | undefined, revision: number): Annotations {
  const copied = Object.entries(deployment.metadata.annotations ?? {}).filter(([key]) => !notCopied.has(key))
  const annotations: Record<string, string> = { ...set?.metadata.annotations, ...Object.fromEntries(copied) }
  const old = annotations[revisionAnnotation]
  if ((number(old) ?? 0) >= revision) return annotations
  annotations[revisionAnnotation] = String(revision)
  if (old !== undefined) annotations[revisionHistoryAnnotation] = withRevision(annotations[revisionHistoryAnnotation], old)
  return annotations
}

/** Appends to the comma-separated history, forgetting its beginning when it grows too long. */
function withRevision(history: string | undefined, revision: string): string {
  const revisions = [...(history ? history.split(',') : []), revision]
  while (revisions.length > 1 && revisions.join(',').length > longestHistory) revisions.shift()
  return revisions.join(',')
}
