import type { FieldError } from '../../errors.ts'
import { parseQuantity } from '../../schema/quantity.ts'
import { invalid, negativeMessage } from './field.ts'

/** An amount that may be nought, but not less. */
export const notNegative = (amount: string, field: string): FieldError[] => (parseQuantity(amount).nano < 0n ? [invalid(field, amount, negativeMessage)] : [])
