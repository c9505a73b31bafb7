import { parseQuantity, formatQuantity } from '../schema/quantity.ts'
import type { Quantity } from '../schema/quantity.ts'
import { CelError } from './cel.ts'
import type { CelType } from './cel.ts'
import { unescapeName } from './names.ts'
import { fieldsOf } from './types.ts'
import { CelDuration, CelTimestamp, parseDuration, parseTimestamp } from './time.ts'

/**
 * Values while an expression runs: `null`, booleans, BigInt (int), `Uint`, number (double), string, Uint8Array (bytes), arrays (lists of such
 * values), `CelMap`, `CelTimestamp`, `CelDuration`, `Optional`, `TypeValue`, `Opaque` (what libraries bring).
 */
export type Value = unknown

export class Uint {
  readonly value: bigint
  constructor(value: bigint) { this.value = value }
}

export class Optional {
  readonly value: Value
  readonly present: boolean
  constructor(present: boolean, value: Value) { this.present = present; this.value = value }
  static readonly none = new Optional(false, undefined)
  static of(value: Value): Optional { return new Optional(true, value) }
}

export class TypeValue {
  readonly name: string
  constructor(name: string) { this.name = name }
}

/** A value of a library's own type; `key` decides equality. */
export class Opaque<T = unknown> {
  readonly type: string
  readonly value: T
  readonly key: unknown
  constructor(type: string, value: T, key: unknown = value) { this.type = type; this.value = value; this.key = key }
}

export const quantityType = 'kubernetes.Quantity'
/** Throws `CelError`. */
export function readQuantity(text: string | number): Opaque<Quantity> {
  try {
    return quantityValue(parseQuantity(text))
  } catch (error) {
    throw failure(error instanceof Error ? error.message : String(error))
  }
}
export const quantityValue = (quantity: Quantity): Opaque<Quantity> => new Opaque(quantityType, quantity, quantity.nano)

export const failure = (message: string): CelError => new CelError(message, 'evaluation')
/** An error that another operand may make unimportant; a spent budget is none. */
export const forgivable = (error: unknown): error is CelError => error instanceof CelError && error.code === 'evaluation'
export const noOverload = (): CelError => failure('no such overload')

/** A map or an object. Keys are strings, BigInt, booleans or numbers; numbers that are whole find whole keys. */
export abstract class CelMap {
  abstract get size(): number
  abstract get(key: Value): Value | undefined
  abstract keys(): Value[]
  has(key: Value): boolean { return this.get(key) !== undefined }
}

export class NativeMap extends CelMap {
  readonly entries: ReadonlyMap<unknown, Value>
  constructor(entries: ReadonlyMap<unknown, Value>) { super(); this.entries = entries }
  get size(): number { return this.entries.size }
  get(key: Value): Value | undefined { return this.entries.get(normalKey(key)) }
  keys(): Value[] { return [...this.entries.keys()] }
}

/** Numbers of all types that are equal are the same key. */
export function normalKey(key: Value): unknown {
  if (key instanceof Uint) return key.value
  if (typeof key === 'number' && Number.isInteger(key)) return BigInt(key)
  return key
}

/** A JSON object, read by its declared type as far as it is asked for. */
export class JsonMap extends CelMap {
  readonly raw: Readonly<Record<string, unknown>>
  readonly type: CelType
  #known: Map<string, Value> | undefined

  constructor(raw: Readonly<Record<string, unknown>>, type: CelType) { super(); this.raw = raw; this.type = type }

  get size(): number { return this.keys().length }
  keys(): string[] {
    const all = Object.keys(this.raw)
    return this.type.kind === 'object' ? all.filter((key) => this.raw[key] !== undefined) : all
  }

