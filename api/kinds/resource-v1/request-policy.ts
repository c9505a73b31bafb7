import type { FieldError } from '../../errors.ts'
import { addQuantities, compareQuantities, quantityValue } from '../../schema/quantity.ts'
import type { CapacityRequestPolicy, CapacityRequestPolicyRange } from '../../types/resource-v1/resource-slice.ts'
import { duplicate, each, forbidden, invalid, required, tooMany } from '../validation/field.ts'
import { isRepeated } from '../validation/repeated.ts'

const mostOptions = 10

/** How much of a capacity one claim may ask for: of a list of amounts, or of a range of them, and never more than there is. */
export function validateRequestPolicy(policy: CapacityRequestPolicy, capacity: string, field: string): FieldError[] {
  const { default: usual, validValues, validRange } = policy
  if (validValues?.length && validRange) return [forbidden(field, 'exactly one policy can be specified, cannot specify "validValues" and "validRange" at the same time')]
  const said = validValues?.length ? 'validValues' : validRange ? 'validRange' : undefined
  if (said && usual === undefined) return [required(`${field}.default`, `required when ${said} is defined`)]
  if (validValues?.length) return validateOptions(validValues, usual!, capacity, `${field}.validValues`)
  return validRange ? validateRange(validRange, usual!, capacity, `${field}.validRange`) : []
}

function validateOptions(options: readonly string[], usual: string, capacity: string, field: string): FieldError[] {
  const amounts = options.map(quantityValue)
  const unknown = invalid(field, usual, 'default value is not valid according to the requestPolicy')
  const unsorted = options.flatMap((option, index) => (index > 0 && compareQuantities(options[index - 1]!, option) > 0 ? [invalid(`${field}[${index}]`, option, 'values must be sorted in ascending order')] : []))
  if (options.length > mostOptions) return [...unsorted, tooMany(field, options.length, mostOptions), unknown]
  return [
    ...unsorted,
    ...each(options, field, (option, path) => (compareQuantities(option, capacity) > 0 ? [invalid(path, option, `option is larger than capacity value: ${capacity}`)] : [])),
    ...amounts.flatMap((amount, index) => (isRepeated(amounts, amount, index) ? [duplicate(`${field}[${index}]`, String(amount))] : [])),
    ...(options.some((option) => compareQuantities(option, usual) === 0) ? [] : [unknown]),
  ]
}

function validateRange({ min, max, step }: CapacityRequestPolicyRange, usual: string, capacity: string, field: string): FieldError[] {
  if (min === undefined) return [required(`${field}.min`, 'required when validRange is defined')]
  const more = (a: string, b: string): boolean => compareQuantities(a, b) > 0
  return [
    ...(more(min, capacity) ? [invalid(`${field}.min`, min, `min is larger than capacity value: ${capacity}`)] : []),
    ...(more(min, usual) ? [invalid(`${field}.min`, usual, `default is less than min: ${min}`)] : []),
    ...(max !== undefined && more(min, max) ? [invalid(`${field}.max`, min, `min is larger than max: ${max}`)] : []),
    ...(max !== undefined && more(max, capacity) ? [invalid(`${field}.max`, max, `max is larger than capacity value: ${capacity}`)] : []),
    ...(max !== undefined && more(usual, max) ? [invalid(`${field}.max`, usual, `default is more than max: ${max}`)] : []),
    ...(step === undefined ? [] : validateStep(step, min, [usual, ...(max === undefined ? [] : [max])], capacity, `${field}.step`)),
  ]
}

/** A step of nothing fits nothing but the least amount; the original divides by it and falls. */
function validateStep(step: string, min: string, amounts: readonly string[], capacity: string, field: string): FieldError[] {
  const first = addQuantities(min, step)
  const size = quantityValue(step)
  const fits = (over: number): boolean => (size === 0 ? over === 0 : over % size === 0)
  return [
    ...(compareQuantities(first, capacity) > 0 ? [invalid(field, step, `one step ${first} is larger than capacity value: ${capacity}`)] : []),
    ...amounts.filter((amount) => !fits(quantityValue(amount) - quantityValue(min))).map((amount) => invalid(field, amount, `value is not a multiple of a given step (${step}) from (${min})`)),
  ]
}
