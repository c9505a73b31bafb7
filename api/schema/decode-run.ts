import type { Field, Scalar, Schema, StructSchema } from './schema.ts'
import { resolve } from './schema.ts'
import { goType, splitName } from './go-type.ts'
import { canonicalQuantity } from './quantity.ts'
import { setKey } from './set-key.ts'
import { canonicalMicroTime, canonicalTime } from './time.ts'

/** Why a value does not fit its schema, in the words of the original's decoder. */
export class DecodeError extends Error {
  override readonly name = 'DecodeError'
}

/** Nesting beyond this is refused; no type of the API comes near it. */
const maxDepth = 1000
/** Nobody is told of more, nor of all of a very long path: a body could ask for a message many times its own size. */
export const maxStrictErrors = 100
const longestPath = 1000

/** What decoding needs to know of a struct, worked out once. */
interface Plan {
  readonly schema: StructSchema
  readonly goName: string
  readonly names: readonly string[]
  readonly fields: readonly Field[]
  readonly schemas: readonly Resolved[]
  readonly index: ReadonlyMap<string, number>
  /** Indexes of the fields that get a zero value when they are absent. */
  readonly filled: readonly number[]
}

type Resolved = ReturnType<typeof resolve>

const plans = new WeakMap<StructSchema, Plan>()

function planOf(schema: StructSchema): Plan {
  const known = plans.get(schema)
  if (known) return known
  const names = Object.keys(schema.fields)
  const fields = names.map((name) => schema.fields[name]!)
  const schemas = fields.map((field) => resolve(field.schema))
  const filled = fields.flatMap((field, i) => (isFilled(field, schemas[i]!) ? [i] : []))
  const plan: Plan = { schema, goName: splitName(schema.name)[1], names, fields, schemas, index: new Map(names.map((name, i) => [name, i])), filled }
  plans.set(schema, plan)
  return plan
}

/** Go holds these by value and writes them always; times and free JSON would be written as null, which is as good as absent. */
function isFilled(field: Field, schema: Resolved): boolean {
  if (field.nullable || schema.kind === 'time' || schema.kind === 'microTime' || schema.kind === 'raw' || schema.kind === 'fields') return false
  return field.presence === 'required' || field.written === true || (field.presence === 'always' && schema.kind === 'struct')
}

/** One decoding. Type mismatches are noted and the first is thrown at the end, as in Go; unreadable texts throw at once. */
export class Run {
  readonly strict: string[] | undefined
  readonly unknown: string[] = []
  #mismatch: DecodeError | undefined
  /** Field names only, for type mismatches. */
  readonly #fieldPath: string[] = []
  #struct = ''

  constructor(strict: boolean) {
    this.strict = strict ? [] : undefined
  }

  root(schema: StructSchema, value: unknown): unknown {
    const object = value === null || value === undefined ? this.#structValue(planOf(schema), {}, '', 0) : this.#value(schema, value, '', 0)
    if (this.#mismatch) throw this.#mismatch
    return object
  }

  #value(schema: Resolved, value: unknown, path: string, depth: number): unknown {
    if (depth > maxDepth) throw new DecodeError('exceeded max depth')
    switch (schema.kind) {
      case 'struct':
        return isObject(value) ? this.#structValue(planOf(schema), value, path, depth) : this.#wrong(value, schema)
      case 'list':
        return Array.isArray(value) ? this.#list(resolve(schema.items), value, path, depth) : this.#wrong(value, schema)
      case 'map':
        return isObject(value) ? this.#map(resolve(schema.values), value, path, depth) : this.#wrong(value, schema)
      default:
        return this.#scalar(schema, value, depth)
    }
  }

