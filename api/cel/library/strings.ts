import { scan, scanning } from '../functions.ts'
import type { Library, Run } from '../functions.ts'
import { CelDuration, CelTimestamp } from '../time.ts'
import { CelMap, TypeValue, Uint, failure, noOverload, typeNameOf } from '../values.ts'
import type { Value } from '../values.ts'
import { compareText } from './operators.ts'
import { printDouble } from './standard.ts'

const index = (value: bigint, length: number): number => {
  if (value < 0n || value > BigInt(length)) throw failure(`index out of range: ${value}`)
  return Number(value)
}

/** Code units are code points in most texts; only others are taken apart. */
const points = (text: string): string | string[] => (/[\ud800-\udfff]/.test(text) ? [...text] : text)
const part = (text: string, from: number, to?: number): string => {
  const all = points(text)
  return typeof all === 'string' ? all.slice(from, to) : all.slice(from, to).join('')
}

function indexOf(text: string, search: string, from: bigint, last: boolean): bigint {
  const all = points(text)
  const at = index(from, all.length)
  const wanted = points(search)
  if (typeof all === 'string' && typeof wanted === 'string') return BigInt(last ? all.lastIndexOf(wanted, at) : all.indexOf(wanted, at))
  const offset = [...all].slice(0, at).join('').length
  const found = last ? text.lastIndexOf(search, offset) : text.indexOf(search, offset)
  return found < 0 ? -1n : BigInt([...text.slice(0, found)].length)
}

/** What the text grows to is paid for before it is made. */
function replace(text: string, from: string, to: string, limit: bigint, run: Run): string {
  const parts = from === '' ? ['', ...text, ''] : text.split(from)
  const most = limit < 0n || limit >= BigInt(parts.length - 1) ? parts.length - 1 : Number(limit)
  run.charge(scan(text.length + most * to.length))
  return parts.slice(0, most + 1).join(to) + parts.slice(most + 1).map((part) => from + part).join('')
}

function split(text: string, separator: string, limit: bigint): string[] {
  if (limit === 0n) return []
  const parts = separator === '' ? [...text] : text.split(separator)
  if (limit < 0n || BigInt(parts.length) <= limit) return parts
  const head = parts.slice(0, Number(limit) - 1)
  return [...head, parts.slice(head.length).join(separator)]
}

const asciiOnly = (text: string, pattern: RegExp, change: (found: string) => string): string => text.replace(pattern, change)
const quotes: Readonly<Record<string, string>> = { '\x07': '\\a', '\b': '\\b', '\f': '\\f', '\n': '\\n', '\r': '\\r', '\t': '\\t', '\v': '\\v', '\\': '\\\\', '"': '\\"' }

/** How `%s` shows a value. */
function shown(value: Value): string {
  if (typeof value === 'string') return value
  if (typeof value === 'number') return Number.isFinite(value) ? printDouble(value) : Number.isNaN(value) ? 'NaN' : value > 0 ? 'Infinity' : '-Infinity'
  if (value === null || typeof value === 'boolean' || typeof value === 'bigint') return String(value)
  if (value instanceof Uint) return String(value.value)
  if (value instanceof Uint8Array) return new TextDecoder().decode(value)
  if (value instanceof CelTimestamp || value instanceof CelDuration) return String(value)
  if (value instanceof TypeValue) return value.name
  if (Array.isArray(value)) return `[${value.map(shown).join(', ')}]`
  if (value instanceof CelMap) return `{${value.keys().map((key) => [shown(key), shown(value.get(key))]).sort(([a], [b]) => compareText(a!, b!)).map(([key, item]) => `${key}: ${item}`).join(', ')}}`
  throw failure(`error during formatting: string clause can only be used on strings, bools, bytes, ints, doubles, maps, lists, types, durations, and timestamps, was given ${typeNameOf(value)}`)
}

function whole(value: Value): bigint {
  if (typeof value === 'bigint') return value
  if (value instanceof Uint) return value.value
  throw failure(`error during formatting: integer clause can only be used on integers, was given ${typeNameOf(value)}`)
}

function real(value: Value): number {
  if (typeof value === 'number') return value
  if (typeof value === 'bigint' || value instanceof Uint) return Number(whole(value))
  throw failure(`error during formatting: fixed-point clause can only be used on doubles, was given ${typeNameOf(value)}`)
}

