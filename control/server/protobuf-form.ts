import type { Kind } from '../../api/kinds/kind.ts'
import { apiVersionOf } from '../../api/kinds/kind.ts'
import { builtinKinds } from '../../api/kinds/registry.ts'
import { encodeMessage, envelopeHead, envelopeTail, fieldHead, sealEnvelope } from '../../api/protobuf/encode.ts'
import type { StructSchema } from '../../api/schema/schema.ts'
import { TokenRequest } from '../../api/types/authentication-v1.ts'
import { Scale } from '../../api/types/autoscaling-v1.ts'
import { APIGroup, APIGroupList, APIResourceList, APIVersions } from '../../api/types/meta-v1/discovery.ts'
import { ListMeta } from '../../api/types/meta-v1/meta.ts'
import { Status } from '../../api/types/meta-v1/status.ts'
import { PartialObjectMetadata } from '../../api/types/meta-v1/table.ts'
import { Eviction } from '../../api/types/policy-v1.ts'

/** Types that answers have beside the kinds. */
const others: readonly (readonly [string, StructSchema])[] = [
  ['v1/Status', Status], ['v1/APIVersions', APIVersions], ['v1/APIGroup', APIGroup], ['v1/APIGroupList', APIGroupList], ['v1/APIResourceList', APIResourceList],
  ['meta.k8s.io/v1/PartialObjectMetadata', PartialObjectMetadata], ['meta.k8s.io/v1beta1/PartialObjectMetadata', PartialObjectMetadata],
  ['autoscaling/v1/Scale', Scale], ['policy/v1/Eviction', Eviction], ['authentication.k8s.io/v1/TokenRequest', TokenRequest],
]
let table: ReadonlyMap<string, StructSchema> | undefined

function schemaOf(apiVersion: string, kind: string): StructSchema | undefined {
  table ??= new Map([...others, ...builtinKinds.map((builtin) => [`${apiVersionOf(builtin)}/${builtin.kind}`, builtin.schema] as const)])
  return table.get(`${apiVersion}/${kind}`)
}

interface Typed { readonly apiVersion?: string; readonly kind?: string; readonly metadata?: object; readonly items?: readonly object[] }

/** Any answer as a protobuf body; undefined where the original has no such form (tables, custom resources, OpenAPI). */
export function protobufForm(value: unknown): Uint8Array | undefined {
  // The document of the core group says no version of its own.
  const { apiVersion = 'v1', kind = '', metadata, items } = (value ?? {}) as Typed
  const schema = schemaOf(apiVersion, kind)
  if (schema) return sealEnvelope(apiVersion, kind, encodeMessage(schema, value as object))
  const ofItems = kind.endsWith('List') ? schemaOf(apiVersion, kind.slice(0, -4)) : undefined
  if (!ofItems || !items) return undefined
  return Buffer.concat([...protobufList(apiVersion, kind, metadata ?? {}, items.map((item) => encodeMessage(ofItems, item)))])
}

const made = new WeakMap<object, Uint8Array>()

/** The message of a stored (frozen) object, made once. */
export function protobufMessage(kind: Kind, object: object): Uint8Array {
  const known = made.get(object)
  if (known) return known
  const bytes = encodeMessage(kind.schema, object)
  made.set(object, bytes)
  return bytes
}

/** A list in its envelope, in pieces: nothing of the items is copied. */
export function protobufList(apiVersion: string, kind: string, metadata: object, items: readonly Uint8Array[]): Uint8Array[] {
  const meta = encodeMessage(ListMeta, metadata)
  const pieces: Uint8Array[] = [fieldHead(1, meta.length), meta]
  for (const item of items) pieces.push(fieldHead(2, item.length), item)
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0)
  return [envelopeHead(apiVersion, kind, length), ...pieces, envelopeTail]
}
