import { setKey } from '../schema/set-key.ts'
import type { JSONSchemaProps } from '../types/apiextensions-v1/json-schema.ts'
import { additionalOf, itemsOf, someSchema } from './json-schema.ts'
import { canonicalCopy, isObject, ownValue } from './json-value.ts'
import type { JsonObject } from './json-value.ts'

/** The longest text defaults may add to one object: what a request may have at most. A short body of many empty items could come to gigabytes. */
const mostAdded = 3 * 1024 * 1024

/** Fills in what the schema says for fields that are absent, or null where null may not stand. In place; idempotent. False when there was more than an object may hold: the rest is left out. */
export function applyDefaults(value: unknown, schema: JSONSchemaProps | undefined): boolean {
  const room = { left: mostAdded }
  fill(value, schema, room)
  return room.left >= 0
}

const lengths = new WeakMap<JSONSchemaProps, number>()

/** A copy of the default, while there is room. */
function defaultOf(schema: JSONSchemaProps, room: { left: number }): unknown {
  let length = lengths.get(schema)
  if (length === undefined) lengths.set(schema, length = JSON.stringify(schema.default).length)
  room.left -= length
  return room.left < 0 ? undefined : canonicalCopy(schema.default)
}

function fill(value: unknown, schema: JSONSchemaProps | undefined, room: { left: number }): void {
  if (room.left < 0) return
  if (!schema || !hasDefaults(schema)) return
  if (Array.isArray(value)) {
    const items = itemsOf(schema)
    value.forEach((item, i) => {
      if (isWrongNull(item, items) && items?.default !== undefined) value[i] = defaultOf(items, room) ?? null
      fill(value[i], items, room)
    })
  } else if (isObject(value)) {
    for (const [key, property] of Object.entries(schema.properties ?? {})) {
      if (property.default === undefined) continue
      if (!Object.hasOwn(value, key) || isWrongNull(value[key], property)) set(value, key, defaultOf(property, room))
    }
    const additional = additionalOf(schema)
    for (const key of Object.keys(value)) {
      const property = ownValue(schema.properties, key)
      if (!property && isWrongNull(value[key], additional) && additional?.default !== undefined) set(value, key, defaultOf(additional, room))
      fill(value[key], property ?? additional, room)
    }
  }
}

function set(object: JsonObject, key: string, value: unknown): void {
  if (value !== undefined) setKey(object, key, value)
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
