import type { ManagedFieldsEntry } from '../types/meta-v1/meta.ts'
import { isEmpty, noFields } from './field-set.ts'
import type { FieldSet } from './field-set.ts'
import { interned } from './intern.ts'
import { readFields } from './read-fields.ts'

export type Operation = 'Apply' | 'Update'

/** Who owns what: an entry of `managedFields`, read. */
export interface Owner {
  /** `identityOf` this owner. */
  readonly id: string
  readonly manager: string
  readonly operation: Operation
  readonly apiVersion: string
  readonly subresource: string
  /** RFC 3339; absent when nobody said when. */
  readonly time: string | undefined
  readonly set: FieldSet
  /** The entry this was read from, as long as it says the same. */
  readonly entry?: ManagedFieldsEntry | undefined
}

/** The owners of an object by their identity. */
export type Owners = ReadonlyMap<string, Owner>

/**
 * What makes an owner another one: name, operation and subresource; for updates the version too. The text is the JSON by
 * which the original sorts them.
 */
export function identityOf({ manager, operation, apiVersion, subresource }: Pick<Owner, 'manager' | 'operation' | 'apiVersion' | 'subresource'>): string {
  return JSON.stringify({
    ...(manager && { manager }), operation, ...(operation === 'Update' && apiVersion && { apiVersion }), ...(subresource && { subresource }),
  })
}

/** Sets of entries that were read before; the entries of stored objects are frozen and read once. */
const readEntries = new WeakMap<ManagedFieldsEntry, Owner>()

/** Reads `managedFields`. Throws an `Error` that says what is wrong with them. */
export function readOwners(entries: readonly ManagedFieldsEntry[] | undefined): Map<string, Owner> {
  const owners = new Map<string, Owner>()
  for (const [i, entry] of (entries ?? []).entries()) {
    let owner = readEntries.get(entry)
    if (!owner) {
      owner = readEntry(entry, i)
      if (Object.isFrozen(entry)) readEntries.set(entry, owner)
    }
    owners.set(owner.id, owner)
  }
  return owners
}

function readEntry(entry: ManagedFieldsEntry, index: number): Owner {
  const { manager = '', operation, apiVersion = '', subresource = '', time, fieldsType = '', fieldsV1 } = entry
  if (operation !== 'Apply' && operation !== 'Update') throw new Error('operation must be `Apply` or `Update`')
  if (apiVersion === '') throw new Error('apiVersion must not be empty')
  if (fieldsType === '') throw new Error(`missing fieldsType in managed fields entry ${index}`)
  if (fieldsType !== 'FieldsV1') throw new Error(`invalid fieldsType ${JSON.stringify(fieldsType)} in managed fields entry ${index}`)
  const set = fieldsV1 === undefined ? noFields : readFields(fieldsV1)
  const who = { manager, operation: operation as Operation, apiVersion, subresource }
  return { id: identityOf(who), ...who, time, set, entry }
}

/** The same owner with another set. */
export const withSet = (owner: Owner, set: FieldSet): Owner => (set === owner.set ? owner : { ...owner, set, entry: undefined })

/** Writes `managedFields` in the order of the original: appliers first, then by time, name, version and subresource. */
export function writeOwners(owners: Owners): ManagedFieldsEntry[] | undefined {
  if (owners.size === 0) return undefined
  return [...owners.values()].sort(compareOwners).map((owner) => owner.entry ?? entryOf(owner))
}

function entryOf({ manager, operation, apiVersion, subresource, time, set }: Owner): ManagedFieldsEntry {
  return {
    ...(manager && { manager }), operation, apiVersion, ...(time && { time }), fieldsType: 'FieldsV1', fieldsV1: interned(set) as Record<string, unknown>,
    ...(subresource && { subresource }),
  }
}

function compareOwners(a: Owner, b: Owner): number {
  return compareText(a.operation, b.operation) || compareText(a.time ?? '', b.time ?? '') || compareText(a.manager, b.manager)
    || compareText(a.apiVersion, b.apiVersion) || compareText(a.subresource, b.subresource)
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)

/** Takes out who owns nothing. */
export function dropEmpty(owners: Map<string, Owner>): void {
  for (const [id, owner] of owners) if (isEmpty(owner.set)) owners.delete(id)
}
