import { resolve } from '../schema/schema.ts'
import type { Scalar, Schema, StructSchema } from '../schema/schema.ts'
import { wireFields } from './plan.ts'
import { ProtobufError, Reader } from './reader.ts'

export const protobufMediaType = 'application/vnd.kubernetes.protobuf'

/** The envelope of every Kubernetes protobuf body. */
export interface Envelope {
  readonly apiVersion: string
  readonly kind: string
  readonly raw: Uint8Array
}

const magic = Buffer.from('k8s\0')
const maxDepth = 200

/** Takes a body out of its envelope (`runtime.Unknown` behind four magic bytes). Throws `ProtobufError`. */
export function openEnvelope(body: Uint8Array): Envelope {
  if (body.length < 4 || magic.compare(body, 0, 4) !== 0) throw new ProtobufError('provided data does not appear to be a protobuf message, expected prefix [107 56 115 0]')
  const envelope = { apiVersion: '', kind: '', raw: new Uint8Array() as Uint8Array }
  fieldsOf(body.subarray(4), (number, reader) => {
    if (number === 2) envelope.raw = reader.bytes()
    else if (number === 1) {
      fieldsOf(reader.bytes(), (inner, of) => {
        if (inner === 1) envelope.apiVersion = of.bytes().toString()
        else if (inner === 2) envelope.kind = of.bytes().toString()
        else return false
        return true
      })
    } else return false
    return true
  })
  return envelope
}

/**
 * A message as the JSON value it stands for: what `decode` takes. Zero values of fields that Go holds by value are left
 * out, because the sender writes them whether they were said or not. Throws `ProtobufError`.
 */
export const decodeMessage = (schema: StructSchema, bytes: Uint8Array): Record<string, unknown> => struct(schema, bytes, {}, 0)

/** Calls `read` for each field; false from it: not known, passed over. */
function fieldsOf(bytes: Uint8Array, read: (number: number, reader: Reader, type: number) => boolean): void {
  const reader = new Reader(bytes)
  while (!reader.done) {
    const { number, type } = reader.tag()
    if (!read(number, reader, type)) reader.skip(type)
  }
}

function struct(schema: StructSchema, bytes: Uint8Array, into: Record<string, unknown>, depth: number): Record<string, unknown> {
  if (depth > maxDepth) throw new ProtobufError('exceeded max depth')
  const fields = wireFields(schema)
  fieldsOf(bytes, (number, reader, type) => {
    const wire = fields.get(number)
    if (!wire) return false
    if (wire.embedded) {
      struct(wire.schema, reader.bytes(), into, depth + 1)
      return true
    }
    const { name, schema: of, field } = wire
    if (of.kind === 'list') append(of.items, reader, type, (into[name] ??= []) as unknown[], depth)
    else if (of.kind === 'map') entry(of.values, reader.bytes(), (into[name] ??= {}) as Record<string, unknown>, depth)
    else {
      const read = value(of, reader, type, depth)
      if (read !== undefined && !(field.presence === 'optional' && !field.pointer && isZero(read))) into[name] = read
    }
    return true
  })
  return into
}

const isZero = (read: unknown): boolean => read === '' || read === 0 || read === false

/** Integers of a list may come packed into one field. */
function append(items: Schema, reader: Reader, type: number, list: unknown[], depth: number): void {
  const of = resolve(items)
  if (type === 2 && (of.kind === 'int32' || of.kind === 'int64' || of.kind === 'bool')) {
    const packed = new Reader(reader.bytes())
    while (!packed.done) list.push(value(of, packed, 0, depth))
  } else list.push(value(of, reader, type, depth))
}

