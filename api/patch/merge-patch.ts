import { setKey } from '../schema/set-key.ts'
import { isObject, own } from './json-value.ts'
import type { JsonObject } from './json-value.ts'

/**
 * JSON merge patch (RFC 7386): objects merge, null deletes, everything else replaces. Neither input is changed; what the
 * patch does not touch is shared with `original`. As the original's library does, members that are null also fall away
 * inside of lists, unless the list takes the place of an object.
 */
export function mergePatch(original: unknown, patch: unknown): unknown {
  if (!isObject(patch)) return isObject(original) ? patch : withoutNulls(patch)
  if (!isObject(original)) return withoutNulls(patch)
  const result: JsonObject = {}
  for (const key of Object.keys(original)) if (!Object.hasOwn(patch, key)) setKey(result, key, original[key])
  for (const key of Object.keys(patch)) if (patch[key] !== null) setKey(result, key, mergePatch(own(original, key), patch[key]))
  return result
}

function withoutNulls(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(withoutNulls)
  if (!isObject(value)) return value
  const result: JsonObject = {}
  for (const key of Object.keys(value)) if (value[key] !== null) setKey(result, key, withoutNulls(value[key]))
  return result
}
