import type { KubeObject } from '../../../api/object.ts'
import type { OwnerReference } from '../../../api/types/meta-v1/meta.ts'
import { foregroundFinalizer, orphanFinalizer } from './owner-graph.ts'

/**
 * How an owner stands: `there`; `gone` (or never was); `leaving` once its dependents have left; `unknown`, of a kind that
 * cannot be looked up, which is taken as there.
 */
export type OwnerState = 'there' | 'gone' | 'leaving' | 'unknown'

export type Collection =
  | { readonly type: 'none' }
  /** Some owners remain: only the references to the others go. */
  | { readonly type: 'disown'; readonly keep: readonly OwnerReference[] }
  | { readonly type: 'delete'; readonly propagation: 'Orphan' | 'Background' | 'Foreground'; readonly unblock: boolean }

export interface Item {
  readonly object: KubeObject
  readonly ownerState: (ref: OwnerReference) => OwnerState
  readonly hasDependents: boolean
  /** One of its dependents waits for its own dependents in turn: a circle, if this one waited too. */
  readonly hasWaitingDependent: boolean
}

/** What becomes of an object whose owners may have gone. */
export function planCollection({ object, ownerState, hasDependents, hasWaitingDependent }: Item): Collection {
  const refs = object.metadata.ownerReferences ?? []
  const by = (...states: OwnerState[]) => refs.filter((ref) => states.includes(ownerState(ref)))
  const keep = by('there', 'unknown')
  if (refs.length === 0 || keep.length === refs.length) return { type: 'none' }
  if (keep.length > 0) return { type: 'disown', keep }
  if (by('leaving').length > 0 && hasDependents) return { type: 'delete', propagation: 'Foreground', unblock: hasWaitingDependent }
  const finalizers = object.metadata.finalizers ?? []
  const propagation = finalizers.includes(orphanFinalizer) ? 'Orphan' : finalizers.includes(foregroundFinalizer) ? 'Foreground' : 'Background'
  return { type: 'delete', propagation, unblock: false }
}
