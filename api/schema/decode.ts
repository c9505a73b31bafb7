import { ApiError, badRequest, invalid } from '../errors.ts'
import { DecodeError, maxStrictErrors, Run } from './decode-run.ts'
import { duplicateFields } from './duplicates.ts'
import { splitName } from './go-type.ts'
import type { StructSchema } from './schema.ts'

/** The `fieldValidation` parameter: what becomes of unknown and duplicate fields. They are dropped in any case. */
export type FieldValidation = 'Ignore' | 'Warn' | 'Strict'

export interface Decoded<T> {
  /** A fresh, mutable object that shares nothing but `raw` values with the input. */
  readonly object: T
  /** `unknown field "spec.foo"`: for the `Warning` headers. Only in mode `Warn`. */
  readonly warnings: string[]
}

export interface DecodeOptions {
  /** The JSON text the value came from; without it, duplicate fields cannot be noticed. */
  readonly text?: string | undefined
  /** What a reader of another form (YAML) has noticed already. */
  readonly noticed?: readonly string[]
}

/**
 * Turns parsed JSON into an object of the declared type, exactly as the original's decoder does: unknown fields and
 * nulls fall away, empty optional lists and maps too, required fields get their zero value, quantities and times come out
 * in canonical form, and fields stand in the order of their declaration (map keys sorted), so that equal objects have
 * equal JSON text. Throws `ApiError` 400: `Pod in version "v1" cannot be handled as a Pod: …`.
 */
export function decode<T = any>(schema: StructSchema, value: unknown, mode: FieldValidation, options: DecodeOptions = {}): Decoded<T> {
  const [version, kind] = splitName(schema.name)
  const refuse = (why: string): never => { throw badRequest(`${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: ${why}`) }
  const result = decodeOr<T>(schema, value, mode, options, refuse)
  if (mode === 'Strict' && result.warnings.length > 0) refuse(strictMessage(result.warnings))
  return mode === 'Strict' ? { ...result, warnings: [] } : result
}

/**
 * The same for the result of a patch, where the original answers 422 with the document (`shown`) in the message.
 * `warnings` are what was noticed of the patch text itself.
 */
export function decodePatched<T = any>(schema: StructSchema, value: unknown, mode: FieldValidation, shown: () => string, warnings: readonly string[] = []): Decoded<T> {
  const refuse = (why: string): never => { throw invalid({ group: '', kind: '' }, '', [{ type: 'Invalid', field: 'patch', value: shown(), detail: why }]) }
  const result = decodeOr<T>(schema, value, mode, {}, refuse)
  const all = mode === 'Ignore' ? [] : [...warnings, ...result.warnings]
  if (mode === 'Strict' && all.length > 0) refuse(strictMessage(all))
  return { object: result.object, warnings: all }
}

export const strictMessage = (errors: readonly string[]): string => `strict decoding error: ${errors.join(', ')}`

function decodeOr<T>(schema: StructSchema, value: unknown, mode: FieldValidation, options: DecodeOptions, refuse: (why: string) => never): Decoded<T> {
  const run = new Run(mode !== 'Ignore')
  try {
    const object = run.root(schema, value) as T
    const warnings = run.strict ? [...options.noticed ?? [], ...run.strict] : []
    if (options.text !== undefined && run.strict) warnings.push(...duplicates(options.text, run.unknown))
    return { object, warnings: warnings.slice(0, maxStrictErrors) }
  } catch (error) {
    if (error instanceof ApiError || !isDecodeFailure(error)) throw error
    return refuse(error.message)
  }
}

const isDecodeFailure = (error: unknown): error is Error =>
  error instanceof DecodeError || (error instanceof Error && (error.name === 'QuantityError' || error.name === 'TimeError'))

/** Duplicates below an unknown field are not worth a word: the whole field was named already. */
function duplicates(text: string, unknown: readonly string[]): string[] {
  const inside = (path: string): boolean => unknown.some((prefix) => path === prefix || path.startsWith(`${prefix}.`) || path.startsWith(`${prefix}[`))
  return duplicateFields(text).filter((path) => !inside(path)).map((path) => `duplicate field ${JSON.stringify(path)}`)
}