function clause(verb: string, precision: number, value: Value): string {
  switch (verb) {
    case 's': return shown(value)
    case 'd': return typeof value === 'number' && !Number.isFinite(value) ? shown(value) : String(whole(value))
    case 'f': return real(value).toFixed(Math.min(precision, 100))
    case 'e': return real(value).toExponential(Math.min(precision, 100)).replace(/e([+-])(\d)$/, 'e$10$2')
    case 'b': return typeof value === 'boolean' ? (value ? '1' : '0') : whole(value).toString(2)
    case 'o': return whole(value).toString(8)
    case 'x': case 'X': {
      const hex = typeof value === 'string' ? Buffer.from(value).toString('hex') : value instanceof Uint8Array ? Buffer.from(value).toString('hex') : whole(value).toString(16)
      return verb === 'X' ? hex.toUpperCase() : hex
    }
    default: throw failure(`error during formatting: unrecognized formatting clause "${verb}"`)
  }
}

/** What is shown of a large value counts as it is written. */
function format(text: string, args: readonly Value[], run: Run): string {
  let next = 0
  const counted = (shown: string): string => (run.charge(scan(shown.length)), shown)
  run.charge(scan(text.length))
  return text.replace(/%(%|(?:\.(\d+))?([^]))?/g, (_, any?: string, precision?: string, verb?: string) => {
    if (any === undefined) throw failure('error during formatting: unexpected end of string')
    if (any === '%') return '%'
    if (next >= args.length) throw failure(`error during formatting: index ${next} out of range`)
    return counted(clause(verb!, precision === undefined ? 6 : Number(precision), args[next++]))
  })
}

const joined = ([list, separator = '']: readonly any[]): string => {
  if (!list.every((item: Value) => typeof item === 'string')) throw noOverload()
  return list.join(separator)
}
const joining = { run: joined, cost: ([list, separator = '']: readonly any[]) => scan(list.reduce((sum: number, item: Value) => sum + (typeof item === 'string' ? item.length + separator.length : 0), 0)) }

/** The strings extension of cel-go, version 2. */
export const strings: Library = {
  'string::charAt(int): string': ([text, at]) => {
    const all = points(text)
    return all[index(at, all.length)] ?? ''
  },
  'string::indexOf(string): int': scanning(([text, search]) => indexOf(text, search, 0n, false)),
  'string::indexOf(string, int): int': scanning(([text, search, from]) => indexOf(text, search, from, false)),
  'string::lastIndexOf(string): int': scanning(([text, search]) => indexOf(text, search, BigInt(points(text).length), true)),
  'string::lastIndexOf(string, int): int': scanning(([text, search, from]) => indexOf(text, search, from, true)),
  'string::lowerAscii(): string': scanning(([text]) => asciiOnly(text, /[A-Z]+/g, (found) => found.toLowerCase())),
  'string::upperAscii(): string': scanning(([text]) => asciiOnly(text, /[a-z]+/g, (found) => found.toUpperCase())),
  'string::replace(string, string): string': ([text, from, to], run) => replace(text, from, to, -1n, run),
  'string::replace(string, string, int): string': ([text, from, to, limit], run) => replace(text, from, to, limit, run),
  'string::split(string): list<string>': scanning(([text, separator]) => split(text, separator, -1n)),
  'string::split(string, int): list<string>': scanning(([text, separator, limit]) => split(text, separator, limit)),
  'string::substring(int): string': scanning(([text, from]) => part(text, index(from, points(text).length))),
  'string::substring(int, int): string': scanning(([text, from, to]) => {
    const { length } = points(text)
    const [start, end] = [index(from, length), index(to, length)]
    if (start > end) throw failure(`invalid substring range. start: ${start}, end: ${end}`)
    return part(text, start, end)
  }),
  'string::trim(): string': scanning(([text]) => text.replace(/^[\s\u0085]+/, '').replace(/(?<![\s\u0085])[\s\u0085]+$/, '')),
  'string::reverse(): string': scanning(([text]) => [...text].reverse().join('')),
  'list<string>::join(): string': joining,
  'list<string>::join(string): string': joining,
  'string::format(list<dyn>): string': ([text, args], run) => format(text, args, run),
  'strings.quote(string): string': scanning(([text]) => `"${text.replace(/[\x07\b\f\n\r\t\v\\"]/g, (found: string) => quotes[found]!)}"`),
}
