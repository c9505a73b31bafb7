import type { KubeObject } from '../object.ts'
import { jsonEqual } from '../patch/json-value.ts'
import type { ManagedFieldsEntry } from '../types/meta-v1/meta.ts'

/**
 * The time of an entry moves with the object only: when nothing else changed, the old times come back, and the write
 * is none. In place.
 */
export function settleTimes(object: KubeObject, old: KubeObject): void {
  const before = old.metadata.managedFields, after = object.metadata.managedFields
  if (before === after || !before?.length || !after || before.length !== after.length) return
  if (!after.every((entry, i) => entry === before[i] || sameButTime(entry, before[i]!))) return
  if (sameElse(object, old)) object.metadata.managedFields = before
}

const sameButTime = (a: ManagedFieldsEntry, b: ManagedFieldsEntry): boolean =>
  a.manager === b.manager && a.operation === b.operation && a.apiVersion === b.apiVersion && a.subresource === b.subresource && jsonEqual(a.fieldsV1, b.fieldsV1)

function sameElse(a: KubeObject, b: KubeObject): boolean {
  const { metadata: one, ...restOfOne } = a
  const { metadata: other, ...restOfOther } = b
  const { managedFields: _, ...mine } = one
  const { managedFields: __, ...theirs } = other
  return jsonEqual(mine, theirs) && jsonEqual(restOfOne, restOfOther)
}
