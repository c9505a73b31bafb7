import type { FieldError } from '../../errors.ts'
import { invalid, nonNegative } from './field.ts'
import { percentage } from './names.ts'

type IntOrPercent = number | string | undefined

/** A number that is not negative, or text that is a percentage. */
export function intOrPercent(value: IntOrPercent, field: string): FieldError[] {
  if (typeof value !== 'string') return nonNegative(value, field)
  return percentage(value).map((detail) => invalid(field, value, detail))
}

/** Its leading number; nought when there is none. */
export const intOrPercentValue = (value: IntOrPercent): number => Number.parseInt(String(value ?? 0), 10) || 0

export function atMostHundredPercent(value: IntOrPercent, field: string): FieldError[] {
  const percent = typeof value === 'string' ? /^(\d+)%$/.exec(value) : null
  return percent && Number(percent[1]) > 100 ? [invalid(field, value, 'must not be greater than 100%')] : []
}