  /** Reads the keys in the order of the document (that of the messages), then lays the fields down in the order of the declaration. */
  #structValue(plan: Plan, value: Readonly<Record<string, unknown>>, path: string, depth: number): Record<string, unknown> {
    const present: number[] = []
    const values: unknown[] = new Array(plan.names.length)
    const outer = this.#struct
    for (const key of Object.keys(value)) {
      const given = value[key]
      if (given === undefined) continue
      const at = plan.index.get(key)
      if (at === undefined) {
        if (this.strict) this.#noteUnknown(path ? `${path}.${key}` : key)
      } else if (given !== null) {
        this.#struct = plan.goName
        this.#fieldPath.push(key)
        values[at] = this.#value(plan.schemas[at]!, given, this.strict ? (path ? `${path}.${key}` : key) : '', depth + 1)
        this.#fieldPath.pop()
        present.push(at)
      }
    }
    this.#struct = outer
    for (const at of plan.filled) {
      if (values[at] !== undefined) continue
      values[at] = this.#zero(plan.schemas[at]!, depth + 1)
      present.push(at)
    }
    return build(plan, present, values)
  }

  #list(items: Resolved, value: readonly unknown[], path: string, depth: number): unknown[] {
    const result = new Array<unknown>(value.length)
    for (let i = 0; i < value.length; i++) {
      const inner = this.strict ? `${path}[${i}]` : ''
      const given = value[i]
      result[i] = (given === null || given === undefined ? this.#zero(items, depth + 1) : this.#value(items, given, inner, depth + 1)) ?? null
    }
    return result
  }

  #map(values: Resolved, value: Readonly<Record<string, unknown>>, path: string, depth: number): Record<string, unknown> {
    const result: Record<string, unknown> = {}
    const keys = Object.keys(value)
    if (keys.length > 1) keys.sort()
    for (const key of keys) {
      const given = value[key]
      if (given === undefined) continue
      const inner = this.strict ? `${path}.${key}` : ''
      setKey(result, key, (given === null ? this.#zero(values, depth + 1) : this.#value(values, given, inner, depth + 1)) ?? null)
    }
    return result
  }

  #scalar(schema: Scalar, value: unknown, depth: number): unknown {
    switch (schema.kind) {
      case 'string': return typeof value === 'string' ? value : this.#wrong(value, schema)
      case 'bool': return typeof value === 'boolean' ? value : this.#wrong(value, schema)
      case 'int32': return this.#integer(value, schema, 2147483647)
      case 'int64': return this.#integer(value, schema, 9223372036854775807)
      case 'float64': return typeof value === 'number' ? value : this.#wrong(value, schema)
      case 'bytes': return typeof value === 'string' ? this.#base64(value) : this.#wrong(value, schema)
      case 'quantity': return canonicalQuantity(typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value))
      case 'intOrString': return typeof value === 'string' ? value : intOf(value)
      case 'time': return canonicalTime(stringOf(value))
      case 'microTime': return canonicalMicroTime(stringOf(value))
      case 'duration': return durationOf(stringOf(value))
      case 'raw': case 'fields': checkDepth(value, depth); return value
    }
  }

  #integer(value: unknown, schema: Scalar, max: number): number | undefined {
    if (typeof value !== 'number') return this.#wrong(value, schema)
    if (!Number.isInteger(value) || value > max || value < -max - 1) return this.#mismatched(`number ${value}`, schema)
    return value
  }

  /** Line breaks are skipped as in Go; anything else that is no base64 is told with its place. */
  #base64(value: string): string {
    const text = value.includes('\n') || value.includes('\r') ? value.replace(/[\r\n]/g, '') : value
    if (/^(?:[A-Za-z0-9+/]{4})*(?:[A-Za-z0-9+/]{2}==|[A-Za-z0-9+/]{3}=)?$/.test(text)) return text
    const bad = /[^A-Za-z0-9+/]/.exec(text)?.index ?? text.length
    const at = text[bad] === '=' && bad % 4 >= 2 ? firstAfterPadding(text, bad) : bad === text.length ? Math.floor(bad / 4) * 4 : bad
    this.#mismatch ??= new DecodeError(`illegal base64 data at input byte ${at}`)
    return ''
  }

  #zero(schema: Resolved, depth: number): unknown {
    switch (schema.kind) {
      case 'struct': return this.#structValue(planOf(schema), {}, '', depth)
      case 'list': return []
      case 'map': return {}
      case 'string': case 'bytes': return ''
      case 'bool': return false
      case 'quantity': return '0'
      case 'int32': case 'int64': case 'float64': case 'intOrString': return 0
      case 'duration': return '0s'
      default: return undefined
    }
  }

  #wrong(value: unknown, schema: Schema): undefined {
    return this.#mismatched(jsonType(value), schema)
  }

  #mismatched(what: string, schema: Schema): undefined {
    const into = this.#fieldPath.length > 0 ? `struct field ${this.#struct}.${this.#fieldPath.join('.')}` : 'value'
    this.#mismatch ??= new DecodeError(`json: cannot unmarshal ${what} into Go ${into} of type ${goType(schema)}`)
    return undefined
  }

  #noteUnknown(path: string): void {
    if (this.unknown.length >= maxStrictErrors) return
    const shown = path.length > longestPath ? `${path.slice(0, longestPath)}…` : path
    this.unknown.push(shown)
    this.strict!.push(`unknown field ${JSON.stringify(shown)}`)
  }
}

