import type { Entry, EntryEvent } from './entry.ts'
import type { Watcher, WatchScope } from './watcher.ts'

type Indexes = Readonly<Record<string, (object: any) => string>>

/**
 * The watchers of one resource, in buckets by what they watch for, so that an event finds those it concerns without
 * asking the others: 5,000 agents watching their own pods cost an event of one pod one look-up.
 */
export class WatcherIndex {
  readonly #indexes: Indexes
  readonly #buckets = new Map<string, Set<Watcher>>()
  /** How many watchers use each index; an index nobody uses costs no parsing. */
  readonly #used = new Map<string, number>()

  /** How many watchers want bookmarks. */
  bookmarked = 0

  constructor(indexes: Indexes = {}) { this.#indexes = indexes }

  * [Symbol.iterator](): IterableIterator<Watcher> {
    for (const bucket of this.#buckets.values()) yield* bucket
  }

  hasIndex(name: string): boolean { return Object.hasOwn(this.#indexes, name) }

  add(watcher: Watcher): void {
    const id = bucketOf(watcher.scope)
    let bucket = this.#buckets.get(id)
    if (!bucket) this.#buckets.set(id, bucket = new Set())
    bucket.add(watcher)
    this.#use(watcher, 1)
  }

  remove(watcher: Watcher): void {
    const id = bucketOf(watcher.scope)
    const bucket = this.#buckets.get(id)
    if (!bucket?.delete(watcher)) return
    if (bucket.size === 0) this.#buckets.delete(id)
    this.#use(watcher, -1)
  }

  /** Shows the event to every watcher it concerns. */
  dispatch(event: EntryEvent): void {
    if (this.#buckets.size === 0) return
    for (const id of this.#idsOf(event)) {
      const bucket = this.#buckets.get(id)
      if (bucket) for (const watcher of bucket) this.offer(watcher, event)
    }
  }

  /** Shows the event to one watcher, which may not want it. */
  offer(watcher: Watcher, event: EntryEvent): void {
    if (watcher.concerns(event)) watcher.offer(event, (entry) => this.matches(watcher.scope, entry))
  }

  matches({ index, matches }: WatchScope, entry: Entry): boolean {
    return (!index || this.#indexes[index.name]!(entry.object) === index.value) && (!matches || matches(entry.object))
  }

  #idsOf(event: EntryEvent): Set<string> {
    const { namespace, name } = event
    const ids = new Set([everything, namespaceId(namespace), nameId(name), keyId(namespace, name)])
    for (const index of this.#used.keys()) {
      for (const entry of [event.current, event.previous]) {
        if (entry) ids.add(indexId(index, this.#indexes[index]!(entry.object)))
      }
    }
    return ids
  }

  #use({ bookmarks, scope: { index } }: Watcher, by: 1 | -1): void {
    if (bookmarks) this.bookmarked += by
    if (!index) return
    const count = (this.#used.get(index.name) ?? 0) + by
    if (count > 0) this.#used.set(index.name, count)
    else this.#used.delete(index.name)
  }
}

const everything = '*'
const namespaceId = (namespace: string | undefined) => `namespace\0${namespace ?? ''}`
const nameId = (name: string) => `name\0${name}`
const keyId = (namespace: string | undefined, name: string) => `key\0${namespace ?? ''}\0${name}`
const indexId = (name: string, value: string) => `index\0${name}\0${value}`

/** Each watcher lives in one bucket, that of the narrowest thing it asks for. */
function bucketOf({ namespace, name, index }: WatchScope): string {
  if (name !== undefined) return namespace === undefined ? nameId(name) : keyId(namespace, name)
  if (index) return indexId(index.name, index.value)
  return namespace === undefined ? everything : namespaceId(namespace)
}
