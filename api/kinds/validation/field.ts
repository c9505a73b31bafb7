import type { FieldError } from '../../errors.ts'

/*
 * The makers of field errors. Paths are plain text (`spec.containers[0].name`, `metadata.labels[a/b]`), put together with
 * template strings. Where the original compares with a Go zero value, absent and empty are the same here.
 */

export const invalid = (field: string, value: unknown, detail: string): FieldError => ({ type: 'Invalid', field, value, detail })
export const required = (field: string, detail = ''): FieldError => ({ type: 'Required', field, detail })
export const forbidden = (field: string, detail: string): FieldError => ({ type: 'Forbidden', field, detail })
export const duplicate = (field: string, value: unknown, detail = ''): FieldError => ({ type: 'Duplicate', field, value, detail })
export const notFound = (field: string, value: unknown, detail = ''): FieldError => ({ type: 'NotFound', field, value, detail })
export const notSupported = (field: string, value: unknown, supported: readonly string[]): FieldError =>
  ({ type: 'NotSupported', field, value: value ?? '', detail: supported.length ? `supported values: ${supported.map((each) => JSON.stringify(each)).join(', ')}` : '' })
export const tooLong = (field: string, most: number): FieldError => ({ type: 'TooLong', field, detail: `may not be more than ${most} bytes` })
export const tooMany = (field: string, count: number, most: number): FieldError => ({ type: 'TooMany', field, value: count, detail: `must have at most ${most} items` })

/** One `Invalid` for each sentence of a name rule. */
export const invalidFor = (field: string, value: unknown, details: readonly string[]): FieldError[] => details.map((detail) => invalid(field, value, detail))

export const immutableMessage = 'field is immutable'
export const negativeMessage = 'must be greater than or equal to 0'
export const notPositiveMessage = 'must be greater than zero'

export const nonNegative = (value: number | undefined, field: string): FieldError[] => ((value ?? 0) < 0 ? [invalid(field, value, negativeMessage)] : [])
export const inclusiveRange = (low: number, high: number): string => `must be between ${low} and ${high}, inclusive`

/** Required when absent or empty, not supported when it is none of `values`, which are printed in the order given. */
export function oneOf(value: string | undefined, values: readonly string[], field: string): FieldError[] {
  if (!value) return [required(field)]
  return values.includes(value) ? [] : [notSupported(field, value, values)]
}

/** Not supported when it is set and none of `values`. */
export const optionallyOneOf = (value: string | undefined, values: readonly string[], field: string): FieldError[] =>
  (value === undefined || values.includes(value) ? [] : [notSupported(field, value, values)])

/** Runs a check over a list, with each item's path. */
export const each = <T>(items: readonly T[] | undefined, field: string, check: (item: T, field: string, index: number) => FieldError[]): FieldError[] =>
  (items ?? []).flatMap((item, index) => check(item, `${field}[${index}]`, index))
