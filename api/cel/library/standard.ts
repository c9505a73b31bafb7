import { scan, scanning } from '../functions.ts'
import type { Library } from '../functions.ts'
import { floorDiv, parseDuration, parseTimestamp, partsIn, CelDuration, CelTimestamp } from '../time.ts'
import { CelMap, Optional, TypeValue, Uint, failure, typeNameOf } from '../values.ts'
import { checkedInt } from './operators.ts'
import { pattern } from './regex.ts'

const second = 1_000_000_000n
/** Characters are code points. */
export const characters = (text: string): number => {
  let count = text.length
  for (let i = 0; i < text.length - 1; i++) if ((text.charCodeAt(i) & 0xfc00) === 0xd800 && (text.charCodeAt(i + 1) & 0xfc00) === 0xdc00) count--
  return count
}

function sizeOf(value: any): bigint {
  return BigInt(typeof value === 'string' ? characters(value) : value instanceof CelMap ? value.size : value.length)
}

function fromDouble(value: number): bigint {
  if (!(value > -9223372036854775808 && value < 9223372036854775807)) throw failure('integer overflow')
  return BigInt(Math.trunc(value))
}

function intFromText(text: string): bigint {
  if (!/^[+-]?[0-9]+$/.test(text) || text.length > 30) throw failure(`strconv.ParseInt: parsing ${JSON.stringify(text)}: invalid syntax`)
  return checkedInt(BigInt(text.replace(/^\+/, '')))
}

function uintFrom(value: bigint): Uint {
  if (value < 0n || value > 18446744073709551615n) throw failure('unsigned integer overflow')
  return new Uint(value)
}

function doubleFromText(text: string): number {
  if (!/^[+-]?(?:[0-9]+\.?[0-9]*(?:[eE][+-]?[0-9]+)?|\.[0-9]+(?:[eE][+-]?[0-9]+)?|Inf(?:inity)?|NaN)$/i.test(text)) throw failure(`strconv.ParseFloat: parsing ${JSON.stringify(text)}: invalid syntax`)
  const named = /^([+-]?)inf/i.exec(text)
  return named ? (named[1] === '-' ? -Infinity : Infinity) : Number(text)
}

/** Go's `strconv.FormatFloat(x, 'g', -1, 64)`. */
export function printDouble(value: number): string {
  if (Number.isNaN(value)) return 'NaN'
  if (!Number.isFinite(value)) return value > 0 ? '+Inf' : '-Inf'
  const [mantissa = '0', exponent = '0'] = value.toExponential().split('e')
  const power = Number(exponent)
  if (power >= -4 && power < 21) return Object.is(value, -0) ? '-0' : plainDigits(mantissa, power)
  return `${mantissa}e${power < 0 ? '-' : '+'}${String(Math.abs(power)).padStart(2, '0')}`
}

function plainDigits(mantissa: string, power: number): string {
  const sign = mantissa.startsWith('-') ? '-' : ''
  const digits = mantissa.replace(/[-.]/g, '')
  if (power < 0) return `${sign}0.${'0'.repeat(-power - 1)}${digits}`
  return digits.length <= power + 1 ? sign + digits.padEnd(power + 1, '0') : `${sign}${digits.slice(0, power + 1)}.${digits.slice(power + 1)}`
}

function boolFromText(text: string): boolean {
  if (['1', 't', 'T', 'true', 'TRUE', 'True'].includes(text)) return true
  if (['0', 'f', 'F', 'false', 'FALSE', 'False'].includes(text)) return false
  throw failure(`strconv.ParseBool: parsing ${JSON.stringify(text)}: invalid syntax`)
}

function utf8(bytes: Uint8Array): string {
  try {
    return new TextDecoder('utf-8', { fatal: true, ignoreBOM: true }).decode(bytes)
  } catch {
    throw failure('invalid UTF-8 in bytes, cannot convert to string')
  }
}

const whole = (divide: bigint) => ([duration]: readonly any[]) => (duration as CelDuration).nanos / divide

function timeParts(): Library {
  const parts: Readonly<Record<string, (date: Date) => number>> = {
    getFullYear: (date) => date.getUTCFullYear(), getMonth: (date) => date.getUTCMonth(), getDayOfMonth: (date) => date.getUTCDate() - 1, getDate: (date) => date.getUTCDate(),
    getDayOfWeek: (date) => date.getUTCDay(), getHours: (date) => date.getUTCHours(), getMinutes: (date) => date.getUTCMinutes(), getSeconds: (date) => date.getUTCSeconds(), getMilliseconds: (date) => date.getUTCMilliseconds(),
    getDayOfYear: (date) => Math.floor((Date.UTC(date.getUTCFullYear(), date.getUTCMonth(), date.getUTCDate()) - Date.UTC(date.getUTCFullYear(), 0, 1)) / 86_400_000),
  }
  return Object.fromEntries(Object.entries(parts).flatMap(([name, read]): [string, Library[string]][] => [
    [`timestamp::${name}(): int`, ([time]) => BigInt(read(partsIn(time, undefined)))],
    [`timestamp::${name}(string): int`, ([time, zone]) => BigInt(read(partsIn(time, zone)))],
  ]))
}

