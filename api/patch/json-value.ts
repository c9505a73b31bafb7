import { setKey } from '../schema/set-key.ts'

/** A JSON object as it came out of `JSON.parse`: only own keys count. */
export type JsonObject = Record<string, unknown>

export const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)

/** The own value of a key; `toString` and the like are absent unless they were given. */
export const own = (object: JsonObject, key: string): unknown => (Object.hasOwn(object, key) ? object[key] : undefined)

/** A copy one level deep that is safe to write to, whatever the keys are called. */
export function shallowCopy(object: JsonObject): JsonObject {
  const copy: JsonObject = {}
  for (const key of Object.keys(object)) setKey(copy, key, object[key])
  return copy
}

/** Structural equality of JSON values; the order of keys does not count. */
export function jsonEqual(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a)) return Array.isArray(b) && equalLists(a, b)
  if (Array.isArray(b)) return false
  // Plain loops: this is asked of every object that is written.
  let missing = 0
  for (const key in a) {
    if (!Object.hasOwn(b, key) || !jsonEqual((a as JsonObject)[key], (b as JsonObject)[key])) return false
    missing--
  }
  for (const _ in b) missing++
  return missing === 0
}

function equalLists(a: readonly unknown[], b: readonly unknown[]): boolean {
  if (a.length !== b.length) return false
  for (let i = 0; i < a.length; i++) if (!jsonEqual(a[i], b[i])) return false
  return true
}

/** A value as Go's `%v` prints it: `map[image:web name:a]`, `[a b]`. */
export function goPrint(value: unknown): string {
  if (value === null || value === undefined) return '<nil>'
  if (Array.isArray(value)) return `[${value.map(goPrint).join(' ')}]`
  if (isObject(value)) return `map[${Object.keys(value).sort().map((key) => `${key}:${goPrint(value[key])}`).join(' ')}]`
  return String(value)
}

/** The Go type a JSON value is decoded into when nothing else is known. */
export function goTypeOf(value: unknown): string {
  if (value === null || value === undefined) return '%!s(<nil>)'
  if (Array.isArray(value)) return '[]interface {}'
  switch (typeof value) {
    case 'boolean': return 'bool'
    case 'number': return Number.isInteger(value) ? 'int64' : 'float64'
    case 'string': return 'string'
    default: return 'map[string]interface {}'
  }
}
