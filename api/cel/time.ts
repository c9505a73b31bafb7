import { CelError } from './cel.ts'

const second = 1_000_000_000n
const minSeconds = -62135596800n
const maxSeconds = 253402300799n
const maxDuration = 9223372036854775807n

/** A point in time, in nanoseconds since 1970. */
export class CelTimestamp {
  readonly nanos: bigint

  constructor(nanos: bigint) {
    const seconds = nanos / second
    if (seconds < minSeconds || seconds > maxSeconds) throw new CelError('timestamp overflow')
    this.nanos = nanos
  }

  get millis(): number { return Number(floorDiv(this.nanos, 1_000_000n)) }

  toString(): string {
    const base = new Date(this.millis).toISOString().slice(0, 19)
    const fraction = String(((this.nanos % second) + second) % second).padStart(9, '0').replace(/0+$/, '')
    return fraction ? `${base}.${fraction}Z` : `${base}Z`
  }
}

/** A span of time in nanoseconds. */
export class CelDuration {
  readonly nanos: bigint

  constructor(nanos: bigint) {
    if (nanos > maxDuration || nanos < -maxDuration - 1n) throw new CelError('duration overflow')
    this.nanos = nanos
  }

  /** `3600s`, `0.5s`. */
  toString(): string {
    const sign = this.nanos < 0n ? '-' : ''
    const size = this.nanos < 0n ? -this.nanos : this.nanos
    const fraction = String(size % second).padStart(9, '0').replace(/0+$/, '')
    return `${sign}${size / second}${fraction ? `.${fraction}` : ''}s`
  }
}

export function floorDiv(a: bigint, b: bigint): bigint {
  const quotient = a / b
  return a % b < 0n ? quotient - 1n : quotient
}

const stamp = /^(\d{4})-(\d\d)-(\d\d)[Tt](\d\d):(\d\d):(\d\d)(?:\.(\d{1,9})\d*)?(?:[Zz]|([+-])(\d\d):(\d\d))$/

/** RFC 3339. Throws `CelError`. */
export function parseTimestamp(text: string): CelTimestamp {
  const match = stamp.exec(text)
  const wrong = () => new CelError(`parsing time ${JSON.stringify(text)} as "2006-01-02T15:04:05Z07:00": cannot parse ${JSON.stringify(text)} as "2006"`)
  if (!match) throw wrong()
  const [, year, month, day, hour, minute, sec, fraction = '', sign, offsetHours = '0', offsetMinutes = '0'] = match
  const ms = Date.UTC(Number(year), Number(month) - 1, Number(day), Number(hour), Number(minute), Number(sec))
  const date = new Date(ms)
  if (Number(year) < 100) date.setUTCFullYear(Number(year))
  if (date.getUTCDate() !== Number(day) || Number(hour) > 23 || Number(minute) > 59 || Number(sec) > 59) throw wrong()
  const offset = (Number(offsetHours) * 60 + Number(offsetMinutes)) * (sign === '-' ? -60 : 60)
  return new CelTimestamp((BigInt(date.getTime()) / 1000n - BigInt(offset)) * second + BigInt(fraction.padEnd(9, '0')))
}

const units: Readonly<Record<string, bigint>> = { ns: 1n, us: 1000n, 'µs': 1000n, 'μs': 1000n, ms: 1_000_000n, s: second, m: 60n * second, h: 3600n * second }

/** Go's `time.ParseDuration`: `1h30m`, `1.5s`, `-2ms`. Throws `CelError`. */
export function parseDuration(text: string): CelDuration {
  const match = /^([+-]?)((?:\d+(?:\.\d*)?|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+$/.exec(text)
  if (text === '0' || text === '+0' || text === '-0') return new CelDuration(0n)
  if (!match || text.length > 200) throw new CelError(`time: invalid duration ${JSON.stringify(text)}`)
  let nanos = 0n
  for (const [, whole = '0', fraction = '', unit] of text.matchAll(/(\d*)(?:\.(\d*))?(ns|us|µs|μs|ms|s|m|h)/g)) {
    const size = units[unit!]!
    nanos += BigInt(whole === '' ? '0' : whole) * size
    if (fraction) nanos += (BigInt(fraction) * size) / 10n ** BigInt(fraction.length)
  }
  return new CelDuration(match[1] === '-' ? -nanos : nanos)
}

/** The parts of a time in a time zone (an IANA name or `+02:00`; UTC when absent). Throws `CelError`. */
export function partsIn(time: CelTimestamp, zone: string | undefined): Date {
  if (zone === undefined || zone === '' || zone === 'UTC') return new Date(time.millis)
  const fixed = /^([+-]?)(\d\d):(\d\d)$/.exec(zone)
  if (fixed) return new Date(time.millis + (Number(fixed[2]) * 60 + Number(fixed[3])) * (fixed[1] === '-' ? -60_000 : 60_000))
  try {
    const parts = Object.fromEntries(new Intl.DateTimeFormat('en-US', { timeZone: zone, hourCycle: 'h23', year: 'numeric', month: 'numeric', day: 'numeric', hour: 'numeric', minute: 'numeric', second: 'numeric' }).formatToParts(time.millis).map(({ type, value }) => [type, Number(value)]))
    return new Date(Date.UTC(parts['year']!, parts['month']! - 1, parts['day'], parts['hour'], parts['minute'], parts['second']) + (((time.millis % 1000) + 1000) % 1000))
  } catch {
    throw new CelError(`unknown time zone ${zone}`)
  }
}
