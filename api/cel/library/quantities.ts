import { parseQuantity } from '../../schema/quantity.ts'
import type { Quantity } from '../../schema/quantity.ts'
import { scanning } from '../functions.ts'
import type { Library } from '../functions.ts'
import { Opaque, failure, quantityValue } from '../values.ts'

const unit = 1_000_000_000n
const maxInt = 9223372036854775807n

function read(text: string): Quantity {
  try {
    return parseQuantity(text)
  } catch (error) {
    throw failure(error instanceof Error ? error.message : String(error))
  }
}

function isQuantity(text: string): boolean {
  try {
    parseQuantity(text)
    return true
  } catch {
    return false
  }
}

type Arg = Opaque<Quantity>
const nano = (arg: Arg): bigint => arg.value.nano
const isInteger = (arg: Arg): boolean => nano(arg) % unit === 0n && nano(arg) / unit <= maxInt && nano(arg) / unit >= -maxInt - 1n
const sum = (a: Arg, b: bigint): Arg => quantityValue({ nano: nano(a) + b, format: a.value.format })
const order = (a: Arg, b: Arg): bigint => (nano(a) < nano(b) ? -1n : nano(a) > nano(b) ? 1n : 0n)

function asInteger(arg: Arg): bigint {
  if (!isInteger(arg)) throw failure('cannot convert value to integer')
  return nano(arg) / unit
}

/** Kubernetes' quantity library: `quantity('1.5Gi').isLessThan(quantity('2Gi'))`. */
export const quantities: Library = {
  'quantity(string): quantity': scanning(([text]) => quantityValue(read(text))),
  'isQuantity(string): bool': scanning(([text]) => isQuantity(text)),
  'quantity::sign(): int': ([a]) => (nano(a) < 0n ? -1n : nano(a) > 0n ? 1n : 0n),
  'quantity::isGreaterThan(quantity): bool': ([a, b]) => nano(a) > nano(b),
  'quantity::isLessThan(quantity): bool': ([a, b]) => nano(a) < nano(b),
  'quantity::compareTo(quantity): int': ([a, b]) => order(a, b),
  'quantity::asApproximateFloat(): double': ([a]) => Number(nano(a)) / 1e9,
  'quantity::asInteger(): int': ([a]) => asInteger(a),
  'quantity::isInteger(): bool': ([a]) => isInteger(a),
  'quantity::add(quantity): quantity': ([a, b]) => sum(a, nano(b)),
  'quantity::add(int): quantity': ([a, b]) => sum(a, b * unit),
  'quantity::sub(quantity): quantity': ([a, b]) => sum(a, -nano(b)),
  'quantity::sub(int): quantity': ([a, b]) => sum(a, b * -unit),
}
