import { compare } from './compare.ts'
import type { Comparison } from './compare.ts'
import { conflictsOf, Conflicts } from './conflicts.ts'
import { difference, intersection, isEmpty, union } from './field-set.ts'
import type { FieldSet } from './field-set.ts'
import { dropEmpty, withSet } from './owners.ts'
import type { Owner, Owners } from './owners.ts'
import { reconcileSet } from './reconcile.ts'
import type { Writable } from './reset-fields.ts'
import type { Json } from './typed.ts'
import type { Ownership } from './versions.ts'

export interface Handover {
  readonly owners: Map<string, Owner>
  /** What changed, as the version of the request sees it. */
  readonly comparison: Comparison
}

/**
 * Takes from all others what changed: they no longer own what the writer changed, nor what is gone. `self` is left alone. Throws
 * `Conflicts` when the writer may not take and something would be.
 */
export function handOver(ownership: Ownership, before: Json, after: Json, owners: Owners, self: string, force: boolean): Handover {
  const byVersion = new Map<string, Comparison>([[ownership.apiVersion, filtered(compare(ownership.shape, before, after), ownership.writable)]])
  const next = new Map(owners)
  const conflicts: Conflicts['conflicts'][number][] = []
  for (const [id, owner] of owners) {
    if (id === self) continue
    const changed = comparisonAt(ownership, owner.apiVersion, before, after, byVersion)
    if (!changed) {
      next.delete(id)
      continue
    }
    const taken = intersection(owner.set, union(changed.modified, changed.added))
    if (!force && !isEmpty(taken)) conflicts.push(...conflictsOf(owner, taken))
    next.set(id, withSet(owner, difference(difference(owner.set, taken), changed.removed)))
  }
  if (conflicts.length > 0) throw new Conflicts(conflicts)
  dropEmpty(next)
  return { owners: next, comparison: byVersion.get(ownership.apiVersion)! }
}

function comparisonAt(ownership: Ownership, apiVersion: string, before: Json, after: Json, known: Map<string, Comparison>): Comparison | undefined {
  const there = known.get(apiVersion)
  if (there) return there
  const view = ownership.view(apiVersion)
  if (!view) return undefined
  const made = filtered(compare(view.shape, view.to(before), view.to(after)), ownership.writable)
  known.set(apiVersion, made)
  return made
}

const filtered = ({ added, modified, removed }: Comparison, writable: Writable): Comparison =>
  ({ added: writable(added), modified: writable(modified), removed: writable(removed) })

/** The owners after a write that was no apply, and what the writer itself wrote; it is not added to what it (`self`) owned. */
export function updateOwners(ownership: Ownership, before: Json, after: Json, owners: Owners, self: string): { owners: Map<string, Owner>; written: FieldSet } {
  const { owners: next, comparison } = handOver(ownership, before, after, reconciled(ownership, owners), self, true)
  const mine = next.get(self)
  // What is gone the writer no longer owns either; what it changed it keeps.
  if (mine) next.set(self, withSet(mine, difference(mine.set, comparison.removed)))
  return { owners: next, written: union(comparison.modified, comparison.added) }
}

/** Entries of versions that are gone are left out; sets follow a type that has become atomic. */
export function reconciled(ownership: Ownership, owners: Owners): Owners {
  let out: Map<string, Owner> | undefined
  for (const [id, owner] of owners) {
    const shape = owner.apiVersion === ownership.apiVersion ? ownership.shape : ownership.view(owner.apiVersion)?.shape
    const set = shape && reconcileSet(shape, owner.set)
    if (set === owner.set) continue
    out ??= new Map(owners)
    if (set) out.set(id, withSet(owner, set))
    else out.delete(id)
  }
  return out ?? owners
}

export const nobody: Owners = new Map()
