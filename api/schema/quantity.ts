/**
 * `resource.Quantity`: a fixed-point number with a suffix, exact to a billionth.
 *
 * The text is what travels and is stored; this file gives it meaning. `1000m` and `1` are equal, and the second is how
 * the first is written back. All arithmetic is in whole billionths (`nano`), so nothing is ever rounded on the way.
 */
export interface Quantity {
  /** The value in units of 10^-9. */
  readonly nano: bigint
  /** The family of suffixes it was written with, and will be written with. */
  readonly format: QuantityFormat
}

export type QuantityFormat = 'DecimalSI' | 'BinarySI' | 'DecimalExponent'

/** The text is no quantity. The message is the one of the original's decoder. */
export class QuantityError extends Error {
  override readonly name = 'QuantityError'
}

const formatWrong = "quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"
const numericWrong = 'unable to parse numeric part of quantity'
const suffixWrong = "unable to parse quantity's suffix"

const decimalSuffixes: ReadonlyMap<string, number> = new Map([['n', -9], ['u', -6], ['m', -3], ['', 0], ['k', 3], ['M', 6], ['G', 9], ['T', 12], ['P', 15], ['E', 18]])
const binarySuffixes: ReadonlyMap<string, number> = new Map([['Ki', 10], ['Mi', 20], ['Gi', 30], ['Ti', 40], ['Pi', 50], ['Ei', 60]])
const decimalSuffixOf: ReadonlyMap<number, string> = new Map([...decimalSuffixes].map(([suffix, exponent]) => [exponent, suffix]))
const binarySuffixOf: ReadonlyMap<number, string> = new Map([[0, ''], ...[...binarySuffixes].map(([suffix, exponent]): [number, string] => [exponent, suffix])])

const shape = /^([+-]?)0*([0-9]*)(?:\.([0-9]*))?([eEinumkKMGTP]*(?:[-+]?[0-9]*))$/
const unit = 1_000_000_000n
const maxBinary = 9_223_372_036_854_775_807n * unit
/** Longer numbers and larger exponents are refused: they would only cost memory. */
const maxDigits = 400
const maxExponent = 400

interface Parsed extends Quantity {
  /** The text is canonical as it stands by the original's own quick rule. */
  readonly keepText: boolean
}

/** Throws `QuantityError`. */
export function parseQuantity(text: string | number): Quantity {
  return parse(String(text))
}

/** The form in which the original writes the quantity back: `1000m` → `1`, `1024Mi` → `1Gi`. Throws `QuantityError`. */
export function canonicalQuantity(text: string | number): string {
  const written = String(text).trim()
  const parsed = parse(written)
  return parsed.keepText ? written : formatQuantity(parsed)
}

function parse(text: string): Parsed {
  const match = shape.exec(text)
  if (text === '' || !match) throw new QuantityError(formatWrong)
  const [, sign, whole, fraction = '', suffix] = match as unknown as [string, string, string, string | undefined, string]
  if (whole.length + fraction.length > maxDigits) throw new QuantityError(numericWrong)
  const scale = interpretSuffix(suffix)
  if (whole === '' && fraction === '' && !/[0-9]/.test(text.slice(0, text.length - suffix.length))) throw new QuantityError(suffix ? numericWrong : formatWrong)
  const digits = BigInt((whole || '0') + fraction)
  let format = scale.format
  let nano = scaled(digits, scale, fraction.length)
  if (format === 'BinarySI') {
    if (nano > maxBinary) nano = maxBinary
    if (nano > 0n && nano < unit) format = 'DecimalSI'
  }
  return { nano: sign === '-' ? -nano : nano, format, keepText: isCanonicalText(whole || '0', fraction, digits, scale) }
}

interface Scale { readonly base: 2 | 10; readonly exponent: number; readonly format: QuantityFormat }

function interpretSuffix(suffix: string): Scale {
  const decimal = decimalSuffixes.get(suffix)
  if (decimal !== undefined) return { base: 10, exponent: decimal, format: 'DecimalSI' }
  const binary = binarySuffixes.get(suffix)
  if (binary !== undefined) return { base: 2, exponent: binary, format: 'BinarySI' }
  if (!/^[eE][-+]?[0-9]+$/.test(suffix)) throw new QuantityError(suffixWrong)
  const exponent = Number(suffix.slice(1))
  if (Math.abs(exponent) > maxExponent) throw new QuantityError(suffixWrong)
  return { base: 10, exponent, format: 'DecimalExponent' }
}

