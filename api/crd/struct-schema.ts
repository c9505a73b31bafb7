import type { Facets, Field, Schema, StructSchema } from '../schema/schema.ts'
import { always, bool, float64, int64, intOrString, list, map, opt, raw, string, struct } from '../schema/schema.ts'
import { setKey } from '../schema/set-key.ts'
import type { JSONSchemaProps } from '../types/apiextensions-v1/json-schema.ts'
import { ObjectMeta } from '../types/meta-v1/meta.ts'
import { additionalOf, itemsOf } from './json-schema.ts'

/**
 * A definition's schema in the vocabulary of built-in types: what server-side apply needs to know of lists, maps and keys.
 * `name` is that of the whole type, `example.com/v1.Widget`. What is not declared is any JSON.
 */
export function structSchemaOf(schema: JSONSchemaProps | undefined, name: string): StructSchema {
  const fields = fieldsOf(schema ?? {}, name, ['apiVersion', 'kind', 'metadata'])
  return struct(name, { apiVersion: always(0, string), kind: always(0, string), metadata: always(1, ObjectMeta), ...fields })
}

function fieldsOf(schema: JSONSchemaProps, name: string, without: readonly string[] = []): Record<string, Field> {
  const fields: Record<string, Field> = {}
  let number = 2
  for (const [key, property] of Object.entries(schema.properties ?? {})) {
    if (!without.includes(key)) setKey(fields, key, opt(number++, schemaOf(property, `${name}.${key}`), facetsOf(property)))
  }
  return fields
}

function facetsOf(schema: JSONSchemaProps): Facets {
  const { default: value, description: doc } = schema
  const listType = schema['x-kubernetes-list-type']
  const mapType = schema['x-kubernetes-map-type']
  const keys = schema['x-kubernetes-list-map-keys']
  return {
    ...(typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean' ? { default: value } : {}),
    ...(listType === 'atomic' || listType === 'set' || listType === 'map' ? { listType } : {}), ...(keys?.length && { listMapKeys: keys }),
    ...(mapType === 'atomic' || mapType === 'granular' ? { mapType } : {}), ...(doc && { doc }),
  }
}

function schemaOf(schema: JSONSchemaProps, name: string): Schema {
  if (schema['x-kubernetes-int-or-string']) return intOrString
  if (schema['x-kubernetes-embedded-resource']) return structSchemaOf(schema, name)
  switch (schema.type) {
    case 'string': return string
    case 'boolean': return bool
    case 'integer': return int64
    case 'number': return float64
    case 'array': return listOf(schema, name)
    case 'object': return objectOf(schema, name)
    default: return raw
  }
}

function listOf(schema: JSONSchemaProps, name: string): Schema {
  const items = itemsOf(schema)
  return items ? list(schemaOf(items, `${name}.items`)) : raw
}

function objectOf(schema: JSONSchemaProps, name: string): Schema {
  const values = additionalOf(schema)
  if (values) return map(schemaOf(values, `${name}.values`))
  if (schema.properties && Object.keys(schema.properties).length > 0) return struct(name, fieldsOf(schema, name), { atomic: schema['x-kubernetes-map-type'] === 'atomic' })
  return schema['x-kubernetes-map-type'] === 'atomic' ? struct(name, {}, { atomic: true }) : raw
}
