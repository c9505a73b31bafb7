import type { JSONSchemaProps } from '../types/apiextensions-v1/json-schema.ts'
import { childrenOf } from './json-schema.ts'

/** Why a schema cannot be read as a structural one at all; undefined when it can. Whether it keeps the rules is another question. */
export function whyNotStructural(schema: JSONSchemaProps): string | undefined {
  const own = whyNotOwn(schema)
  if (own) return own
  for (const child of childrenOf(schema)) {
    const why = whyNotStructural(child)
    if (why) return why
  }
  return undefined
}

function whyNotOwn(schema: JSONSchemaProps): string | undefined {
  const unsupported = (name: string): string => `OpenAPIV3Schema '${name}' is not supported`
  if (schema.id) return unsupported('id')
  if (schema.$schema) return unsupported('schema')
  if (schema.$ref) return unsupported('$ref')
  if (hasKeys(schema.patternProperties)) return unsupported('patternProperties')
  if (hasKeys(schema.dependencies)) return unsupported('dependencies')
  if (schema.additionalItems !== undefined) return unsupported('additionalItems')
  if (hasKeys(schema.definitions)) return unsupported('definitions')
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) return "internal error: 'x-kubernetes-preserve-unknown-fields' must be true or undefined"
  if (Array.isArray(schema.items) && schema.items.length > 0) return "OpenAPIV3Schema 'items' must be a schema, but is an array"
  return undefined
}

const hasKeys = (map: object | undefined): boolean => map !== undefined && Object.keys(map).length > 0
