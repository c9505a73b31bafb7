import { isDeepStrictEqual } from 'node:util'
import type { KubeObject, WatchEventType } from '../../api/object.ts'
import type { WatchFrame } from '../../api/transport.ts'
import type { CacheEntry } from './cache.ts'
import { atRevision, decodeObject, encodeJson, frameBytes, withRevision } from './wire.ts'

/** A stored object in all its forms, each made at first use and kept. */
export class Entry implements CacheEntry {
  readonly key: string
  readonly revision: number
  readonly created: number
  readonly #value: Uint8Array
  #object: KubeObject | undefined
  #bytes: Uint8Array | undefined

  /** `object`, when the writer still has it, is frozen and has its resourceVersion. */
  constructor(key: string, revision: number, created: number, value: Uint8Array, object?: KubeObject) {
    this.key = key
    this.revision = revision
    this.created = created
    this.#value = value
    this.#object = object
  }

  get object(): KubeObject { return (this.#object ??= decodeObject(this.#value, this.revision)) }
  get bytes(): Uint8Array { return (this.#bytes ??= withRevision(this.#value, this.revision)) }

  /** The same content at another revision: how watchers see an object go. */
  at(revision: number): Entry {
    return new Entry(this.key, revision, this.created, this.#value, this.#object && atRevision(this.#object, revision))
  }

  /** Whether writing `value` would change nothing; the order of keys does not count. */
  says(value: Uint8Array): boolean {
    if (value.length !== this.#value.length) return false
    return Buffer.compare(value, this.#value) === 0 || isDeepStrictEqual(decodeObject(value, this.revision), this.object)
  }
}

/** A change of one object. Its frames are made at most once each and shared by all watchers. */
export class EntryEvent {
  readonly type: 'create' | 'update' | 'delete'
  readonly revision: number
  readonly namespace: string | undefined
  readonly name: string
  readonly key: string
  /** Absent for a deletion. */
  readonly current: Entry | undefined
  /** Absent for a creation. */
  readonly previous: Entry | undefined
  readonly #frames = new Map<WatchEventType, WatchFrame>()

  constructor(prefix: string, revision: number, current: Entry | undefined, previous: Entry | undefined) {
    this.type = !current ? 'delete' : previous ? 'update' : 'create'
    this.revision = revision
    this.key = (current ?? previous)!.key
    this.current = current
    this.previous = previous
    const place = placeOf(prefix, this.key)
    this.namespace = place.namespace
    this.name = place.name
  }

  /** The frame as a watcher sees it for whom the object came, changed or went. */
  frame(type: 'ADDED' | 'MODIFIED' | 'DELETED'): WatchFrame {
    let frame = this.#frames.get(type)
    if (!frame) this.#frames.set(type, frame = entryFrame(type, type === 'DELETED' ? this.previous!.at(this.revision) : this.current!))
    return frame
  }
}

export function placeOf(prefix: string, key: string): { namespace: string | undefined; name: string } {
  const slash = key.indexOf('/', prefix.length)
  return slash < 0
    ? { namespace: undefined, name: key.slice(prefix.length) }
    : { namespace: key.slice(prefix.length, slash), name: key.slice(slash + 1) }
}

/** A frame that parses and encodes only when asked. */
export function entryFrame(type: WatchEventType, entry: CacheEntry): WatchFrame {
  const event = { type, get object() { return entry.object } }
  let bytes: Uint8Array | undefined
  return { event, bytes: () => (bytes ??= frameBytes(type, entry.bytes)) }
}

/** A bookmark or an error. */
export function valueFrame(type: 'BOOKMARK' | 'ERROR', object: unknown): WatchFrame {
  let bytes: Uint8Array | undefined
  return { event: { type, object }, bytes: () => (bytes ??= frameBytes(type, encodeJson(object))) }
}
