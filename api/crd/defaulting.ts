import { setKey } from '../schema/set-key.ts'
import type { JSONSchemaProps } from '../types/apiextensions-v1/json-schema.ts'
import { additionalOf, itemsOf, someSchema } from './json-schema.ts'
import { isObject, ownValue } from './json-value.ts'

/** Fills in what the schema says for fields that are absent, or null where null may not stand. In place; idempotent. */
export function applyDefaults(value: unknown, schema: JSONSchemaProps | undefined): void {
  if (!schema || !hasDefaults(schema)) return
  if (Array.isArray(value)) {
    const items = itemsOf(schema)
    value.forEach((item, i) => {
      if (isWrongNull(item, items) && items?.default !== undefined) value[i] = structuredClone(items.default)
      applyDefaults(value[i], items)
    })
  } else if (isObject(value)) {
    for (const [key, property] of Object.entries(schema.properties ?? {})) {
      if (property.default === undefined) continue
      if (!Object.hasOwn(value, key) || isWrongNull(value[key], property)) setKey(value, key, structuredClone(property.default))
    }
    const additional = additionalOf(schema)
    for (const key of Object.keys(value)) {
      const property = ownValue(schema.properties, key)
      if (!property && isWrongNull(value[key], additional) && additional?.default !== undefined) setKey(value, key, structuredClone(additional.default))
      applyDefaults(value[key], property ?? additional)
    }
  }
}

const isWrongNull = (value: unknown, schema: JSONSchemaProps | undefined): boolean => value === null && schema !== undefined && !schema.nullable

/** Whether applying defaults would leave the value as it is. */
export function isDefaulted(value: unknown, schema: JSONSchemaProps | undefined): boolean {
  if (!schema || !hasDefaults(schema)) return true
  if (Array.isArray(value)) {
    const items = itemsOf(schema)
    return value.every((item) => !(isWrongNull(item, items) && items?.default !== undefined) && isDefaulted(item, items))
  }
  if (!isObject(value)) return true
  const missing = Object.entries(schema.properties ?? {}).some(([key, property]) => property.default !== undefined && (!Object.hasOwn(value, key) || isWrongNull(value[key], property)))
  if (missing) return false
  const additional = additionalOf(schema)
  return Object.keys(value).every((key) => {
    const property = ownValue(schema.properties, key)
    return !(!property && isWrongNull(value[key], additional) && additional?.default !== undefined) && isDefaulted(value[key], property ?? additional)
  })
}

const defaulting = new WeakMap<JSONSchemaProps, boolean>()

/** Most schemas have no defaults in most of their parts; those are not walked. */
function hasDefaults(schema: JSONSchemaProps): boolean {
  const known = defaulting.get(schema)
  if (known !== undefined) return known
  const has = someSchema(schema, (one) => one.default !== undefined)
  defaulting.set(schema, has)
  return has
}
