import { setKey } from '../schema/set-key.ts'

/** A JSON object of which nothing is known; its keys may be anything, `__proto__` too. */
export type JsonObject = Record<string, unknown>

export const isObject = (value: unknown): value is JsonObject => typeof value === 'object' && value !== null && !Array.isArray(value)
export const ownValue = <T>(map: Readonly<Record<string, T>> | undefined, key: string): T | undefined => (map !== undefined && Object.hasOwn(map, key) ? map[key] : undefined)

/** Nesting beyond this is refused, as in all decoding. */
const maxDepth = 1000

export class DepthError extends Error {
  override readonly name = 'DepthError'
}

/** A private copy with its keys sorted, so that equal objects have equal JSON text. */
export function canonicalCopy(value: unknown, depth = 0): unknown {
  if (typeof value !== 'object' || value === null) return value
  if (depth > maxDepth) throw new DepthError('exceeded max depth')
  if (Array.isArray(value)) return value.map((item) => canonicalCopy(item, depth + 1) ?? null)
  const copy: JsonObject = {}
  for (const key of Object.keys(value).sort()) {
    const inner = (value as JsonObject)[key]
    if (inner !== undefined) setKey(copy, key, canonicalCopy(inner, depth + 1))
  }
  return copy
}