  override has(key: Value): boolean { return typeof key === 'string' && this.#own(key) !== undefined }

  get(key: Value): Value | undefined {
    if (typeof key !== 'string') return undefined
    const found = this.#known?.get(key)
    if (found !== undefined) return found
    const name = this.#own(key)
    if (name === undefined) return undefined
    const value = fromJson(this.raw[name], this.typeOf(name))
    ;(this.#known ??= new Map()).set(key, value)
    return value
  }

  typeOf(name: string): CelType {
    if (this.type.kind !== 'object') return this.type.items ?? dynamic
    const fields = fieldsOf(this.type)
    return Object.hasOwn(fields, name) ? fields[name]! : dynamic
  }

  /** The JSON name behind a key; names of fields may be escaped. */
  #own(key: string): string | undefined {
    if (Object.hasOwn(this.raw, key)) return this.raw[key] === undefined ? undefined : key
    if (this.type.kind !== 'object' || !key.startsWith('__') && !key.includes('__')) return undefined
    const name = unescapeName(key)
    return Object.hasOwn(this.raw, name) && this.raw[name] !== undefined ? name : undefined
  }
}

const dynamic: CelType = Object.freeze({ kind: 'dyn' })

/** A list whose order means nothing (`x-kubernetes-list-type: set | map`). */
export class KeyedList extends Array<Value> {
  keyedBy: readonly string[] | undefined
  static override get [Symbol.species](): ArrayConstructor { return Array }
}

/** A JSON value as the expression sees it. */
export function fromJson(value: unknown, type: CelType): Value {
  if (value === null || value === undefined) return null
  switch (typeof value) {
    case 'boolean': return value
    case 'bigint': return value
    case 'number': return type.kind === 'double' ? value : type.kind === 'quantity' ? readQuantity(value) : Number.isInteger(value) ? BigInt(value) : value
    case 'string': return fromText(value, type)
  }
  if (Array.isArray(value)) return listFrom(value, type)
  if (value instanceof CelMap || value instanceof Opaque || value instanceof CelTimestamp || value instanceof CelDuration || value instanceof Optional || value instanceof Uint8Array || value instanceof Uint || value instanceof TypeValue) return value
  return new JsonMap(value as Record<string, unknown>, type)
}

function listFrom(raw: readonly unknown[], type: CelType): Value[] {
  const items = type.items ?? dynamic
  if (type.listType === undefined || type.listType === 'atomic') return raw.map((item) => fromJson(item, items))
  const made = new KeyedList()
  for (const item of raw) made.push(fromJson(item, items))
  made.keyedBy = type.listType === 'map' ? type.listMapKeys : undefined
  return made
}

function fromText(text: string, type: CelType): Value {
  switch (type.kind) {
    // A plain date (`format: date`) is its midnight.
    case 'timestamp': return parseTimestamp(/^\d{4}-\d\d-\d\d$/.test(text) ? `${text}T00:00:00Z` : text)
    case 'duration': return parseDuration(text)
    case 'quantity': return readQuantity(text)
    case 'bytes': return new Uint8Array(Buffer.from(text, 'base64'))
    default: return text
  }
}

/** A value as JSON: what `compileCel` gives back. Integers beyond 2^53 stay BigInt. */
export function toJson(value: Value): unknown {
  if (typeof value === 'bigint') return value >= -9007199254740991n && value <= 9007199254740991n ? Number(value) : value
  if (value instanceof Uint) return toJson(value.value)
  if (value instanceof JsonMap) return value.raw
  if (value instanceof CelMap) return Object.fromEntries(value.keys().map((key) => [keyText(key), toJson(value.get(key))]))
  if (Array.isArray(value)) return value.map(toJson)
  if (value instanceof Uint8Array) return Buffer.from(value).toString('base64')
  if (value instanceof CelTimestamp || value instanceof CelDuration) return value.toString()
  if (value instanceof Optional) return value.present ? toJson(value.value) : null
  if (value instanceof TypeValue) return value.name
  if (value instanceof Opaque) return value.type === quantityType ? formatQuantity(value.value as Quantity) : String(value.value)
  return value
}

const keyText = (key: Value): string => (typeof key === 'string' ? key : String(key))

/** The name of a value's type, as `type(x)` and messages give it. */
export function typeNameOf(value: Value): string {
  if (value === null) return 'null_type'
  switch (typeof value) {
    case 'boolean': return 'bool'
    case 'bigint': return 'int'
    case 'number': return 'double'
    case 'string': return 'string'
  }
  if (value instanceof Uint) return 'uint'
  if (value instanceof Uint8Array) return 'bytes'
  if (Array.isArray(value)) return 'list'
  if (value instanceof CelMap) return 'map'
  if (value instanceof CelTimestamp) return 'google.protobuf.Timestamp'
  if (value instanceof CelDuration) return 'google.protobuf.Duration'
  if (value instanceof Optional) return 'optional_type'
  if (value instanceof TypeValue) return 'type'
  return value instanceof Opaque ? value.type : 'dyn'
}
