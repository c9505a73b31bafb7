import type { KubeObject } from '../../api/object.ts'

const encoder = new TextEncoder()
const decoder = new TextDecoder()
const metadataKey = '"metadata":{'
/** Nothing but `apiVersion` and `kind` stands before `metadata`, so the first `"metadata":{` is the object's own. */
const canonicalHead = /^\{(?:"(?:apiVersion|kind)":"[^"\\]*",){0,2}$/

/**
 * The stored form of an object: JSON without `metadata.resourceVersion` (the log knows it), with `apiVersion`, `kind` and
 * `metadata` first, so that the revision can be put in without parsing.
 */
export function encodeObject(object: KubeObject): Uint8Array {
  const { apiVersion, kind, metadata, ...rest } = object
  const { resourceVersion: _, ...unversioned } = metadata
  return encoder.encode(JSON.stringify({ apiVersion, kind, metadata: unversioned, ...rest }))
}

/** The stored form as a deeply frozen object with its `metadata.resourceVersion`. */
export function decodeObject(value: Uint8Array, revision: number): KubeObject {
  const object = JSON.parse(decoder.decode(value)) as KubeObject
  object.metadata = { ...object.metadata, resourceVersion: String(revision) }
  return deepFreeze(object)
}

/** The same object at another revision. Shares everything but `metadata`. */
export const atRevision = (object: KubeObject, revision: number): KubeObject =>
  deepFreeze({ ...object, metadata: { ...object.metadata, resourceVersion: String(revision) } })

/** The stored form with `metadata.resourceVersion` spliced in: what clients get. */
export function withRevision(value: Uint8Array, revision: number): Uint8Array {
  const buffer = view(value)
  const found = buffer.indexOf(metadataKey)
  if (found < 0 || !canonicalHead.test(buffer.toString('latin1', 0, found))) {
    return withRevision(encodeObject(decodeObject(value, revision)), revision)
  }
  const at = found + metadataKey.length
  const insert = `"resourceVersion":"${revision}"${buffer[at] === 0x7d ? '' : ','}`
  const spliced = Buffer.allocUnsafeSlow(value.length + insert.length)
  buffer.copy(spliced, 0, 0, at)
  spliced.write(insert, at, 'latin1')
  buffer.copy(spliced, at + insert.length, at)
  return spliced
}

/** One line of a watch response. */
export function frameBytes(type: string, object: Uint8Array): Uint8Array {
  const head = `{"type":"${type}","object":`
  const line = Buffer.allocUnsafeSlow(head.length + object.length + 2)
  line.write(head, 0, 'latin1')
  view(object).copy(line, head.length)
  line.write('}\n', head.length + object.length, 'latin1')
  return line
}

export const encodeJson = (value: unknown): Uint8Array => encoder.encode(JSON.stringify(value))

/** Freezes what is not frozen yet; a frozen part is taken to be frozen all the way down. */
export function deepFreeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null || Object.isFrozen(value)) return value
  Object.freeze(value)
  for (const name in value) deepFreeze(value[name])
  return value
}

const view = (bytes: Uint8Array): Buffer => Buffer.from(bytes.buffer, bytes.byteOffset, bytes.byteLength)
