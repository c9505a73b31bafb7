import { badRequest } from '../../api/errors.ts'
import type { Kind } from '../../api/kinds/kind.ts'
import { apiVersionOf } from '../../api/kinds/kind.ts'
import type { FieldValidation } from '../../api/schema/decode.ts'
import { decode } from '../../api/schema/decode.ts'
import { decodeMessage, openEnvelope, protobufMediaType } from '../../api/protobuf/decode.ts'
import { ProtobufError } from '../../api/protobuf/reader.ts'
import { parseBody } from '../../api/schema/json.ts'
import type { StructSchema } from '../../api/schema/schema.ts'
import { duplicateYamlKey, parseYaml } from '../../api/yaml.ts'
import type { RequestContext } from './context.ts'
import { warn } from './context.ts'
import { mediaType } from './media-type.ts'

/** What a body is to be: the kind of the resource, or that of a subresource (`Scale`, `Binding`, …). */
export interface Expected {
  readonly apiVersion: string
  readonly kind: string
  readonly schema: StructSchema
  /** A kind's own way, see `Kind.decode`. */
  readonly decode?: Kind['decode']
}

export const expectedOf = (kind: Kind): Expected => ({ apiVersion: apiVersionOf(kind), kind: kind.kind, schema: kind.schema, ...(kind.decode && { decode: kind.decode }) })

/** The parsed body, and what text there is of it: fields that occur twice show only there. */
export interface Parsed { readonly value: unknown; readonly text?: string; readonly yaml?: string }

/** The body as a JSON value. 400 when it is not what its content type says: JSON, YAML or protobuf. */
export function parsedBody(context: RequestContext, { kind, schema }: Pick<Expected, 'kind' | 'schema'>): Parsed {
  const { body, headers } = context.request
  if (body?.kind === 'value') return { value: body.value }
  const bytes = Buffer.from(body?.bytes ?? [])
  const type = mediaType(headers['content-type'])
  if (type === protobufMediaType) return { value: fromProtobuf(bytes, kind, schema) }
  const text = bytes.toString()
  if (type.endsWith('yaml')) return { value: parseYaml(text), yaml: text }
  return { value: parseBody(text, kind), text }
}

/** A protobuf body says its type in the envelope; only a message of the expected kind can be read. */
function fromProtobuf(bytes: Buffer, kind: string, schema: StructSchema): unknown {
  try {
    const envelope = openEnvelope(bytes)
    const readable = envelope.kind === kind || envelope.kind === ''
    return { apiVersion: envelope.apiVersion, kind: envelope.kind, ...(readable && decodeMessage(schema, envelope.raw)) }
  } catch (error) {
    if (error instanceof ProtobufError) throw badRequest(`the object provided is unrecognized (must be of type ${kind}): ${error.message}`)
    throw error
  }
}

/**
 * The body as a fresh object of the expected type. `apiVersion` and `kind` may be left out; others than expected, wrong
 * types and (with `Strict`) unknown fields are 400 in the original's words.
 */
export function readObject(context: RequestContext, expected: Expected, mode: FieldValidation): any {
  return decodeObject(context, expected, parsedBody(context, expected), mode)
}

export function decodeObject(context: RequestContext, expected: Expected, { value, text, yaml }: Parsed, mode: FieldValidation): any {
  const { apiVersion, kind } = typeOf(value, expected)
  if (kind !== expected.kind) throw badRequest(cannotBe(apiVersion, kind, expected))
  if (apiVersion !== expected.apiVersion) throw badRequest(`the API version in the data (${apiVersion}) does not match the expected API version (${expected.apiVersion})`)
  const noticed = yaml !== undefined && mode !== 'Ignore' ? duplicatesIn(yaml) : []
  const { object, warnings } = expected.decode ? expected.decode(value, mode, text, noticed) : decode(expected.schema, value, mode, { text, noticed })
  for (const sentence of warnings) warn(context, sentence)
  object.apiVersion = expected.apiVersion
  object.kind = expected.kind
  // An empty list falls away in decoding; here it means that all owners are to be forgotten.
  const claimed = (value as { metadata?: { managedFields?: unknown } }).metadata?.managedFields
  if (Array.isArray(claimed) && claimed.length === 0 && object.metadata) object.metadata.managedFields = []
  return object
}

function duplicatesIn(yaml: string): string[] {
  const duplicate = duplicateYamlKey(yaml)
  return duplicate === undefined ? [] : [duplicate]
}

function typeOf(value: unknown, expected: Expected): { apiVersion: string; kind: string } {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) {
    const type = value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value
    throw badRequest(`the object provided is unrecognized (must be of type ${expected.kind}): couldn't get version/kind; json parse error: json: cannot unmarshal ${type} into Go value of type struct { APIVersion string "json:\\"apiVersion,omitempty\\""; Kind string "json:\\"kind,omitempty\\"" }`)
  }
  const { apiVersion, kind } = value as { apiVersion?: unknown; kind?: unknown }
  return { apiVersion: typeof apiVersion === 'string' && apiVersion ? apiVersion : expected.apiVersion, kind: typeof kind === 'string' && kind ? kind : expected.kind }
}

const cannotBe = (apiVersion: string, kind: string, expected: Expected): string => {
  const version = apiVersion.slice(apiVersion.indexOf('/') + 1)
  return `${kind} in version ${JSON.stringify(version)} cannot be handled as a ${expected.kind}: no kind ${JSON.stringify(kind)} is registered for version ${JSON.stringify(apiVersion)} as ${JSON.stringify(expected.apiVersion)} ${expected.kind}`
}
