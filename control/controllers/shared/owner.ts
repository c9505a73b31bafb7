import type { KubeObject } from '../../../api/object.ts'
import type { Kind } from '../../../api/kinds/kind.ts'
import { apiVersionOf } from '../../../api/kinds/kind.ts'
import type { ObjectMeta, OwnerReference } from '../../../api/types/meta-v1/meta.ts'

interface HasMeta { readonly metadata: ObjectMeta }

/** The owner that manages the object; there is at most one. */
export const controllerOf = (object: HasMeta): OwnerReference | undefined => object.metadata.ownerReferences?.find((ref) => ref.controller === true)

export const isControlledBy = (object: HasMeta, owner: HasMeta): boolean => controllerOf(object)?.uid === owner.metadata.uid

/** The reference a controller writes into what it makes; `blockOwnerDeletion` lets foreground deletion wait for it. */
export const controllerRef = (kind: Kind, owner: KubeObject): OwnerReference => ({
  apiVersion: apiVersionOf(kind), kind: kind.kind, name: owner.metadata.name, uid: owner.metadata.uid ?? '', controller: true, blockOwnerDeletion: true,
})

/** Whether `ref` names an object of `kind`; the version does not matter, groups never share kinds by accident. */
export function refersTo(ref: OwnerReference, kind: Kind): boolean {
  const slash = ref.apiVersion.indexOf('/')
  return ref.kind === kind.kind && (slash < 0 ? '' : ref.apiVersion.slice(0, slash)) === kind.group
}

/** Oldest first; equal ages by name, so that every run takes the same order. */
export function byCreation(a: HasMeta, b: HasMeta): number {
  const [first, second] = [createdAt(a), createdAt(b)]
  return first === second ? compareText(a.metadata.name, b.metadata.name) : first - second
}

/** Milliseconds since the epoch; 0 when the server has not set it yet. */
export const createdAt = (object: HasMeta): number => timeOf(object.metadata.creationTimestamp)
export const timeOf = (text: string | undefined): number => (text ? Date.parse(text) || 0 : 0)
/** By code unit: the order of Go's `<`, whatever the locale. */
export const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
