import { setKey } from '../schema/set-key.ts'
import { isObject, own } from './json-value.ts'
import type { JsonObject } from './json-value.ts'

/**
 * JSON merge patch (RFC 7386): objects merge, null deletes, everything else replaces. Neither input is changed; what the
 * patch does not touch is shared with `original`.
 */
export function mergePatch(original: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return patch
  const base: JsonObject = isObject(original) ? original : {}
  const result: JsonObject = {}
  for (const key of Object.keys(base)) if (!Object.hasOwn(patch, key)) setKey(result, key, base[key])
  for (const key of Object.keys(patch)) {
    if (patch[key] !== null) setKey(result, key, mergePatch(own(base, key), patch[key]))
  }
  return result
}