function build(plan: Plan, present: number[], values: readonly unknown[]): Record<string, unknown> {
  let ordered = true
  for (let i = 1; i < present.length; i++) if (present[i]! < present[i - 1]!) { ordered = false; break }
  if (!ordered) present.sort(byNumber)
  const object: Record<string, unknown> = {}
  for (const at of present) {
    const value = values[at]
    if (value === undefined || isLeftOut(plan.fields[at]!, plan.schemas[at]!, value)) continue
    object[plan.names[at]!] = value
  }
  return object
}

const byNumber = (a: number, b: number): number => a - b
const isObject = (value: unknown): value is Record<string, unknown> => typeof value === 'object' && value !== null && !Array.isArray(value)

/** `omitempty`: what is optional and held by value is not told apart from its zero value. */
function isLeftOut(field: Field, schema: Resolved, value: unknown): boolean {
  if (field.presence === 'required' || field.written) return false
  if (value === '' || value === 0 || value === false) return !field.pointer && schema.kind !== 'intOrString' && schema.kind !== 'raw'
  return field.presence === 'optional' && isEmptyCollection(schema, value)
}

function isEmptyCollection(schema: Resolved, value: unknown): boolean {
  if (schema.kind === 'list') return (value as unknown[]).length === 0
  if (schema.kind !== 'map') return false
  for (const _ in value as object) return false
  return true
}

const jsonType = (value: unknown): string => (typeof value === 'boolean' ? 'bool' : Array.isArray(value) ? 'array' : typeof value)

function stringOf(value: unknown): string {
  if (typeof value === 'string') return value
  throw new DecodeError(`json: cannot unmarshal ${jsonType(value)} into Go value of type string`)
}

function intOf(value: unknown): number {
  if (typeof value !== 'number') throw new DecodeError(`json: cannot unmarshal ${jsonType(value)} into Go value of type int32`)
  if (!Number.isInteger(value) || Math.abs(value) > 2147483647) throw new DecodeError(`json: cannot unmarshal number ${value} into Go value of type int32`)
  return value
}

function durationOf(text: string): string {
  if (/^[+-]?(?:0|(?:(?:\d+\.?\d*|\.\d+)(?:ns|us|µs|μs|ms|s|m|h))+)$/.test(text)) return text
  throw new DecodeError(`time: ${/^[+-]?[\d.]+$/.test(text) ? 'missing unit in' : 'invalid'} duration ${JSON.stringify(text)}`)
}

function checkDepth(value: unknown, depth: number): void {
  if (typeof value !== 'object' || value === null) return
  if (depth > maxDepth) throw new DecodeError('exceeded max depth')
  for (const key of Object.keys(value)) checkDepth((value as Record<string, unknown>)[key], depth + 1)
}

/** Data behind the padding is the offence when the padding itself is well placed. */
function firstAfterPadding(text: string, padding: number): number {
  const full = padding % 4 === 3 ? 1 : 2
  for (let i = 1; i < full; i++) if (text[padding + i] !== '=') return padding + i
  return Math.min(padding + full, text.length)
}