function entry(values: Schema, bytes: Uint8Array, map: Record<string, unknown>, depth: number): void {
  const of = resolve(values)
  let key = ''
  let read: unknown
  fieldsOf(bytes, (number, reader, type) => {
    if (number === 1) key = reader.bytes().toString()
    else if (number === 2) read = of.kind === 'list' ? wrapped(of.items, reader.bytes(), depth) : value(of, reader, type, depth)
    else return false
    return true
  })
  read ??= of.kind === 'string' || of.kind === 'bytes' ? '' : of.kind === 'list' ? [] : undefined
  if (read !== undefined) Object.defineProperty(map, key, { value: read, enumerable: true, configurable: true, writable: true })
}

/** A list that is a map's value stands in a message of its own. */
function wrapped(items: Schema, bytes: Uint8Array, depth: number): unknown[] {
  const list: unknown[] = []
  fieldsOf(bytes, (number, reader, type) => {
    if (number !== 1) return false
    append(items, reader, type, list, depth)
    return true
  })
  return list
}

function value(of: ReturnType<typeof resolve>, reader: Reader, type: number, depth: number): unknown {
  if (of.kind === 'int32' || of.kind === 'int64' || of.kind === 'bool') {
    if (type !== 0) throw new ProtobufError(`proto: wrong wireType = ${type} for an integer`)
    const read = reader.varint()
    return of.kind === 'bool' ? read !== 0n : Number(read)
  }
  if (of.kind === 'float64') return reader.double()
  if (type !== 2) throw new ProtobufError(`proto: wrong wireType = ${type}`)
  const bytes = reader.bytes()
  if (of.kind === 'struct') return struct(of, bytes, {}, depth + 1)
  if (of.kind === 'list' || of.kind === 'map') throw new ProtobufError('a list in a list has no protobuf form')
  if (of.union) return of.union.fromMessage(struct(of.union.message(), bytes, {}, depth + 1))
  return scalar(of, bytes)
}

function scalar(of: Scalar, bytes: Buffer): unknown {
  switch (of.kind) {
    case 'string': return bytes.toString()
    case 'bytes': return bytes.toString('base64')
    case 'quantity': return textIn(bytes)
    case 'time': return timeIn(bytes, (date) => date.toISOString().replace(/\.\d{3}Z$/, 'Z'))
    case 'microTime': return timeIn(bytes, (date, nanos) => date.toISOString().replace(/\.\d{3}Z$/, `.${String(Math.floor(nanos / 1000)).padStart(6, '0')}Z`))
    case 'intOrString': return intOrStringIn(bytes)
    case 'duration': return `${Number(integersIn(bytes).get(1) ?? 0n) / 1e9}s`
    case 'raw': case 'fields': return jsonIn(bytes)
    default: throw new ProtobufError(`a ${of.kind} has no protobuf form`)
  }
}

function textIn(bytes: Buffer): string {
  let text = ''
  fieldsOf(bytes, (number, reader) => number === 1 && (text = reader.bytes().toString(), true))
  return text
}

function integersIn(bytes: Buffer): Map<number, bigint> {
  const found = new Map<number, bigint>()
  fieldsOf(bytes, (number, reader, type) => type === 0 && (found.set(number, reader.varint()), true))
  return found
}

/** A time of no seconds and no nanoseconds is Go's zero time: none. */
function timeIn(bytes: Buffer, print: (date: Date, nanos: number) => string): string | undefined {
  const parts = integersIn(bytes)
  if (parts.size === 0) return undefined
  const date = new Date(Number(parts.get(1) ?? 0n) * 1000)
  if (Number.isNaN(date.getTime())) throw new ProtobufError('time out of range')
  return print(date, Number(parts.get(2) ?? 0n))
}

function intOrStringIn(bytes: Buffer): number | string {
  let text = ''
  const integers = new Map<number, bigint>()
  fieldsOf(bytes, (number, reader, type) => {
    if (type === 0) integers.set(number, reader.varint())
    else if (number === 3) text = reader.bytes().toString()
    else return false
    return true
  })
  return integers.get(1) === 1n ? text : Number(integers.get(2) ?? 0n)
}

function jsonIn(bytes: Buffer): unknown {
  const text = textIn(bytes)
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    throw new ProtobufError('embedded JSON is not valid')
  }
}
