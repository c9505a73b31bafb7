import type { KubeObject } from '../object.ts'
import { jsonEqual } from '../patch/json-value.ts'
import type { ManagedFieldsEntry } from '../types/meta-v1/meta.ts'

/**
 * Whether a write changes nothing but the times of `managedFields`. Then the old times come back (in place), and the write is
 * none: the time of an entry moves with the object only.
 */
export function settlesUnchanged(object: KubeObject, old: KubeObject): boolean {
  const before = old.metadata.managedFields, after = object.metadata.managedFields
  if (before !== after && !sameOwners(before ?? [], after ?? [])) return false
  if (!sameElse(object, old)) return false
  if (before) object.metadata.managedFields = before
  return true
}

const sameOwners = (before: readonly ManagedFieldsEntry[], after: readonly ManagedFieldsEntry[]): boolean =>
  before.length === after.length && after.every((entry, i) => entry === before[i] || sameButTime(entry, before[i]!))

const sameButTime = (a: ManagedFieldsEntry, b: ManagedFieldsEntry): boolean =>
  a.manager === b.manager && a.operation === b.operation && a.apiVersion === b.apiVersion && a.subresource === b.subresource && jsonEqual(a.fieldsV1, b.fieldsV1)

/** The last parts first: it is mostly the status that differs. */
function sameElse(a: KubeObject, b: KubeObject): boolean {
  const keys = Object.keys(a)
  if (keys.length !== Object.keys(b).length) return false
  for (let i = keys.length - 1; i >= 0; i--) {
    const key = keys[i] as keyof KubeObject
    if (!Object.hasOwn(b, key) || (key !== 'metadata' && !jsonEqual(a[key], b[key]))) return false
  }
  const { managedFields: _, ...mine } = a.metadata
  const { managedFields: __, ...theirs } = b.metadata
  return jsonEqual(mine, theirs)
}
