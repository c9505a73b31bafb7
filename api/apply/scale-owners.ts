import type { ManagedFieldsEntry } from '../types/meta-v1/meta.ts'
import { difference, has, isEmpty, setOf, union } from './field-set.ts'
import type { FieldSet } from './field-set.ts'
import { identityOf, readOwners, withSet, writeOwners } from './owners.ts'
import type { Owner } from './owners.ts'

/*
 * The `scale` view has one field of its own, `spec.replicas`, which stands for a field of the object behind it. Its owners are
 * those of that field, and what happens to them there is brought back.
 */

const scaleVersion = 'autoscaling/v1'
const scaleReplicas = setOf(['f:spec', 'f:replicas'])

/** The way to the replicas in the object, `['f:spec', 'f:replicas']`; undefined for a version that is not served. */
export type ReplicasPath = (apiVersion: string) => readonly string[] | undefined

/** Who an owner is, whatever the version. */
const nameOf = ({ manager, operation, subresource }: Owner): string => JSON.stringify([manager, operation, subresource])

const renamed = (owner: Owner, apiVersion: string, set: FieldSet): Owner => ({ ...owner, id: identityOf({ ...owner, apiVersion }), apiVersion, set, entry: undefined })

/** The owners of the view. */
export function ownersOfScale(entries: readonly ManagedFieldsEntry[] | undefined, pathAt: ReplicasPath): ManagedFieldsEntry[] | undefined {
  const view = new Map<string, Owner>()
  for (const owner of readOwners(entries).values()) {
    const path = pathAt(owner.apiVersion)
    if (!path || !has(owner.set, path)) continue
    const shown = renamed(owner, scaleVersion, scaleReplicas)
    view.set(shown.id, shown)
  }
  return writeOwners(view)
}

/** The owners of the object after those of the view have become `scaled`. New ones are of `apiVersion`. */
export function ownersFromScale(entries: readonly ManagedFieldsEntry[] | undefined, scaled: readonly ManagedFieldsEntry[] | undefined, apiVersion: string, pathAt: ReplicasPath): ManagedFieldsEntry[] | undefined {
  const left = new Map([...readOwners(scaled).values()].filter(({ set }) => has(set, ['f:spec', 'f:replicas'])).map((owner) => [nameOf(owner), owner]))
  const owners = new Map<string, Owner>()
  for (const [id, owner] of readOwners(entries)) {
    const path = pathAt(owner.apiVersion)
    if (!path) continue
    const kept = !has(owner.set, path) || left.delete(nameOf(owner)) ? owner : withSet(owner, difference(owner.set, setOf(path)))
    if (!isEmpty(kept.set)) owners.set(id, kept)
  }
  for (const owner of left.values()) {
    const path = pathAt(apiVersion)
    if (!path) continue
    const made = renamed(owner, apiVersion, setOf(path))
    const there = owners.get(made.id)
    owners.set(made.id, there ? withSet(there, union(there.set, setOf(path))) : made)
  }
  return writeOwners(owners)
}
