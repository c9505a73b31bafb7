import type { KubeObject } from '../object.ts'
import { jsonEqual } from '../patch/json-value.ts'
import type { ManagedFieldsEntry } from '../types/meta-v1/meta.ts'
import { capOwners } from './cap-owners.ts'
import { difference, isEmpty, setOf, union } from './field-set.ts'
import { identityOf, readOwners, writeOwners } from './owners.ts'
import type { Operation, Owner, Owners } from './owners.ts'
import { ItemError } from './typed.ts'
import type { Json } from './typed.ts'
import { nobody, updateOwners } from './update-owners.ts'
import type { Ownership } from './versions.ts'

/** Who writes, and when (RFC 3339). */
export interface Writer {
  readonly manager: string
  readonly now: string
}

/** What belongs to the server: nobody owns it. */
export const bookkeeping = setOf(
  ['f:apiVersion'], ['f:kind'], ['f:metadata'],
  ...['name', 'namespace', 'creationTimestamp', 'selfLink', 'uid', 'clusterName', 'generation', 'managedFields', 'resourceVersion'].map((name) => ['f:metadata', `f:${name}`]),
)

/** The owner that a write makes. */
export function ownerOf({ apiVersion, subresource }: Ownership, operation: Operation, { manager, now }: Writer): Omit<Owner, 'set'> {
  const who = { manager: manager || 'unknown', operation, apiVersion, subresource }
  return { id: identityOf(who), ...who, time: now }
}

/**
 * The `managedFields` of an object that is about to be written by anything but an apply. `live` is the object there is, or an empty one of the kind for
 * a creation (`created`). What the object says of its owners counts when it can be read, save through a subresource. Items of lists that cannot be told apart
 * leave the owners as they are: only an apply fails for them.
 */
export function managedByUpdate(ownership: Ownership, live: KubeObject, object: KubeObject, created: boolean, writer: Writer): ManagedFieldsEntry[] | undefined {
  const owners = claimedOwners(live, object, ownership.subresource !== '')
  // Whose owners nobody has kept so far has none until somebody applies.
  if (owners.size === 0 && !created) return undefined
  return sameAs(live.metadata.managedFields, writeOwners(ownersAfter(ownership, live, object, owners, writer)))
}

function ownersAfter(ownership: Ownership, live: KubeObject, object: KubeObject, owners: Owners, writer: Writer): Owners {
  const self = ownerOf(ownership, 'Update', writer)
  try {
    const { owners: next, written } = updateOwners(ownership, live as unknown as Json, object as unknown as Json, owners, self.id)
    addOwner(next, self, difference(written, bookkeeping))
    capOwners(next)
    return next
  } catch (error) {
    if (error instanceof ItemError) return owners
    throw error
  }
}

/** The one who updates gets what it wrote, beside what it had. */
export function addOwner(owners: Map<string, Owner>, owner: Omit<Owner, 'set'>, written: Owner['set']): void {
  if (isEmpty(written)) return
  const before = owners.get(owner.id)
  owners.set(owner.id, { ...owner, set: before ? union(before.set, written) : written })
}

function claimedOwners(live: KubeObject, object: KubeObject, subresource: boolean): Owners {
  const claimed = object.metadata.managedFields
  const there = live.metadata.managedFields
  if (subresource || claimed === undefined || claimed === there) return readable(there)
  if (isReset(claimed)) return nobody
  try {
    // Mostly a client sends back what it got; what is there already was read before.
    const owners = readOwners(claimed.map((entry, i) => (jsonEqual(entry, there?.[i]) ? there![i]! : entry)))
    if (owners.size > 0) return owners
  } catch {
    // A list that cannot be read is as good as none.
  }
  return readable(there)
}

function readable(entries: readonly ManagedFieldsEntry[] | undefined): Owners {
  try {
    return readOwners(entries)
  } catch {
    return nobody
  }
}

/** `[]` or `[{}]`: all is to be forgotten. */
export const isReset = (entries: readonly ManagedFieldsEntry[]): boolean =>
  entries.length === 0 || (entries.length === 1 && Object.values(entries[0]!).every((value) => value === undefined || value === ''))

/** The list there is, when the new one holds the very same entries. */
function sameAs(before: ManagedFieldsEntry[] | undefined, after: ManagedFieldsEntry[] | undefined): ManagedFieldsEntry[] | undefined {
  return before && after && before.length === after.length && before.every((entry, i) => entry === after[i]) ? before : after
}
