import { badRequest, invalid } from '../../api/errors.ts'
import type { FieldError } from '../../api/errors.ts'
import type { FieldValidation } from '../../api/schema/decode.ts'

/** What the query of a create, update or patch may say. */
export interface WriteOptions {
  readonly dryRun: boolean
  readonly fieldValidation: FieldValidation
}

const validations = ['Ignore', 'Strict', 'Warn']
const none: WriteOptions = Object.freeze({ dryRun: false, fieldValidation: 'Warn' })

/** Reads the options of a write; 422 for values that are none. `type` names them in the message: `CreateOptions`. */
export function writeOptions(query: URLSearchParams, type: 'CreateOptions' | 'UpdateOptions' | 'PatchOptions'): WriteOptions {
  if (query.size === 0) return none
  const errors: FieldError[] = []
  const dryRun = query.getAll('dryRun')
  errors.push(...dryRunErrors(dryRun))
  const fieldValidation = query.get('fieldValidation') || 'Warn'
  if (!validations.includes(fieldValidation)) errors.push(notSupported('fieldValidation', fieldValidation, validations))
  const manager = query.get('fieldManager') ?? ''
  if (manager.length > 128) errors.push({ type: 'TooLong', field: 'fieldManager', detail: 'may not be more than 128 bytes' })
  if (errors.length > 0) throw invalid({ group: 'meta.k8s.io', kind: type }, '', errors)
  return { dryRun: dryRun.length > 0, fieldValidation: fieldValidation as FieldValidation }
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
