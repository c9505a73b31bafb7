import { conflict } from '../../../api/errors.ts'
import type { Kind } from '../../../api/kinds/kind.ts'
import type { KubeObject } from '../../../api/object.ts'
import type { Namespace } from '../../../api/types/core-v1/namespace.ts'
import type { ObjectMeta } from '../../../api/types/meta-v1/meta.ts'
import { rfc3339 } from '../../../host/clock.ts'

/** What a client may ask of a deletion. */
export interface DeletionOptions {
  readonly gracePeriodSeconds?: number | undefined
  readonly propagation?: 'Orphan' | 'Background' | 'Foreground' | undefined
  readonly uid?: string | undefined
  readonly resourceVersion?: string | undefined
}

/** `keep`: it is on its way already. `mark`: the object stays, as `object`, until others let go of it. `remove`: gone at once. */
export type Deletion =
  | { readonly action: 'keep' }
  | { readonly action: 'mark'; readonly object: KubeObject }
  | { readonly action: 'remove' }

const orphan = 'orphan'
const foreground = 'foregroundDeletion'
/** What these own is left alone unless the client says otherwise, for the sake of the oldest clients. */
const orphaning = new Set(['/replicationcontrollers'])

/** Decides what a deletion does to an object at `now` (milliseconds). Throws 409 when a precondition fails. */
export function planDeletion(kind: Kind, object: KubeObject, options: DeletionOptions, now: number): Deletion {
  checkPreconditions(kind, object, options)
  const { metadata } = object
  if (isHeldNamespace(kind, object)) return planNamespace(kind, object, options, now)
  if (kind.markForDeletion && !metadata.deletionTimestamp) return planHeld(kind, kind.markForDeletion(object, rfc3339(now)), options, now)
  const asked = options.gracePeriodSeconds === undefined ? undefined : options.gracePeriodSeconds < 0 ? 1 : options.gracePeriodSeconds
  const finalizers = finalizersFor(kind, metadata, options)
  if (metadata.deletionTimestamp) {
    if (metadata.deletionGracePeriodSeconds) return shorten(object, metadata.deletionGracePeriodSeconds, asked, finalizers, now)
    return finalizers.length > 0 ? pending(object, finalizers, now) : { action: 'remove' }
  }
  const grace = kind.gracePeriod?.(object, asked) ?? 0
  if (grace > 0) return mark(object, { ...metadata, ...raised(metadata), ...listed(finalizers), deletionTimestamp: rfc3339(now + grace * 1000), deletionGracePeriodSeconds: grace })
  return finalizers.length > 0 ? pending(object, finalizers, now) : { action: 'remove' }
}

const isHeldNamespace = (kind: Kind, object: KubeObject): boolean =>
  kind.group === '' && kind.resource === 'namespaces' && ((object as Namespace).spec?.finalizers ?? []).length > 0

/** A namespace stays, `Terminating`, until its controller has emptied it and taken the finalizer out of `spec`. */
function planNamespace(kind: Kind, object: KubeObject, options: DeletionOptions, now: number): Deletion {
  const { metadata } = object
  if (metadata.deletionTimestamp) return { action: 'keep' }
  const marked = { ...metadata, ...raised(metadata), ...listed(finalizersFor(kind, metadata, options)), deletionTimestamp: rfc3339(now) }
  return { action: 'mark', object: { ...object, metadata: marked, status: { ...(object as Namespace).status, phase: 'Terminating' } } as Namespace }
}

/** Objects that hold themselves until the server is done with them. */
function planHeld(kind: Kind, marked: KubeObject, options: DeletionOptions, now: number): Deletion {
  return pending(marked, finalizersFor(kind, marked.metadata, options), now)
}

function checkPreconditions(kind: Kind, { metadata }: KubeObject, { uid, resourceVersion }: DeletionOptions): void {
  const of = { group: kind.group, resource: kind.kind }
  if (uid !== undefined && uid !== metadata.uid) {
    throw conflict(of, metadata.name, `the UID in the precondition (${uid}) does not match the UID in record (${metadata.uid}). The object might have been deleted and then recreated`)
  }
  if (resourceVersion !== undefined && resourceVersion !== metadata.resourceVersion) {
    throw conflict(of, metadata.name, `the ResourceVersion in the precondition (${resourceVersion}) does not match the ResourceVersion in record (${metadata.resourceVersion}). The object might have been modified`)
  }
}

/** The grace period of an object that is being deleted can only become shorter. */
function shorten(object: KubeObject, granted: number, asked: number | undefined, finalizers: readonly string[], now: number): Deletion {
  if (asked === undefined || asked >= granted) return { action: 'keep' }
  const { metadata } = object
  if (asked === 0) return finalizers.length > 0 ? pending(object, finalizers, now) : { action: 'remove' }
  const due = Date.parse(metadata.deletionTimestamp!) - granted * 1000 + asked * 1000
  // The shorter period is over already: the least that still lets the node's agent see the change.
  const late = due < now
  return mark(object, { ...metadata, ...listed(finalizers), deletionTimestamp: rfc3339(late ? now : due), deletionGracePeriodSeconds: late ? 1 : asked })
}

/** The object stays until the last finalizer is gone. Nothing to write when it says so already. */
function pending(object: KubeObject, finalizers: readonly string[], now: number): Deletion {
  const { metadata } = object
  const due = metadata.deletionTimestamp && Date.parse(metadata.deletionTimestamp) <= now ? metadata.deletionTimestamp : rfc3339(now)
  const same = due === metadata.deletionTimestamp && metadata.deletionGracePeriodSeconds === 0 && sameSet(finalizers, metadata.finalizers ?? [])
  if (same) return { action: 'keep' }
  return mark(object, { ...metadata, ...raised(metadata), finalizers: [...finalizers], deletionTimestamp: due, deletionGracePeriodSeconds: 0 })
}

const mark = (object: KubeObject, metadata: ObjectMeta): Deletion => ({ action: 'mark', object: { ...object, metadata } })
const listed = (finalizers: readonly string[]): Partial<ObjectMeta> => (finalizers.length > 0 ? { finalizers: [...finalizers] } : {})
const raised = (metadata: ObjectMeta): Partial<ObjectMeta> => (metadata.generation && !metadata.deletionTimestamp ? { generation: metadata.generation + 1 } : {})
const sameSet = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((item) => b.includes(item))

/** The object's finalizers with those of the garbage collector set as the client (else the object, else the kind) wants it. */
function finalizersFor(kind: Kind, metadata: ObjectMeta, { propagation }: DeletionOptions): string[] {
  const there = metadata.finalizers ?? []
  if (kind.ephemeral) return [...there]
  const wanted =
    propagation ? { Orphan: orphan, Foreground: foreground, Background: undefined }[propagation] :
    there.includes(orphan) ? orphan :
    there.includes(foreground) ? foreground :
    orphaning.has(`${kind.group}/${kind.resource}`) ? orphan : undefined
  const others = there.filter((finalizer) => finalizer !== orphan && finalizer !== foreground)
  return wanted ? [...others, wanted] : others
}
