import { CelMap, KeyedList, Opaque, Optional, TypeValue, Uint } from './values.ts'
import type { Value } from './values.ts'
import { CelDuration, CelTimestamp } from './time.ts'

/** `==`: numbers of all types compare as numbers, values of different types are unequal. */
export function equal(a: Value, b: Value): boolean {
  if (a === b) return true
  if (isNumber(a)) return isNumber(b) && compareNumbers(a, b) === 0
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a)) return Array.isArray(b) && equalLists(a, b)
  if (a instanceof CelMap) return b instanceof CelMap && equalMaps(a, b)
  if (a instanceof Uint8Array) return b instanceof Uint8Array && a.length === b.length && a.every((byte, i) => byte === b[i])
  if (a instanceof CelTimestamp) return b instanceof CelTimestamp && a.nanos === b.nanos
  if (a instanceof CelDuration) return b instanceof CelDuration && a.nanos === b.nanos
  if (a instanceof Optional) return b instanceof Optional && a.present === b.present && (!a.present || equal(a.value, b.value))
  if (a instanceof TypeValue) return b instanceof TypeValue && a.name === b.name
  if (a instanceof Opaque) return b instanceof Opaque && a.type === b.type && a.key === b.key
  return false
}

export const isNumber = (value: Value): value is bigint | number | Uint => typeof value === 'bigint' || typeof value === 'number' || value instanceof Uint

/** -1, 0, 1; NaN against anything. */
export function compareNumbers(a: bigint | number | Uint, b: bigint | number | Uint): number {
  const left = a instanceof Uint ? a.value : a
  const right = b instanceof Uint ? b.value : b
  return left < right ? -1 : left > right ? 1 : left == right ? 0 : Number.NaN
}

function equalLists(a: readonly Value[], b: readonly Value[]): boolean {
  if (a.length !== b.length) return false
  if (!(a instanceof KeyedList) && !(b instanceof KeyedList)) return a.every((item, i) => equal(item, b[i]))
  const keys = b.map((item) => entryKey(item, undefined))
  if (!keys.includes(undefined)) {
    const there = new Set(keys)
    return a.every((item) => there.has(entryKey(item, undefined)))
  }
  return a.every((item) => b.some((other) => equal(item, other)))
}

/** By what an item of a keyed list is found: its value, or those of its keys. Undefined for what is no plain value. */
export function entryKey(item: Value, keys: readonly string[] | undefined): string | undefined {
  if (keys && item instanceof CelMap) {
    const parts = keys.map((key) => entryKey(item.get(key) ?? null, undefined))
    return parts.includes(undefined) ? undefined : JSON.stringify(parts)
  }
  return item === null || typeof item === 'string' || typeof item === 'bigint' || typeof item === 'boolean' ? `${typeof item} ${item}` : undefined
}

function equalMaps(a: CelMap, b: CelMap): boolean {
  const keys = a.keys()
  return keys.length === b.keys().length && keys.every((key) => {
    const other = b.get(key)
    return other !== undefined && equal(a.get(key), other)
  })
}

/** How long a comparison takes, in characters and items. */
export function extent(value: Value): number {
  if (typeof value === 'string' || value instanceof Uint8Array || Array.isArray(value)) return value.length
  return value instanceof CelMap ? value.size : 1
}
