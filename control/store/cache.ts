import type { KubeObject, WatchEvent } from '../../api/object.ts'
import type { WatchFrame } from '../../api/transport.ts'

/**
 * The watch cache: what the server's verbs read from. Above one `Log`, it keeps for each resource the live objects with
 * their ready-made bytes and the recent events, so that get, list and watch hardly ever touch the log.
 *
 * Every refusal is an `ApiError`, with the original's sentence: 410 `Expired` for a revision that is compacted, 504
 * `Timeout` for one that is not yet, 400 for a bad continue token.
 */
export interface WatchCache {
  /**
   * The cache of one resource; the first call starts it (its reads wait until it is filled). The same prefix always
   * gives the same cache, `indexes` of the first call count.
   */
  forResource(resource: CachedResource): ResourceCache
  /** Forgets a resource that is no more: its watches end, its memory is given back. The next `forResource` begins anew. */
  drop(resource: CachedResource): void
  /** The revision up to which all caches are true; at least that of every write acknowledged through `ObjectStore`. */
  readonly revision: number
  /** Resolves when every cache is true at `revision` or later. */
  waitFor(revision: number): Promise<void>
  close(): Promise<void>
}

export interface CachedResource {
  /** `/registry/pods/`: with both slashes. */
  readonly prefix: string
  /** For bookmarks, which are objects without content. */
  readonly apiVersion: string
  readonly kind: string
  /** Fields by which watchers may be indexed: `{ 'spec.nodeName': (pod) => pod.spec.nodeName ?? '' }`. */
  readonly indexes?: Readonly<Record<string, (object: any) => string>>
}

export interface ResourceCache {
  /** The object at the newest revision, or not older than the one named (0: whatever is in memory). */
  get(key: string, options?: { notOlderThan?: number }): Promise<CacheEntry | undefined>
  /** What memory has, synchronously; undefined too before the cache is filled. */
  peek(key: string): CacheEntry | undefined
  /**
   * All that memory has (or all in one namespace), in key order, synchronously; without a namespace the same array until
   * something changes. Empty before the cache is filled.
   */
  peekAll(namespace?: string): readonly CacheEntry[]
  /** Resolves once the cache is filled: from then on `peek` and `peekAll` are never behind an acknowledged write. */
  ready(): Promise<void>
  /**
   * Tells `observer` of every object there is and then, in the same moment in which `peek` begins to see it, of every change: for indexes
   * that must never be behind. The observer must be quick and may not throw; it is told as long as the cache lives.
   */
  observe(observer: CacheObserver): void
  list(options?: CacheListOptions): Promise<CacheList>
  /**
   * Resolves once the watch is registered: nothing after `options.after` is missed. Rejects with 410 when the past is
   * gone (the original then answers 200 with that `Status` as its one `ERROR` event).
   *
   * The frames end with the signal, when the reader stops, or when the cache is closed. A reader that falls behind by
   * more than the buffer gets what was buffered, then an `ERROR` frame with `Status` 429, then the end.
   */
  watch(options: CacheWatchOptions): Promise<AsyncIterable<WatchFrame>>
}

/** `current` is absent after a deletion, `previous` for what is new. */
export type CacheObserver = (current: CacheEntry | undefined, previous: CacheEntry | undefined) => void

/** One stored object. All its forms are made at first use, kept and shared; none may be changed. */
export interface CacheEntry {
  readonly key: string
  readonly revision: number
  /** The revision that created the key. */
  readonly created: number
  /** Deeply frozen, with `metadata.resourceVersion`. */
  readonly object: KubeObject
  /** The JSON of `object`. */
  readonly bytes: Uint8Array
}

export interface CacheListOptions {
  /** Only keys under `<prefix><namespace>/`. */
  readonly namespace?: string | undefined
  /** Label and field selectors, decided by the caller. Called with frozen objects. */
  readonly filter?: ((object: any) => boolean) | undefined
  readonly limit?: number | undefined
  /** The opaque token of an earlier answer. With it `revision` must be absent or 0. */
  readonly continue?: string | undefined
  /** Absent: the newest. 0: whatever is in memory. */
  readonly revision?: number | undefined
  /** What `revision` means; absent: `notOlderThan`. */
  readonly match?: 'notOlderThan' | 'exact' | undefined
}

export interface CacheList {
  /** In key order. */
  readonly entries: readonly CacheEntry[]
  /** The revision the list is true at: `metadata.resourceVersion`. */
  readonly revision: number
  /** Absent on the last page. */
  readonly continue?: string
  /** `metadata.remainingItemCount`; absent on the last page and, as in the original, when a filter is set. */
  readonly remaining?: number
}

export interface CacheWatchOptions {
  /**
   * Events after this revision. Absent or 0: first an `ADDED` for each object there is, then what follows.
   * (`resourceVersion=""` and `"0"` of a request.)
   */
  readonly after?: number | undefined
  /**
   * `sendInitialEvents=true`: the objects there are as `ADDED`, once memory is not older than `after`, then a bookmark
   * annotated `k8s.io/initial-events-end: "true"`, then what follows.
   */
  readonly initialEvents?: boolean | undefined
  readonly namespace?: string | undefined
  /** `metadata.name=…`: only the object (or with no namespace: objects) of that name. */
  readonly name?: string | undefined
  /** One of the resource's indexes: `{ name: 'spec.nodeName', value: 'n1' }`. Part of the filter, and fast. */
  readonly index?: { readonly name: string; readonly value: string } | undefined
  /** As in a list. An object that begins or ceases to match is seen as `ADDED` or `DELETED`. */
  readonly filter?: ((object: any) => boolean) | undefined
  /** A `BOOKMARK` about once a minute, when there is something to say. */
  readonly bookmarks?: boolean | undefined
  readonly signal: AbortSignal
}

/** The event behind a frame: its object is a `CacheEntry.object`, a bookmark or a `Status`. */
export type CacheEvent = WatchEvent<unknown>

/**
 * Writes of objects, on the same caches. Objects are encoded once; the bytes go to the log and into the cache. A write
 * resolves when it is durable *and* seen by the caches, so that whoever wrote reads it. `StoreError` is thrown as it is.
 * Objects handed in are frozen, all but the outermost and its `metadata`: they become part of the cache.
 */
export interface ObjectStore {
  readonly cache: WatchCache
  create(resource: CachedResource, key: string, object: KubeObject, options?: ObjectWriteOptions): Promise<CacheEntry>
  /** Rejects with `StoreError` `conflict` (or `missing`) unless the key is at `expected`. Writes nothing when nothing changed. */
  update(resource: CachedResource, key: string, expected: number, object: KubeObject, options?: ObjectWriteOptions): Promise<CacheEntry>
  /**
   * Reads, lets `change` make the new object (of a frozen one: return a copy), writes, and begins again when somebody
   * else was faster. What `change` throws is thrown; `undefined` means "leave it". Rejects with `missing` when there is none.
   */
  guaranteedUpdate(resource: CachedResource, key: string, change: (current: CacheEntry) => KubeObject | undefined | Promise<KubeObject | undefined>, options?: ObjectWriteOptions): Promise<CacheEntry>
  /** Resolves to the object as watchers see it go: the last state, with the revision of the deletion. */
  delete(resource: CachedResource, key: string, expected: number, options?: ObjectWriteOptions): Promise<CacheEntry>
}

export interface ObjectWriteOptions {
  /** For ephemeral kinds: acknowledged before it is on disk. */
  readonly lazy?: boolean | undefined
}
