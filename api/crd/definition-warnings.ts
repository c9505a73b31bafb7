import type { CustomResourceDefinition } from '../types/apiextensions-v1/custom-resource-definition.ts'
import type { JSONSchemaProps } from '../types/apiextensions-v1/json-schema.ts'
import { isKnownFormat } from './formats.ts'
import { itemsOf, schemaOf, someSchema } from './json-schema.ts'

/** What is allowed and without effect: formats that nobody checks, sets of things that cannot be merged. Only what is new is told. */
export function definitionWarnings(definition: CustomResourceDefinition, old?: CustomResourceDefinition): string[] {
  const before = new Set(old ? warningsOf(old) : [])
  return [...new Set(warningsOf(definition))].filter((sentence) => !before.has(sentence))
}

function warningsOf({ spec }: CustomResourceDefinition): string[] {
  const formats: string[] = []
  const sets: string[] = []
  const look = (schema: JSONSchemaProps): boolean => {
    if (schema.format && !isKnownFormat(schema.type ?? '', schema.format)) formats.push(`unrecognized format ${JSON.stringify(schema.format)}`)
    const items = schema['x-kubernetes-list-type'] === 'set' ? itemsOf(schema)?.type : undefined
    if (items === 'object' || items === 'array') sets.push(`x-kubernetes-list-type: set for items of type ${JSON.stringify(items)} is not supported by server-side apply or CEL validation rules`)
    return false
  }
  for (const version of spec.versions) someSchema(schemaOf(version), look)
  return [...formats, ...sets.sort()]
}
