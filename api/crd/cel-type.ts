import type { CelType } from '../cel/cel.ts'
import { setKey } from '../schema/set-key.ts'
import type { JSONSchemaProps } from '../types/apiextensions-v1/json-schema.ts'
import { additionalOf, itemsOf } from './json-schema.ts'
import { ownValue } from './json-value.ts'

const simple = (kind: CelType['kind']): CelType => Object.freeze({ kind })
const string = simple('string'), bytes = simple('bytes'), duration = simple('duration'), timestamp = simple('timestamp')
const bool = simple('bool'), int = simple('int'), double = simple('double'), intOrString = simple('intOrString')

const metadata: CelType = Object.freeze({ kind: 'object', name: 'object', fields: { name: string, generateName: string } })

/**
 * What rules see of a value: only what is declared, and of a whole resource its `apiVersion`, `kind` and the names in its
 * metadata. Undefined where nothing is declared: rules cannot reach it.
 */
export function celTypeOf(schema: JSONSchemaProps, resource: boolean): CelType | undefined {
  if (schema['x-kubernetes-int-or-string']) return intOrString
  switch (schema.type) {
    case 'string': return textType(schema.format)
    case 'boolean': return bool
    case 'integer': return int
    case 'number': return double
    case 'array': return listType(schema)
    case 'object': return objectType(schema, resource)
    default: return undefined
  }
}

function textType(format: string | undefined): CelType {
  switch (format) {
    case 'byte': return bytes
    case 'duration': return duration
    case 'date': case 'date-time': return timestamp
    default: return string
  }
}

function listType(schema: JSONSchemaProps): CelType | undefined {
  const inner = itemsOf(schema)
  const items = inner && celTypeOf(inner, inner['x-kubernetes-embedded-resource'] === true)
  if (!items) return undefined
  const type = schema['x-kubernetes-list-type']
  return { kind: 'list', items, ...(type === 'set' || type === 'map' ? { listType: type } : {}), ...(type === 'map' && { listMapKeys: schema['x-kubernetes-list-map-keys'] ?? [] }) }
}

function objectType(schema: JSONSchemaProps, resource: boolean): CelType | undefined {
  const values = additionalOf(schema)
  if (values) {
    const items = celTypeOf(values, values['x-kubernetes-embedded-resource'] === true)
    return items && { kind: 'map', items }
  }
  const fields: Record<string, CelType> = {}
  for (const [name, property] of Object.entries(schema.properties ?? {})) {
    const type = celTypeOf(property, property['x-kubernetes-embedded-resource'] === true)
    if (type) setKey(fields, name, type)
  }
  if (resource) Object.assign(fields, { apiVersion: string, kind: string, metadata: withNames(ownValue(schema.properties, 'metadata')) })
  return { kind: 'object', name: 'object', fields }
}

/** The names are always there, whatever else is declared. */
function withNames(declared: JSONSchemaProps | undefined): CelType {
  const own = declared && objectType(declared, false)
  return own?.kind === 'object' ? { ...own, fields: { ...own.fields, name: string, generateName: string } } : metadata
}
