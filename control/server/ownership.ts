import { emptyObject } from '../../api/apply/empty-object.ts'
import { managedByUpdate } from '../../api/apply/managed-fields.ts'
import { readOwners } from '../../api/apply/owners.ts'
import { writableFields } from '../../api/apply/reset-fields.ts'
import { shapeOf } from '../../api/apply/shape.ts'
import type { Json } from '../../api/apply/typed.ts'
import type { Ownership, VersionView } from '../../api/apply/versions.ts'
import type { Kind } from '../../api/kinds/kind.ts'
import { apiVersionOf } from '../../api/kinds/kind.ts'
import type { KubeObject } from '../../api/object.ts'
import { decode } from '../../api/schema/decode.ts'
import type { ManagedFieldsEntry } from '../../api/types/meta-v1/meta.ts'
import { rfc3339 } from '../../host/clock.ts'
import type { AdmissionRequest } from './admission/admission.ts'
import { storedKind } from './kind-table.ts'
import type { Tools } from './tools.ts'

/** The manager of writes that the server makes for itself. */
export const ownManager = 'kube-apiserver'

/** What ownership must know of a kind that is written. */
export function ownershipOf(tools: Tools, kind: Kind, subresource: string): Ownership {
  return {
    apiVersion: apiVersionOf(kind), shape: shapeOf(kind.schema, kind.jsonOnly), subresource, writable: writableFields(kind, subresource),
    view: (apiVersion) => viewOf(tools, kind, apiVersion),
  }
}

/** The kind of the same storage that an `apiVersion` means. */
export function kindAt(tools: Tools, kind: Kind, apiVersion: string): Kind | undefined {
  if (apiVersion === apiVersionOf(kind)) return kind
  const slash = apiVersion.indexOf('/')
  const other = tools.kinds.byKind(slash < 0 ? '' : apiVersion.slice(0, slash), apiVersion.slice(slash + 1), kind.kind)
  return other && storedKind(other).storage === storedKind(kind).storage ? other : undefined
}

/**
 * How objects of `kind` look in another version. What only a webhook could convert is looked at as it is: fields that have the same place in both
 * versions are judged, others left alone. An object that cannot be converted (a pruned one may lack what conversion needs) is filled up first.
 */
function viewOf(tools: Tools, kind: Kind, apiVersion: string): VersionView | undefined {
  const other = kindAt(tools, kind, apiVersion)
  // A conversion webhook cannot be asked here; what is owned in other versions is then left as it is.
  if (!other || kind.storedAs?.ready) return undefined
  return { shape: shapeOf(other.schema, other.jsonOnly), to: (object) => converted(kind, other, object), from: (object) => converted(other, kind, object) }
}

function converted(from: Kind, to: Kind, value: Json): Json {
  if (from.storedAs?.toStoredLater || to.storedAs?.ready) return value
  const whole = (from.jsonOnly ? structuredClone(value) : decode(from.schema, value, 'Ignore').object) as KubeObject
  const stored = from.storedAs ? from.storedAs.toStored(whole) : whole
  return (to.storedAs ? to.storedAs.fromStored(stored) : stored) as unknown as Json
}

/** Notes in a new or changed object, already defaulted, who owns what after this write. `old` is absent for a creation. */
export function noteOwner(tools: Tools, kind: Kind, subresource: string, object: KubeObject, old: KubeObject | undefined, manager: string | undefined): void {
  const writer = { manager: manager ?? ownManager, now: rfc3339(tools.clock.now()) }
  setManagedFields(object, managedByUpdate(ownershipOf(tools, kind, subresource), old ?? emptyObject(kind), object, old === undefined, writer))
}

/** Puts the entries where they belong: at the end of the metadata. */
export function setManagedFields({ metadata }: KubeObject, entries: ManagedFieldsEntry[] | undefined): void {
  delete metadata.managedFields
  if (entries && entries.length > 0) metadata.managedFields = entries
}

/** After admission: what a plugin made of the entries must be readable, or the old ones come back and the user is told. */
export function checkManagedFields(object: KubeObject, before: ManagedFieldsEntry[] | undefined, request: AdmissionRequest): void {
  const after = object.metadata.managedFields
  if (after === before) return
  try {
    readOwners(after)
  } catch (error) {
    setManagedFields(object, before)
    request.warn?.(`.metadata.managedFields was in an invalid state after admission; this could be caused by an outdated mutating admission controller; please fix your requests: ${(error as Error).message}`)
  }
}

/** Who writes: as the query says, else the first word of the user agent. */
export function managerOf(query: URLSearchParams, headers: Readonly<Record<string, string>>): string {
  const asked = query.get('fieldManager')
  if (asked) return asked
  const agent = headers['user-agent']
  return agent === undefined ? '' : prefixOf(agent)
}

const maxManagerBytes = 128

function prefixOf(agent: string): string {
  const slash = agent.indexOf('/')
  const name = slash < 0 ? agent : agent.slice(0, slash)
  if (name.length <= maxManagerBytes && /^[\x20-\x7e]*$/.test(name)) return name
  let out = ''
  for (const char of name) {
    if (!printable.test(char)) continue
    if (Buffer.byteLength(out + char) > maxManagerBytes) break
    out += char
  }
  return out
}

/** What Go's `unicode.IsPrint` accepts. */
export const printable = /^[\p{L}\p{M}\p{N}\p{P}\p{S} ]$/u
