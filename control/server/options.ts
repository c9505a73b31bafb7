import { badRequest, invalid } from '../../api/errors.ts'
import type { FieldError } from '../../api/errors.ts'
import type { FieldValidation } from '../../api/schema/decode.ts'
import { printable } from './ownership.ts'

/** What the query of a create, update or patch may say. */
export interface WriteOptions {
  readonly dryRun: boolean
  readonly fieldValidation: FieldValidation
  /** Take from their owners the fields of an applied configuration. */
  readonly force: boolean
}

type OptionsKind = 'CreateOptions' | 'UpdateOptions' | 'PatchOptions'

const validations = ['Ignore', 'Strict', 'Warn']
const none: WriteOptions = Object.freeze({ dryRun: false, fieldValidation: 'Warn', force: false })
const maxManagerBytes = 128

/**
 * Reads the options of a write; 422 for values that are none. `type` names them in the message: `CreateOptions`. An apply must
 * say who applies and may force; other patches may not.
 */
export function writeOptions(query: URLSearchParams, type: OptionsKind, apply = false): WriteOptions {
  if (query.size === 0 && !apply) return none
  const errors: FieldError[] = []
  const force = flag(query, 'force')
  const manager = query.get('fieldManager') ?? ''
  if (apply && manager === '') errors.push({ type: 'Required', field: 'fieldManager', detail: 'is required for apply patch' })
  if (type === 'PatchOptions' && !apply && force !== undefined) errors.push({ type: 'Forbidden', field: 'force', detail: 'may not be specified for non-apply patch' })
  errors.push(...managerErrors(manager))
  const dryRun = query.getAll('dryRun')
  errors.push(...dryRunErrors(dryRun))
  const fieldValidation = query.get('fieldValidation') || 'Warn'
  if (!validations.includes(fieldValidation)) errors.push(notSupported('fieldValidation', fieldValidation, validations))
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: type }, '', errors)
  return { dryRun: dryRun.length > 0, fieldValidation: fieldValidation as FieldValidation, force: force ?? false }
}

function managerErrors(manager: string): FieldError[] {
  const errors: FieldError[] = []
  if (Buffer.byteLength(manager) > maxManagerBytes) errors.push({ type: 'TooLong', field: 'fieldManager', detail: `may not be more than ${maxManagerBytes} bytes` })
  let at = 0
  for (const char of manager) {
    if (!printable.test(char)) {
      const code = `U+${char.codePointAt(0)!.toString(16).toUpperCase().padStart(4, '0')}`
      errors.push({ type: 'Invalid', field: 'fieldManager', value: manager, detail: `invalid character ${code} (at position ${at})` })
    }
    at += Buffer.byteLength(char)
  }
  return errors
}

const typeOnly = (kind: OptionsKind | 'DeleteOptions') => Object.freeze({ kind, apiVersion: 'meta.k8s.io/v1' })
const unsaid = { CreateOptions: typeOnly('CreateOptions'), UpdateOptions: typeOnly('UpdateOptions'), PatchOptions: typeOnly('PatchOptions') } as const

/** The options as an object of `meta.k8s.io/v1`, for admission. */
export function optionsObject(query: URLSearchParams, kind: OptionsKind): Readonly<Record<string, unknown>> {
  if (query.size === 0) return unsaid[kind]
  const dryRun = query.getAll('dryRun')
  const fieldManager = query.get('fieldManager'), fieldValidation = query.get('fieldValidation')
  const force = kind === 'PatchOptions' ? flag(query, 'force') : undefined
  return {
    ...unsaid[kind], ...(dryRun.length > 0 && { dryRun }), ...(force !== undefined && { force }), ...(fieldManager && { fieldManager }), ...(fieldValidation && { fieldValidation }),
  }
}

export const dryRunErrors = (dryRun: readonly string[]): FieldError[] =>
  dryRun.some((value) => value !== 'All') ? [{ type: 'NotSupported', field: 'dryRun', value: dryRun, detail: 'supported values: "All"' }] : []

const notSupported = (field: string, value: string, supported: readonly string[]): FieldError =>
  ({ type: 'NotSupported', field, value, detail: `supported values: ${supported.map((item) => JSON.stringify(item)).join(', ')}` })

/** A query parameter that must be an integer; undefined when it is absent or empty. */
export function integer(query: URLSearchParams, name: string): number | undefined {
  const text = query.get(name)
  if (text === null || text === '') return undefined
  if (!/^[+-]?\d{1,18}$/.test(text)) throw badRequest(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  return Number(text)
}

/** A query parameter as Go's conversion reads a boolean: present and not `false` or `0` is true. */
export function flag(query: URLSearchParams, name: string): boolean | undefined {
  const text = query.get(name)
  if (text === null) return undefined
  return text !== 'false' && text !== '0'
}

/** A resource version of a query or a body as a revision; undefined for none. `what` heads the 400 of one that is no number. */
export function revisionOf(text: string | null | undefined): number | undefined {
  if (text === null || text === undefined || text === '') return undefined
  if (!/^\d{1,15}$/.test(text)) throw badRequest(`resourceVersion: Invalid value: ${JSON.stringify(text)}: strconv.ParseUint: parsing ${JSON.stringify(text)}: invalid syntax`)
  return Number(text)
}
