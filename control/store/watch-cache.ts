import type { Clock } from '../../host/clock.ts'
import { statusOf, unavailable } from '../../api/errors.ts'
import type { KubeObject } from '../../api/object.ts'
import type { CachedResource, WatchCache } from './cache.ts'
import { valueFrame } from './entry.ts'
import { type Change, type Log, StoreError } from './log.ts'
import { type CacheContext, ResourceCacheImpl } from './resource-cache.ts'

export interface WatchCacheOptions {
  readonly log: Log
  readonly clock: Clock
  /** Frames a watcher may be behind before it is dropped. */
  readonly watcherLimit?: number
  /** Recent events kept for each resource. */
  readonly ringCapacity?: number
  readonly bookmarkInterval?: number
}

/** The cache with what `ObjectStore` needs beside it. */
export interface WritableWatchCache extends WatchCache {
  forResource(resource: CachedResource): ResourceCacheImpl
  /** Tells from which (frozen, complete but for its resourceVersion) object a value was made. */
  remember(value: Uint8Array, make: (revision: number) => KubeObject): void
}

export function createWatchCache(options: WatchCacheOptions): WritableWatchCache {
  return new WatchCacheImpl(options)
}

interface Waiter { readonly revision: number; resolve(): void; reject(error: unknown): void }

/**
 * Follows the whole log with one watch and hands each change to the cache of its resource. One reader for all means one
 * revision for all: a bookmark of a quiet resource is as true as one of a busy one.
 */
class WatchCacheImpl implements WritableWatchCache, CacheContext {
  readonly log: Log
  readonly watcherLimit: number
  readonly ringCapacity: number
  revision = 0
  readonly #clock: Clock
  readonly #bookmarkInterval: number
  readonly #resources = new Map<string, ResourceCacheImpl>()
  readonly #written = new WeakMap<Uint8Array, (revision: number) => KubeObject>()
  readonly #abort = new AbortController()
  #waiters: Waiter[] = []
  #failure: unknown
  #cancelBookmarks: (() => void) | undefined
  readonly #following: Promise<void>

  constructor({ log, clock, watcherLimit = 4096, ringCapacity = 1000, bookmarkInterval = 60_000 }: WatchCacheOptions) {
    this.log = log
    this.#clock = clock
    this.watcherLimit = watcherLimit
    this.ringCapacity = ringCapacity
    this.#bookmarkInterval = bookmarkInterval
    this.#following = this.#follow()
  }

  forResource(resource: CachedResource): ResourceCacheImpl {
    let cache = this.#resources.get(resource.prefix)
    if (!cache) this.#resources.set(resource.prefix, cache = new ResourceCacheImpl(resource, this))
    return cache
  }

  drop({ prefix }: CachedResource): void {
    const cache = this.#resources.get(prefix)
    this.#resources.delete(prefix)
    for (const watcher of [...cache?.watchers ?? []]) watcher.end(undefined)
  }

  waitFor(revision: number): Promise<void> {
    if (revision <= this.revision) return Promise.resolve()
    if (this.#failure) return Promise.reject(this.#failure)
    return new Promise((resolve, reject) => { this.#waiters.push({ revision, resolve, reject }) })
  }

  remember(value: Uint8Array, make: (revision: number) => KubeObject): void { this.#written.set(value, make) }

  written(value: Uint8Array, revision: number): KubeObject | undefined {
    const make = this.#written.get(value)
    this.#written.delete(value)
    return make?.(revision)
  }

  assertFollowing(): void {
    if (this.#failure) throw this.#failure
  }

  async close(): Promise<void> {
    this.#abort.abort()
    await this.#following
  }

  /** Ends when the cache or the log is closed, or when the log fails; then nothing may be answered from memory any more. */
  async #follow(): Promise<void> {
    try {
      const start = await this.log.revision()
      this.#advance(start)
      for await (const changes of this.log.watch('/', start, this.#abort.signal)) {
        for (const change of changes) this.#cacheOf(change)?.apply(change)
        this.#advance(changes.at(-1)!.revision)
        this.#armBookmarks()
      }
      this.#end(new StoreError('closed', 'The watch cache was closed'))
    } catch (error) {
      this.#end(error)
    }
  }

  #end(failure: unknown): void {
    this.#failure = failure
    this.#cancelBookmarks?.()
    for (const { reject } of this.#waiters.splice(0)) reject(failure)
    const closed = failure instanceof StoreError && failure.reason === 'closed'
    const last = closed ? undefined : valueFrame('ERROR', statusOf(unavailable('The store failed; see the log of the server')))
    for (const cache of this.#resources.values()) for (const watcher of [...cache.watchers]) watcher.end(last)
  }

  /** A resource's prefix is two or three segments: `/registry/pods/`, `/registry/services/specs/`. */
  #cacheOf({ key }: Change): ResourceCacheImpl | undefined {
    const two = key.indexOf('/', key.indexOf('/', 1) + 1) + 1
    return this.#resources.get(key.slice(0, two)) ?? this.#resources.get(key.slice(0, key.indexOf('/', two) + 1))
  }

  #advance(revision: number): void {
    this.revision = revision
    if (this.#waiters.length === 0) return
    const waiting = this.#waiters
    this.#waiters = []
    for (const waiter of waiting) {
      if (waiter.revision <= revision) waiter.resolve()
      else this.#waiters.push(waiter)
    }
  }

  /** The timer runs only from a change to the next bookmark: when nothing changes, nothing fires. */
  #armBookmarks(): void {
    if (this.#cancelBookmarks || !this.#someoneWantsBookmarks()) return
    this.#cancelBookmarks = this.#clock.after(this.#bookmarkInterval, () => {
      this.#cancelBookmarks = undefined
      for (const cache of this.#resources.values()) cache.sendBookmarks()
    }, { unref: true })
  }

  #someoneWantsBookmarks(): boolean {
    for (const cache of this.#resources.values()) if (cache.wantsBookmarks) return true
    return false
  }
}
