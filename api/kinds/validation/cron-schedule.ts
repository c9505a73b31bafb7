/*
 * The grammar of `spec.schedule` of a CronJob: five fields, or a name. What is wrong is told in the sentences of the
 * library that the original reads schedules with, since that is what people search for.
 */

interface Bounds { readonly min: number; readonly max: number; readonly names?: readonly string[] }

const months = ['jan', 'feb', 'mar', 'apr', 'may', 'jun', 'jul', 'aug', 'sep', 'oct', 'nov', 'dec']
const days = ['sun', 'mon', 'tue', 'wed', 'thu', 'fri', 'sat']
/** Minute, hour, day of the month, month, day of the week. */
const fields: readonly Bounds[] = [{ min: 0, max: 59 }, { min: 0, max: 23 }, { min: 1, max: 31 }, { min: 1, max: 12, names: months }, { min: 0, max: 6, names: days }]
const names = new Set(['@yearly', '@annually', '@monthly', '@weekly', '@daily', '@midnight', '@hourly'])
const every = '@every '

/** What is wrong with a schedule; undefined when nothing is. */
export function cronScheduleError(schedule: string): string | undefined {
  if (schedule === '') return 'empty spec string'
  const zoned = /^(?:CRON_)?TZ=(\S*)\s+(.*)$/s.exec(schedule)
  if (zoned && !isTimeZone(zoned[1]!)) return `provided bad location ${zoned[1]}: unknown time zone ${zoned[1]}`
  const spec = (zoned?.[2] ?? schedule).trim()
  if (spec.startsWith('@')) return nameError(spec)
  const given = spec.split(/\s+/).filter(Boolean)
  if (given.length !== fields.length) return `expected exactly ${fields.length} fields, found ${given.length}: [${given.join(' ')}]`
  return given.map((field, index) => fieldError(field, fields[index]!)).find(Boolean)
}

/** Whether a time zone of that name is known: `Europe/Berlin`. */
export function isTimeZone(name: string): boolean {
  try {
    return name === '' || Boolean(new Intl.DateTimeFormat('en', { timeZone: name }))
  } catch {
    return false
  }
}

const duration = /^[-+]?(0|((\d+(\.\d*)?|\.\d+)(ns|us|µs|ms|s|m|h))+)$/

function nameError(spec: string): string | undefined {
  if (names.has(spec)) return undefined
  if (!spec.startsWith(every)) return `unrecognized descriptor: ${spec}`
  const length = spec.slice(every.length)
  return duration.test(length) ? undefined : `failed to parse duration ${spec}: time: invalid duration ${JSON.stringify(length)}`
}

const fieldError = (field: string, bounds: Bounds): string | undefined =>
  field.split(',').filter(Boolean).map((range) => rangeError(range, bounds)).find(Boolean)

/** A number or its wrong. */
type Read = number | string

/** `*`, `5`, `1-5`, each with an optional `/step`. */
function rangeError(range: string, { min, max, names: words }: Bounds): string | undefined {
  const [extent = '', step, ...moreSlashes] = range.split('/')
  const [low = '', high, ...moreHyphens] = extent.split('-')
  const any = low === '*' || low === '?'
  const first: Read = any ? min : readIntOrName(low, words)
  if (typeof first === 'string') return first
  if (!any && moreHyphens.length > 0) return `too many hyphens: ${range}`
  const last: Read = any ? max : high === undefined ? (step === undefined ? first : max) : readIntOrName(high, words)
  if (typeof last === 'string') return last
  if (moreSlashes.length > 0) return `too many slashes: ${range}`
  const by: Read = step === undefined ? 1 : readInt(step)
  if (typeof by === 'string') return by
  if (first < min) return `beginning of range (${first}) below minimum (${min}): ${range}`
  if (last > max) return `end of range (${last}) above maximum (${max}): ${range}`
  if (first > last) return `beginning of range (${first}) beyond end of range (${last}): ${range}`
  return by === 0 ? `step of range should be a positive number: ${range}` : undefined
}

function readIntOrName(text: string, words: readonly string[] | undefined): Read {
  const at = words?.indexOf(text.toLowerCase()) ?? -1
  return at < 0 ? readInt(text) : words === months ? at + 1 : at
}

function readInt(text: string): Read {
  if (!/^[-+]?\d+$/.test(text)) return `failed to parse int from ${text}: strconv.Atoi: parsing ${JSON.stringify(text)}: invalid syntax`
  const value = Number(text)
  return value < 0 ? `negative number (${value}) not allowed: ${text}` : value
}
