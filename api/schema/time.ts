/** The text is no time. The message is the one Go's `time.Parse` gives. */
export class TimeError extends Error {
  override readonly name = 'TimeError'
}

const secondsLayout = '2006-01-02T15:04:05Z07:00'
const microLayout = '2006-01-02T15:04:05.000000Z07:00'
const plainSeconds = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$/
const plainMicros = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}Z$/

/** The canonical form of a `metav1.Time`: RFC 3339 with whole seconds in UTC. Throws `TimeError`. */
export function canonicalTime(text: string): string {
  if (plainSeconds.test(text) && isRealInstant(text)) return text
  return new Date(parseTime(text, secondsLayout, false).ms).toISOString().replace(/\.\d{3}Z$/, 'Z')
}

/** The canonical form of a `metav1.MicroTime`: RFC 3339 with six places in UTC. Throws `TimeError`. */
export function canonicalMicroTime(text: string): string {
  if (plainMicros.test(text) && isRealInstant(text)) return text
  const { ms, fraction } = parseTime(text, microLayout, true)
  return `${new Date(ms).toISOString().slice(0, 19)}.${fraction.padEnd(6, '0').slice(0, 6)}Z`
}

/** `Date.parse` lets 30 February through; the day must be the one that was written. */
function isRealInstant(text: string): boolean {
  const date = new Date(text)
  return !Number.isNaN(date.getTime()) && date.getUTCDate() === Number(text.slice(8, 10))
}

interface Step { readonly pattern: RegExp; readonly layout: string; readonly name: string; readonly max?: number }

const steps: readonly Step[] = [
  { pattern: /^\d{4}/, layout: '2006', name: 'year' }, { pattern: /^-/, layout: '-', name: '' },
  { pattern: /^\d\d/, layout: '01', name: 'month', max: 12 }, { pattern: /^-/, layout: '-', name: '' },
  { pattern: /^\d\d/, layout: '02', name: 'day', max: 31 }, { pattern: /^T/, layout: 'T', name: '' },
  { pattern: /^\d\d/, layout: '15', name: 'hour', max: 23 }, { pattern: /^:/, layout: ':', name: '' },
  { pattern: /^\d\d/, layout: '04', name: 'minute', max: 59 }, { pattern: /^:/, layout: ':', name: '' },
  { pattern: /^\d\d/, layout: '05', name: 'second', max: 59 },
]

/** Walks the layout as Go does, so that the error names the element that did not fit. */
function parseTime(text: string, layout: string, micros: boolean): { ms: number; fraction: string } {
  const fail = (why: string): never => { throw new TimeError(`parsing time ${JSON.stringify(text)}${why}`) }
  const mismatch = (rest: string, element: string): never => fail(` as ${JSON.stringify(layout)}: cannot parse ${JSON.stringify(rest)} as ${JSON.stringify(element)}`)
  const parts: number[] = []
  let rest = text
  for (const step of steps) {
    const found = step.pattern.exec(rest)?.[0] ?? mismatch(rest, step.layout)
    if (step.name) {
      const value = Number(found)
      if (step.max !== undefined && (value > step.max || (value === 0 && step.max <= 31 && step.max !== 23))) fail(`: ${step.name} out of range`)
      parts.push(value)
    }
    rest = rest.slice(found.length)
  }
  const fraction = (micros ? /^[.,]\d{6}(?!\d)/ : /^[.,]\d+/).exec(rest)?.[0] ?? (micros ? mismatch(rest, '.000000') : '')
  rest = rest.slice(fraction.length)
  const zone = /^(?:Z|[+-]\d\d:\d\d)/.exec(rest)?.[0] ?? mismatch(rest, 'Z07:00')
  rest = rest.slice(zone.length)
  if (rest) fail(`: extra text: ${JSON.stringify(rest)}`)
  const [year, month, day, hour, minute, second] = parts as [number, number, number, number, number, number]
  const local = new Date(0)
  local.setUTCFullYear(year, month - 1, day)
  if (local.getUTCDate() !== day) fail(': day out of range')
  local.setUTCHours(hour, minute, second)
  return { ms: local.getTime() - offsetOf(zone), fraction: fraction.slice(1) }
}

function offsetOf(zone: string): number {
  if (zone === 'Z') return 0
  const minutes = Number(zone.slice(1, 3)) * 60 + Number(zone.slice(4, 6))
  return (zone[0] === '-' ? -minutes : minutes) * 60_000
}
