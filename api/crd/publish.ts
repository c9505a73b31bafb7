import { setKey } from '../schema/set-key.ts'
import type { JSONSchemaProps } from '../types/apiextensions-v1/json-schema.ts'
import { additionalOf, itemsOf } from './json-schema.ts'

/*
 * A version's schema as OpenAPI publishes it. Version 3 takes it nearly as it is; version 2 cannot say all of it, and old clients
 * refuse objects by it, so what it cannot say is left out.
 */

type Json = Record<string, unknown>

interface Dialect {
  readonly v2: boolean
  readonly refPrefix: string
}

const dialects = {
  v2: { v2: true, refPrefix: '#/definitions/' },
  v3: { v2: false, refPrefix: '#/components/schemas/' },
} as const satisfies Record<string, Dialect>

const objectMeta = 'io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta'

export interface Published {
  readonly v2: object
  readonly v3: object
}

/** Both forms. `keepUnknown`: the whole object may have fields that nobody declared. */
export const publishedSchemas = (schema: JSONSchemaProps | undefined, keepUnknown: boolean): Published => ({
  v2: root(schema, keepUnknown, dialects.v2), v3: root(schema, keepUnknown, dialects.v3),
})

function root(schema: JSONSchemaProps | undefined, keepUnknown: boolean, dialect: Dialect): Json {
  if (!schema || (dialect.v2 && (keepUnknown || schema['x-kubernetes-preserve-unknown-fields']))) return { type: 'object' }
  const written = write(schema, dialect)
  return { ...written, properties: { ...resourceFields(dialect), ...without(written['properties'] as Json | undefined) } }
}

const text = (description: string): Json => ({ type: 'string', description })

/** What every object has. */
function resourceFields({ v2, refPrefix }: Dialect): Json {
  const reference = { $ref: refPrefix + objectMeta }
  return {
    apiVersion: text('The group and version that this representation of the object has.'), kind: text('The name of the type, in CamelCase.'),
    metadata: v2 ? { ...reference, description: 'The metadata of every object.' } : { allOf: [reference], description: 'The metadata of every object.' },
  }
}

function without(properties: Json = {}): Json {
  const { apiVersion: _, kind: __, metadata: ___, ...rest } = properties
  return rest
}

/** Words that mean the same in both. */
const plainWords = [
  'description', 'format', 'title', 'maximum', 'exclusiveMaximum', 'minimum', 'exclusiveMinimum', 'maxLength', 'minLength', 'pattern', 'maxItems', 'minItems', 'uniqueItems', 'multipleOf',
  'enum', 'maxProperties', 'minProperties', 'example', 'externalDocs',
  'x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource', 'x-kubernetes-int-or-string', 'x-kubernetes-list-map-keys', 'x-kubernetes-list-type', 'x-kubernetes-map-type',
  'x-kubernetes-validations',
] as const

function write(schema: JSONSchemaProps, dialect: Dialect): Json {
  const written: Json = {}
  for (const word of plainWords) if (schema[word] !== undefined) written[word] = schema[word]
  if (schema.default !== undefined && !dialect.v2) written['default'] = schema.default
  const shape = dialect.v2 ? shapeV2(schema, dialect) : shapeV3(schema, dialect)
  Object.assign(written, shape)
  if (schema['x-kubernetes-embedded-resource'] && !(dialect.v2 && schema['x-kubernetes-preserve-unknown-fields'])) embed(written, dialect)
  return written
}

function shapeV3(schema: JSONSchemaProps, dialect: Dialect): Json {
  const items = itemsOf(schema)
  return {
    ...(schema.type && { type: schema.type }), ...(schema.nullable && { nullable: true }), ...(schema.required?.length && { required: schema.required }),
    ...(items && { items: write(items, dialect) }), ...(schema.properties && { properties: all(schema.properties, dialect) }), ...additional(schema, dialect),
    ...Object.fromEntries((['allOf', 'anyOf', 'oneOf'] as const).flatMap((word) => (schema[word]?.length ? [[word, schema[word]!.map((one) => write(one, dialect))]] : []))),
    ...(schema.not && { not: write(schema.not, dialect) }),
  }
}

/** No alternatives, no nulls, and nothing about what is inside where unknown fields may be. */
function shapeV2(schema: JSONSchemaProps, dialect: Dialect): Json {
  const open = schema.nullable === true || schema['x-kubernetes-preserve-unknown-fields'] === true
  const items = open ? undefined : itemsOf(schema)
  const properties = open ? undefined : schema.properties
  const untyped = schema.nullable || (schema.type === 'array' && !items) || (schema['x-kubernetes-preserve-unknown-fields'] && schema.type === 'object')
  const mayBeNull = (name: string): boolean => properties !== undefined && Object.hasOwn(properties, name) && properties[name]!.nullable === true
  const required = additionalOf(schema)?.nullable ? [] : (schema.required ?? []).filter((name) => !mayBeNull(name))
  return {
    ...(schema.type && !untyped && { type: schema.type }), ...(required.length > 0 && { required }),
    ...(items && { items: write(items, dialect) }), ...(properties && { properties: all(properties, dialect) }), ...additional(schema, dialect),
  }
}

function additional(schema: JSONSchemaProps, dialect: Dialect): Json {
  const values = additionalOf(schema)
  if (values) return { additionalProperties: write(values, dialect) }
  // Old clients read no booleans here.
  return schema.additionalProperties === undefined || dialect.v2 ? {} : { additionalProperties: schema.additionalProperties }
}

function all(properties: Readonly<Record<string, JSONSchemaProps>>, dialect: Dialect): Json {
  const written: Json = {}
  for (const [name, property] of Object.entries(properties)) setKey(written, name, write(property, dialect))
  return written
}

function embed(written: Json, dialect: Dialect): void {
  written['properties'] = { ...without(written['properties'] as Json | undefined), ...resourceFields(dialect) }
  const required = (written['required'] ?? []) as string[]
  written['required'] = [...new Set([...required, 'kind', 'apiVersion'])]
}