/** `digits · 10^-places · scale` in billionths, rounded away from zero where it is finer than that. */
function scaled(digits: bigint, scale: Scale, places: number): bigint {
  const exponent = (scale.base === 10 ? scale.exponent : 0) + 9 - places
  const value = scale.base === 2 ? digits << BigInt(scale.exponent) : digits
  return exponent >= 0 ? value * 10n ** BigInt(exponent) : divideUp(value, 10n ** BigInt(-exponent))
}

/** The original keeps a text that its quick look finds canonical; odd cases of it (`1.500`) show in what users get back. */
function isCanonicalText(whole: string, fraction: string, digits: bigint, scale: Scale): boolean {
  if (scale.base === 2) {
    const precision = 15 - whole.length - Math.trunc((scale.exponent * 3) / 10) - 1
    return fraction === '' && precision >= 0 && (digits & 7n) !== 0n
  }
  const exponent = scale.exponent - fraction.length
  const shifted = whole + fraction
  return shifted.length <= 18 && exponent >= -9 && exponent % 3 === 0 && !shifted.endsWith('000') && shifted[0] !== '0'
}

const divideUp = (value: bigint, by: bigint): bigint => value / by + (value % by === 0n ? 0n : value < 0n ? -1n : 1n)

/** The canonical text: the largest suffix that leaves no fraction. */
export function formatQuantity({ nano, format }: Quantity): string {
  if (nano === 0n) return '0'
  const binary = format === 'BinarySI' && nano % unit === 0n && (nano <= -1024n * unit || nano >= 1024n * unit)
  if (binary) return formatBinary(nano / unit)
  return formatDecimal(nano, format === 'DecimalExponent')
}

function formatBinary(value: bigint): string {
  let exponent = 0
  while (exponent < 60 && value % 1024n === 0n) { value /= 1024n; exponent += 10 }
  return `${value}${binarySuffixOf.get(exponent)!}`
}

function formatDecimal(nano: bigint, asExponent: boolean): string {
  let value = nano
  let exponent = -9
  while ((asExponent || exponent < 18) && value % 1000n === 0n) { value /= 1000n; exponent += 3 }
  return asExponent ? `${value}${exponent === 0 ? '' : `e${exponent}`}` : `${value}${decimalSuffixOf.get(exponent)!}`
}

/** Negative, zero or positive, as `a` is less than, equal to or greater than `b`. */
export function compareQuantities(a: string, b: string): number {
  const left = parse(a).nano
  const right = parse(b).nano
  return left < right ? -1 : left > right ? 1 : 0
}

/** The sum, in the format of `a` unless that is zero. */
export function addQuantities(a: string, b: string): string {
  return combine(parse(a), parse(b), 1n)
}

/** `a - b`, in the format of `a` unless that is zero. */
export function subQuantities(a: string, b: string): string {
  return combine(parse(a), parse(b), -1n)
}

const combine = (a: Quantity, b: Quantity, sign: bigint): string =>
  formatQuantity({ nano: a.nano + sign * b.nano, format: a.nano === 0n ? b.format : a.format })

/** Whole units, rounded away from zero: bytes of memory, number of pods. */
export function quantityValue(text: string | number): number {
  return Number(divideUp(parse(String(text)).nano, unit))
}

/** Thousandths, rounded away from zero: millicores. */
export function quantityMilliValue(text: string | number): number {
  return Number(divideUp(parse(String(text)).nano, 1_000_000n))
}

/** The text of a whole number of units. */
export function quantityOf(value: number, format: QuantityFormat = 'DecimalSI'): string {
  return formatQuantity({ nano: BigInt(Math.trunc(value)) * unit, format })
}

/** The text of a number of thousandths. */
export function milliQuantityOf(milli: number, format: QuantityFormat = 'DecimalSI'): string {
  return formatQuantity({ nano: BigInt(Math.trunc(milli)) * 1_000_000n, format })
}
