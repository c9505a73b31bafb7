import { ApiError, badRequest } from '../errors.ts'
import { decodePatched } from '../schema/decode.ts'
import type { Decoded, FieldValidation } from '../schema/decode.ts'
import { duplicateFields } from '../schema/duplicates.ts'
import type { StructSchema } from '../schema/schema.ts'
import { jsonPatch } from './json-patch.ts'
import { goPrint, goTypeOf, isObject } from './json-value.ts'
import { mergePatch } from './merge-patch.ts'
import { strategicMergePatch } from './strategic.ts'

export type PatchType = 'json' | 'merge' | 'strategic'

/** The three classic patches by their content type; a server-side apply is none of them. */
export const patchTypes: ReadonlyMap<string, PatchType> = new Map([
  ['application/json-patch+json', 'json'], ['application/merge-patch+json', 'merge'], ['application/strategic-merge-patch+json', 'strategic'],
])

export interface PatchInput {
  readonly type: PatchType
  /** The parsed patch document. */
  readonly patch: unknown
  /** The text it was parsed from, when there is one: for duplicate fields. */
  readonly text?: string | undefined
}

/** Throws `ApiError` 400. */
export function parsePatch(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw badRequest('invalid JSON patch')
  }
}

/**
 * Applies a patch and decodes the outcome. Pure: run it again on the newer object when the write conflicts. The result is a
 * fresh object without defaults. Throws `ApiError` 400, 413 or 422.
 */
export function patchObject<T = any>(schema: StructSchema, original: unknown, input: PatchInput, mode: FieldValidation): Decoded<T> {
  const warnings = mode === 'Ignore' ? [] : checkPatch(input)
  const patched = applyPatch(schema, original, input)
  const shown = (): string => (input.type === 'strategic' ? goPrint(input.patch) : JSON.stringify(patched))
  return decodePatched<T>(schema, patched, mode, shown, warnings)
}

/** The patched document, not yet decoded. */
export function applyPatch(schema: StructSchema, original: unknown, { type, patch }: PatchInput): unknown {
  switch (type) {
    case 'json': return jsonPatch(original, patch)
    case 'merge':
      if (patch === null || (typeof patch !== 'object')) throw badRequest('Invalid JSON Patch')
      return mergePatch(original, patch)
    case 'strategic': return strategicMergePatch(original, patch, schema)
  }
}

/** What is odd about the patch document itself. */
function checkPatch({ type, patch, text }: PatchInput): string[] {
  const duplicates = text === undefined ? [] : duplicateFields(text).map((path) => `duplicate field ${JSON.stringify(path)}`)
  if (type !== 'json') {
    if (type === 'merge' && !isObject(patch)) throw decodingError(patch, 'map[string]interface {}')
    return duplicates
  }
  if (!Array.isArray(patch)) throw decodingError(patch, '[]handlers.jsonPatchOp')
  const unknown = patch.flatMap((operation, i) => (isObject(operation) ? Object.keys(operation) : []).filter((key) => !operationFields.has(key)).map((key) => `unknown field ${JSON.stringify(`[${i}].${key}`)}`))
  return [...unknown, ...duplicates].map((warning) => `json patch ${warning}`)
}

const operationFields: ReadonlySet<string> = new Set(['op', 'path', 'from', 'value'])

const decodingError = (patch: unknown, into: string): ApiError => {
  const kind = goTypeOf(patch)
  const what = kind.startsWith('map') ? 'object' : kind.startsWith('[]') ? 'array' : kind === 'int64' || kind === 'float64' ? 'number' : kind
  return badRequest(`error decoding patch: json: cannot unmarshal ${what} into Go value of type ${into}`)
}
