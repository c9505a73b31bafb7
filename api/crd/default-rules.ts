import { isDeepStrictEqual } from 'node:util'
import type { FieldError } from '../errors.ts'
import { invalid } from '../kinds/validation/field.ts'
import type { JSONSchemaProps } from '../types/apiextensions-v1/json-schema.ts'
import { coerceEmbedded, EmbeddedError, validateEmbedded } from './embedded.ts'
import { additionalOf, itemsOf } from './json-schema.ts'
import { canonicalCopy } from './json-value.ts'
import { at, child } from './paths.ts'
import { prune } from './prune.ts'
import { rulesOf } from './rules.ts'
import { validateValue } from './value-rules.ts'

const metaFields = new Set(['metadata', 'apiVersion', 'kind'])

/** Defaults must be values that their own schema accepts and leaves whole. */
export const validateDefaults = (schema: JSONSchemaProps, path: string): FieldError[] => check({ ...schema, 'x-kubernetes-embedded-resource': true }, path, false)

function check(schema: JSONSchemaProps, path: string, insideMeta: boolean): FieldError[] {
  const embedded = schema['x-kubernetes-embedded-resource'] === true
  const inside = insideMeta && !embedded
  const errors = schema.default === undefined ? [] : checkDefault(schema.default, schema, child(path, 'default'), inside)
  const items = itemsOf(schema)
  const additional = additionalOf(schema)
  if (items) errors.push(...check(items, child(path, 'items'), inside))
  if (additional) errors.push(...check(additional, child(path, 'additionalProperties'), inside))
  for (const [name, property] of Object.entries(schema.properties ?? {})) errors.push(...check(property, at(child(path, 'properties'), name), inside || (embedded && metaFields.has(name))))
  return errors
}

function checkDefault(value: unknown, schema: JSONSchemaProps, path: string, insideMeta: boolean): FieldError[] {
  const embedded = schema['x-kubernetes-embedded-resource'] === true
  const errors: FieldError[] = []
  if (!insideMeta) {
    const whole = canonicalCopy(value)
    const pruned = canonicalCopy(value)
    prune(pruned, schema, embedded)
    if (!isDeepStrictEqual(whole, pruned)) errors.push(invalid(path, value, 'must not have unknown fields'))
  }
  try {
    coerceEmbedded(canonicalCopy(value), schema, path)
  } catch (error) {
    if (error instanceof EmbeddedError) return [...errors, error.error]
    throw error
  }
  const wrong = [...validateEmbedded(value, schema, path), ...validateValue(value, schema, path)]
  if (wrong.length > 0) return [...errors, ...wrong]
  const rules = rulesOf(schema, embedded)
  const broken = rules?.check(value, structuredClone(value), path).filter(({ detail }) => !detail.startsWith('rule compile error')) ?? []
  return [...errors, ...(broken.length > 0 ? broken : rules?.check(value, undefined, path).filter(({ detail }) => !detail.startsWith('rule compile error')) ?? [])]
}
