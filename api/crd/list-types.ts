import type { FieldError } from '../errors.ts'
import { duplicate, invalid } from '../kinds/validation/field.ts'
import { setKey } from '../schema/set-key.ts'
import type { JSONSchemaProps } from '../types/apiextensions-v1/json-schema.ts'
import { additionalOf, itemsOf } from './json-schema.ts'
import type { JsonObject } from './json-value.ts'
import { canonicalCopy, isObject, ownValue } from './json-value.ts'
import { at, child } from './paths.ts'

/** Items that occur twice in lists that are sets, or whose keys occur twice in lists that are maps. */
export function validateListTypes(value: unknown, schema: JSONSchemaProps | undefined, path = ''): FieldError[] {
  if (!schema) return []
  if (Array.isArray(value)) return list(value, schema, path)
  if (!isObject(value)) return []
  const additional = additionalOf(schema)
  return Object.keys(value).flatMap((key) => {
    const property = ownValue(schema.properties, key)
    if (property) return validateListTypes(value[key], property, child(path, key))
    return additional ? validateListTypes(value[key], additional, at(path, key)) : []
  })
}

function list(items: readonly unknown[], schema: JSONSchemaProps, path: string): FieldError[] {
  const type = schema['x-kubernetes-list-type']
  const own = type === 'set' ? repeated(items).map((i) => duplicate(at(path, i), items[i])) : type === 'map' ? map(items, schema['x-kubernetes-list-map-keys'] ?? [], path) : []
  const inner = itemsOf(schema)
  return inner && mayHaveLists(inner) ? [...own, ...items.flatMap((item, i) => validateListTypes(item, inner, at(path, i)))] : own
}

const mayHaveLists = (schema: JSONSchemaProps): boolean => schema.type === 'object' || schema.type === 'array' || schema['x-kubernetes-preserve-unknown-fields'] === true

function map(items: readonly unknown[], keys: readonly string[], path: string): FieldError[] {
  const stray = items.findIndex((item) => item !== null && !isObject(item))
  if (stray >= 0) return [invalid(at(path, stray), items[stray], 'must be an object for an array of list-type map')]
  const keyOf = (item: unknown): JsonObject => {
    const key: JsonObject = {}
    for (const name of keys) if (isObject(item) && Object.hasOwn(item, name)) setKey(key, name, item[name])
    return key
  }
  const all = items.map(keyOf)
  return repeated(all).map((i) => duplicate(at(path, i), all[i]))
}

/** The place of each second occurrence; third ones and later are not told again. */
function repeated(items: readonly unknown[]): number[] {
  if (items.length < 2) return []
  const seen = new Map<string, number>()
  return items.flatMap((item, i) => {
    const text = JSON.stringify(canonicalCopy(item))
    const times = seen.get(text) ?? 0
    seen.set(text, times + 1)
    return times === 1 ? [i] : []
  })
}
