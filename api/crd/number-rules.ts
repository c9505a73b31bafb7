import type { JSONSchemaProps } from '../types/apiextensions-v1/json-schema.ts'
import { Result } from './result.ts'

const int32 = 2 ** 31
const int64 = 2 ** 63

/** Bounds, factors and the range of the declared format. */
export function validateNumber(value: number, schema: JSONSchemaProps, path: string): Result {
  const result = new Result()
  const wrong = (detail: string): Result => result.add({ type: 'Invalid', name: path, value, detail: `${path} in body should be ${detail}` })
  const { multipleOf, maximum, minimum, exclusiveMaximum, exclusiveMinimum } = schema
  range(value, schema, path, result)
  if (multipleOf !== undefined) {
    if (multipleOf <= 0) result.add({ type: 'Invalid', name: path, value: multipleOf, detail: `factor MultipleOf declared for ${path} must be positive: ${multipleOf}` })
    else if (!Number.isInteger(round(value / multipleOf))) wrong(`a multiple of ${multipleOf}`)
  }
  if (maximum !== undefined && (value > maximum || (exclusiveMaximum && value === maximum))) wrong(`less than ${exclusiveMaximum ? '' : 'or equal to '}${maximum}`)
  if (minimum !== undefined && (value < minimum || (exclusiveMinimum && value === minimum))) wrong(`greater than ${exclusiveMinimum ? '' : 'or equal to '}${minimum}`)
  return result.count()
}

/** 0.3 is a multiple of 0.1, whatever binary fractions make of it. */
function round(quotient: number): number {
  const near = Math.round(quotient)
  return Math.abs(quotient - near) < 1e-9 * Math.max(1, Math.abs(near)) ? near : quotient
}

function range(value: number, { type, format }: JSONSchemaProps, path: string, result: Result): void {
  if (type !== 'integer' || !Number.isInteger(value)) return
  const limit = format === 'int32' ? int32 : int64
  if (value < limit && value >= -limit) return
  const kind = format === 'int32' || format === 'int64' ? `with format ${format}` : '(default format)'
  result.add({ type: 'Invalid', name: undefined, value: '', detail: `Checked value must be of type integer ${kind} in ${path}` })
}