function sizes(): Library {
  return Object.fromEntries(['string', 'bytes', 'list<A>', 'map<A, B>'].flatMap((type): [string, Library[string]][] => {
    const run: Library[string] = type === 'string' ? scanning(([value]) => sizeOf(value)) : ([value]) => sizeOf(value)
    return [[`size(${type}): int`, run], [`${type}::size(): int`, run]]
  }))
}

const matching: Library[string] = {
  run: ([text, source]) => pattern(source).test(text),
  cost: ([text, source]) => Math.max(1, scan(text.length + 1)) * Math.max(1, Math.ceil(source.length * 0.25)),
}

/** What every CEL environment has. */
export const standard: Library = {
  ...sizes(), ...timeParts(),
  'int(int): int': ([a]) => a, 'int(uint): int': ([a]) => checkedInt(a.value), 'int(double): int': ([a]) => fromDouble(a),
  'int(string): int': ([a]) => intFromText(a), 'int(timestamp): int': ([a]) => floorDiv((a as CelTimestamp).nanos, second), 'int(duration): int': ([a]) => a.nanos,
  'uint(uint): uint': ([a]) => a, 'uint(int): uint': ([a]) => uintFrom(a), 'uint(double): uint': ([a]) => uintFrom(fromDouble(a)), 'uint(string): uint': ([a]) => uintFrom(intFromText(a)),
  'double(double): double': ([a]) => a, 'double(int): double': ([a]) => Number(a), 'double(uint): double': ([a]) => Number(a.value), 'double(string): double': ([a]) => doubleFromText(a),
  'bool(bool): bool': ([a]) => a, 'bool(string): bool': ([a]) => boolFromText(a),
  'string(string): string': ([a]) => a, 'string(bool): string': ([a]) => String(a), 'string(int): string': ([a]) => String(a), 'string(uint): string': ([a]) => String(a.value),
  'string(double): string': ([a]) => printDouble(a), 'string(bytes): string': scanning(([a]) => utf8(a)), 'string(timestamp): string': ([a]) => String(a), 'string(duration): string': ([a]) => String(a),
  'bytes(bytes): bytes': ([a]) => a, 'bytes(string): bytes': scanning(([a]) => new TextEncoder().encode(a)),
  'timestamp(timestamp): timestamp': ([a]) => a, 'timestamp(string): timestamp': ([a]) => parseTimestamp(a), 'timestamp(int): timestamp': ([a]) => new CelTimestamp(a * second),
  'duration(duration): duration': ([a]) => a, 'duration(string): duration': ([a]) => parseDuration(a), 'duration(int): duration': ([a]) => new CelDuration(a),
  'dyn(A): dyn': ([a]) => a,
  'type(A): type<A>': ([a]) => new TypeValue(typeNameOf(a)),
  'string::contains(string): bool': { run: ([a, b]) => a.includes(b), cost: ([a, b]) => scan(a.length) * Math.max(1, scan(b.length)) },
  'string::startsWith(string): bool': { run: ([a, b]) => a.startsWith(b), cost: ([, b]) => scan(b.length) },
  'string::endsWith(string): bool': { run: ([a, b]) => a.endsWith(b), cost: ([, b]) => scan(b.length) },
  'string::matches(string): bool': matching, 'matches(string, string): bool': matching,
  'duration::getHours(): int': whole(3600n * second), 'duration::getMinutes(): int': whole(60n * second), 'duration::getSeconds(): int': whole(second),
  'duration::getMilliseconds(): int': whole(1_000_000n),
}

/** `optional.of(x)` and what one can do with it. */
export const optionals: Library = {
  'optional.of(A): optional<A>': ([a]) => Optional.of(a),
  'optional.none(): optional<A>': () => Optional.none,
  'optional.ofNonZeroValue(A): optional<A>': ([a]) => (isZero(a) ? Optional.none : Optional.of(a)),
  'optional<A>::hasValue(): bool': ([a]) => a.present,
  'optional<A>::value(): A': ([a]) => {
    if (!a.present) throw failure('optional.none() dereference')
    return a.value
  },
  'optional<A>::or(optional<A>): optional<A>': ([a, b]) => (a.present ? a : b),
  'optional<A>::orValue(A): A': ([a, b]) => (a.present ? a.value : b),
}

function isZero(value: any): boolean {
  if (value === null || value === false || value === 0n || value === 0 || value === '') return true
  if (Array.isArray(value) || value instanceof Uint8Array) return value.length === 0
  if (value instanceof CelMap) return value.size === 0
  if (value instanceof Uint) return value.value === 0n
  return (value instanceof CelDuration || value instanceof CelTimestamp) && value.nanos === 0n
}

