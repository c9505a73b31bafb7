import { ApiError, badRequest } from '../errors.ts'
import { decode } from '../schema/decode.ts'
import { setKey } from '../schema/set-key.ts'
import { JSONSchemaProps } from '../types/apiextensions-v1/json-schema.ts'

/*
 * JSONSchemaProps as a definition carries them. Four of their fields are unions that the schema vocabulary cannot name
 * (`items`, `additionalProperties`, `additionalItems`, `dependencies`); they are declared raw and brought into form here.
 */

/** The schema of one version; undefined when it has none. */
export const schemaOf = ({ schema }: { readonly schema?: unknown }): JSONSchemaProps | undefined =>
  (schema as { openAPIV3Schema?: JSONSchemaProps } | undefined)?.openAPIV3Schema

/** The one schema of `items`; a list of them is none. */
export const itemsOf = ({ items }: JSONSchemaProps): JSONSchemaProps | undefined => (isSchema(items) ? items : undefined)

/** The schema of `additionalProperties`, when it is more than a yes or no. */
export const additionalOf = ({ additionalProperties }: JSONSchemaProps): JSONSchemaProps | undefined =>
  (isSchema(additionalProperties) ? additionalProperties : undefined)

const isSchema = (value: unknown): value is JSONSchemaProps => typeof value === 'object' && value !== null && !Array.isArray(value)

/** Every schema directly below this one, whatever the word that leads to it. */
export function* childrenOf(schema: JSONSchemaProps): Generator<JSONSchemaProps> {
  const { items, additionalProperties, additionalItems } = schema
  for (const one of Array.isArray(items) ? items : [items]) if (isSchema(one)) yield one
  yield* schema.allOf ?? []
  yield* schema.anyOf ?? []
  yield* schema.oneOf ?? []
  if (schema.not) yield schema.not
  for (const one of Object.values(schema.properties ?? {})) yield one
  if (isSchema(additionalProperties)) yield additionalProperties
  for (const one of Object.values(schema.patternProperties ?? {})) yield one
  if (isSchema(additionalItems)) yield additionalItems
  for (const one of Object.values(schema.definitions ?? {})) yield one
  for (const one of Object.values(schema.dependencies ?? {})) if (isSchema(one)) yield one
}

/** Whether `test` holds for the schema or for any below it. */
export function someSchema(schema: JSONSchemaProps | undefined, test: (schema: JSONSchemaProps) => boolean): boolean {
  if (!schema) return false
  if (test(schema)) return true
  for (const child of childrenOf(schema)) if (someSchema(child, test)) return true
  return false
}

/** Schemas within schemas; those of real definitions stay below thirty. */
const maxDepth = 100

/**
 * Brings the raw unions below a decoded schema into the form that decoding gives to everything else, in place. As in the
 * original, unknown fields below them fall away without a word. Throws 400 when one has a wrong type.
 */
export function canonicalUnions(schema: JSONSchemaProps, depth = 0): void {
  if (depth > maxDepth) throw cannotBe('exceeded max depth')
  if (schema.items !== undefined) set(schema, 'items', Array.isArray(schema.items) ? schema.items.map(decoded) : isSchema(schema.items) ? decoded(schema.items) : undefined)
  for (const name of ['additionalProperties', 'additionalItems'] as const) {
    const value = schema[name] as unknown
    if (value === undefined || typeof value === 'boolean') continue
    if (!isSchema(value)) throw cannotBe('boolean or JSON schema expected')
    set(schema, name, decoded(value))
  }
  if (schema.dependencies) {
    const dependencies = {}
    for (const [key, value] of Object.entries(schema.dependencies)) setKey(dependencies, key, isSchema(value) ? decoded(value) : value)
    set(schema, 'dependencies', dependencies)
  }
  for (const child of childrenOf(schema)) canonicalUnions(child, depth + 1)
}

function set(schema: JSONSchemaProps, name: keyof JSONSchemaProps, value: unknown): void {
  if (value === undefined) delete schema[name]
  else (schema as Record<string, unknown>)[name] = value
}

function decoded(value: unknown): JSONSchemaProps {
  try {
    return decode<JSONSchemaProps>(JSONSchemaProps, value, 'Ignore').object
  } catch (error) {
    if (!(error instanceof ApiError)) throw error
    throw cannotBe(error.message.slice(error.message.indexOf(': ') + 2))
  }
}

const cannotBe = (why: string): ApiError =>
  badRequest(`CustomResourceDefinition in version "v1" cannot be handled as a CustomResourceDefinition: ${why}`)
