import { resolve } from '../schema/schema.ts'
import type { Scalar, Schema, StructSchema } from '../schema/schema.ts'
import { BackwardWriter } from './backward-writer.ts'
import { nanosecondsOf } from './duration.ts'
import { wireFields } from './plan.ts'
import type { WireField } from './plan.ts'

type Resolved = ReturnType<typeof resolve>

/** Writing runs to its end at once and never calls out, so one piece of memory serves all. */
const shared = new BackwardWriter(64 * 1024)
const magic = Buffer.from('k8s\0')

/** An object in canonical form (what `decode` makes; bytes may be bytes too) as a message. What is not declared is left out. */
export function encodeMessage(schema: StructSchema, value: object): Buffer {
  shared.reset()
  struct(shared, schema, value as Record<string, unknown>)
  return shared.finish()
}

/** A message in the envelope that every Kubernetes protobuf body has: `runtime.Unknown` behind four magic bytes. */
export function sealEnvelope(apiVersion: string, kind: string, raw: Uint8Array): Buffer {
  return Buffer.concat([envelopeHead(apiVersion, kind, raw.length), raw, envelopeTail])
}

/** What stands before and behind the `length` bytes of a message in its envelope. */
export function envelopeHead(apiVersion: string, kind: string, length: number): Buffer {
  shared.reset()
  shared.varint(length)
  shared.tag(2, 2)
  const before = shared.length
  shared.textField(2, kind)
  shared.textField(1, apiVersion)
  shared.close(1, before)
  shared.raw(magic)
  return shared.finish()
}
/** `contentEncoding` and `contentType`, both empty; Go writes them all the same. */
export const envelopeTail = Buffer.from([0x1a, 0, 0x22, 0])

/** The head of a field that holds `length` bytes: what the items of a list are joined with. */
export function fieldHead(number: number, length: number): Buffer {
  shared.reset()
  shared.varint(length)
  shared.tag(number, 2)
  return shared.finish()
}

const descending = new WeakMap<StructSchema, readonly (readonly [number, WireField])[]>()

function fieldsOf(schema: StructSchema): readonly (readonly [number, WireField])[] {
  const known = descending.get(schema)
  if (known) return known
  const made = [...wireFields(schema)].sort(([a], [b]) => b - a)
  descending.set(schema, made)
  return made
}

function struct(to: BackwardWriter, schema: StructSchema, value: Record<string, unknown>): void {
  for (const [number, wire] of fieldsOf(schema)) {
    if (wire.embedded) {
      const before = to.length
      struct(to, wire.schema, value)
      if (to.length > before) to.close(number, before)
    } else {
      const given = value[wire.name]
      if (given === undefined || given === null) continue
      if (wire.schema.kind === 'list' && wire.field.wrapped) wrapped(to, number, wire.schema.items, given as unknown[])
      else field(to, number, wire.schema, given)
    }
  }
}

function field(to: BackwardWriter, number: number, of: Resolved, value: unknown): void {
  if (of.kind === 'list') return list(to, number, resolve(of.items), value as unknown[])
  if (of.kind === 'map') return entries(to, number, resolve(of.values), value as Record<string, unknown>)
  single(to, number, of, value)
}

function list(to: BackwardWriter, number: number, of: Resolved, items: readonly unknown[]): void {
  for (let i = items.length - 1; i >= 0; i--) single(to, number, of as Exclude<Resolved, { kind: 'list' | 'map' }>, items[i])
}

function wrapped(to: BackwardWriter, number: number, items: Schema, value: readonly unknown[]): void {
  const before = to.length
  list(to, 1, resolve(items), value)
  to.close(number, before)
}

/** Go writes the entries of a map in the order of their keys. */
function entries(to: BackwardWriter, number: number, of: Resolved, value: Record<string, unknown>): void {
  const keys = Object.keys(value).sort()
  for (let i = keys.length - 1; i >= 0; i--) {
    const key = keys[i]!
    const before = to.length
    // A list behind a map's value is a message of its own.
    if (of.kind === 'list') wrapped(to, 2, of.items, value[key] as unknown[])
    else field(to, 2, of, value[key])
    to.textField(1, key)
    to.close(number, before)
  }
}

function single(to: BackwardWriter, number: number, of: Exclude<Resolved, { kind: 'list' | 'map' }>, value: unknown): void {
  switch (of.kind) {
    case 'int32': case 'int64':
      to.varint(value as number)
      return to.tag(number, 0)
    case 'bool':
      to.varint(value === true ? 1 : 0)
      return to.tag(number, 0)
    case 'float64':
      to.double(value as number)
      return to.tag(number, 1)
    default: {
      const before = to.length
      if (of.kind === 'struct') struct(to, of, value as Record<string, unknown>)
      else if (of.union) struct(to, of.union.message(), of.union.toMessage(value) as Record<string, unknown>)
      else scalar(to, of, value)
      to.close(number, before)
    }
  }
}

function scalar(to: BackwardWriter, of: Scalar, value: unknown): void {
  switch (of.kind) {
    case 'string': return to.text(value as string)
    case 'bytes': return to.raw(typeof value === 'string' ? Buffer.from(value, 'base64') : value as Uint8Array)
    case 'quantity': return to.textField(1, String(value))
    case 'intOrString': return intOrString(to, value as number | string)
    case 'time': return moment(to, value as string, 0)
    case 'microTime': return moment(to, value as string, nanosOf(value as string))
    case 'duration':
      to.varint(nanosecondsOf(value as string))
      return to.tag(1, 0)
    default: return to.textField(1, JSON.stringify(value))
  }
}

function intOrString(to: BackwardWriter, value: number | string): void {
  const isText = typeof value === 'string'
  to.textField(3, isText ? value : '')
  to.varint(isText ? 0 : value)
  to.tag(2, 0)
  to.varint(isText ? 1 : 0)
  to.tag(1, 0)
}

function moment(to: BackwardWriter, text: string, nanos: number): void {
  to.varint(nanos)
  to.tag(2, 0)
  to.varint(Math.floor(Date.parse(text) / 1000))
  to.tag(1, 0)
}

/** The part of a second in a timestamp with microseconds. */
const nanosOf = (text: string): number => Number((/\.(\d+)/.exec(text)?.[1] ?? '0').padEnd(9, '0').slice(0, 9))
