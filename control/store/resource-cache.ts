import { badRequest } from '../../api/errors.ts'
import type { WatchFrame } from '../../api/transport.ts'
import type { CacheEntry, CacheList, CacheObserver, CachedResource, CacheListOptions, CacheWatchOptions, ResourceCache } from './cache.ts'
import { isStoreError, notYet, tooOldToWatch } from './cache-errors.ts'
import { Entry, EntryEvent, valueFrame } from './entry.ts'
import { EventRing } from './event-ring.ts'
import { listFromLog, listPage, pageOf } from './list-page.ts'
import type { Change, History, Log } from './log.ts'
import { SortedMap } from './sorted-map.ts'
import { Watcher, type WatchScope } from './watcher.ts'
import { WatcherIndex } from './watcher-index.ts'

/** What a resource's cache needs of the whole. */
export interface CacheContext {
  readonly log: Log
  /** Every change up to this revision has been given to `apply`. */
  readonly revision: number
  waitFor(revision: number): Promise<void>
  /** Throws when the log was lost: memory is then not the truth any more. */
  assertFollowing(): void
  /** The object a value was encoded from, when it was written here: saves parsing. */
  written(value: Uint8Array, revision: number): Entry['object'] | undefined
  /** How many frames a watcher may be behind. */
  readonly watcherLimit: number
  readonly ringCapacity: number
}

/** The live objects of one resource and its recent events. */
export class ResourceCacheImpl implements ResourceCache {
  readonly resource: CachedResource
  readonly #context: CacheContext
  readonly #live = new SortedMap<Entry>()
  readonly #ring: EventRing
  readonly #watchers: WatcherIndex
  readonly #observers: CacheObserver[] = []
  /** Changes that came while the first list was under way. */
  #early: Change[] | undefined
  /** What `peekAll` gave last; forgotten with every change. */
  #all: readonly Entry[] | undefined
  #filled = false
  #filling: Promise<void> | undefined
  /** Changes up to this revision were in the first list. */
  #base = 0

  constructor(resource: CachedResource, context: CacheContext) {
    this.resource = resource
    this.#context = context
    this.#ring = new EventRing(context.ringCapacity)
    this.#watchers = new WatcherIndex(resource.indexes)
  }

  get watchers(): Iterable<Watcher> { return this.#watchers }
  get wantsBookmarks(): boolean { return this.#watchers.bookmarked > 0 }
  get revision(): number { return Math.max(this.#base, this.#context.revision) }

  /** Fills the cache once; a failure is told to whoever asked, and the next one tries again. */
  async ready(): Promise<void> {
    if (this.#filled) return
    this.#filling ??= this.#fill().finally(() => { this.#filling = undefined })
    await this.#filling
  }

  apply(change: Change): void {
    if (this.#early) this.#early.push(change)
    else if (this.#filled && change.revision > this.#base) this.#take(change)
  }

  peek(key: string): Entry | undefined { return this.#live.get(key) }

  peekAll(namespace?: string): readonly Entry[] {
    if (namespace !== undefined) return [...this.#live.range(`${this.resource.prefix}${namespace}/`)]
    return (this.#all ??= Object.freeze([...this.#live.range(this.resource.prefix)]))
  }

  observe(observer: CacheObserver): void {
    this.#observers.push(observer)
    if (this.#filled) for (const entry of this.#live.values()) observer(entry, undefined)
  }

  async get(key: string, { notOlderThan }: { notOlderThan?: number } = {}): Promise<CacheEntry | undefined> {
    await this.#fresh(notOlderThan)
    return this.#live.get(key)
  }

  async list(options: CacheListOptions = {}): Promise<CacheList> {
    const page = pageOf(this.resource.prefix, options)
    await this.#fresh(page.exact ?? page.notOlderThan)
    const revision = page.exact ?? this.revision
    if (revision < this.#ring.floor) return listFromLog(this.#context.log, page, revision)
    return listPage(page, revision, this.#live, this.#ring.undone(revision))
  }

  async watch(options: CacheWatchOptions): Promise<AsyncIterable<WatchFrame>> {
    const { after, initialEvents = false } = options
    if (options.index && !this.#watchers.hasIndex(options.index.name)) throw badRequest(`field label not supported: ${options.index.name}`)
    const scope: WatchScope = { namespace: options.namespace, name: options.name, index: options.index, matches: options.filter }
    if (initialEvents || !after) {
      await this.#fresh(after)
      return this.#open(scope, options, this.revision, this.#inScope(scope), [])
    }
    await this.ready()
    if (after >= this.#ring.floor) return this.#open(scope, options, after, [], this.#ring.after(after))
    for (;;) {
      const { changes, revision } = await this.#past(after)
      // From here to the end nothing waits, so no event can slip between the past, the ring and the registration.
      if (revision < this.#ring.floor) continue
      const past = changes.map((change) => this.#historic(change))
      return this.#open(scope, options, after, [], [...past, ...this.#ring.after(revision)])
    }
  }

  /** The changes after a revision that is older than the ring, once memory has caught up with them. */
  async #past(after: number): Promise<History> {
    const { log } = this.#context
    const history = await log.changes(this.resource.prefix, after).catch(async (error: unknown) => {
      throw isStoreError(error, 'compacted') ? tooOldToWatch(after, await log.compacted()) : error
    })
    await this.#context.waitFor(history.revision)
    return history
  }

  #historic(change: Change): EntryEvent {
    const entry = (value: Uint8Array | undefined) => value && new Entry(change.key, change.revision, 0, value)
    return new EntryEvent(this.resource.prefix, change.revision, change.type === 'delete' ? undefined : entry(change.value), entry(change.previous))
  }

  #open(scope: WatchScope, { signal, bookmarks = false, initialEvents = false }: CacheWatchOptions, after: number, initial: readonly Entry[], past: readonly EntryEvent[]): Watcher {
    const watcher = new Watcher({
      ...scope, after, initial, bookmarks, signal, limit: this.#context.watcherLimit + past.length,
      initialEnd: initialEvents ? this.#bookmark(after, { 'k8s.io/initial-events-end': 'true' }) : undefined,
      onEnd: (ended) => this.#watchers.remove(ended),
    })
    for (const event of past) this.#watchers.offer(watcher, event)
    if (!signal.aborted) this.#watchers.add(watcher)
    return watcher
  }

  #inScope(scope: WatchScope): Entry[] {
    const { prefix } = this.resource
    const { namespace, name } = scope
    const wanted: Entry[] = []
    for (const entry of this.#live.range(namespace === undefined ? prefix : `${prefix}${namespace}/`)) {
      if (name !== undefined && !entry.key.endsWith(`/${name}`)) continue
      if (this.#watchers.matches(scope, entry)) wanted.push(entry)
    }
    return wanted
  }

  /** Tells the watchers that asked for it how far the world has gone on without them. */
  sendBookmarks(): void {
    const { revision } = this
    let frame: WatchFrame | undefined
    for (const watcher of this.#watchers) {
      if (watcher.bookmarks && watcher.told < revision) watcher.push(frame ??= this.#bookmark(revision), revision)
    }
  }

  #bookmark(revision: number, annotations?: Record<string, string>): WatchFrame {
    const { apiVersion, kind } = this.resource
    return valueFrame('BOOKMARK', Object.freeze({
      kind, apiVersion, metadata: Object.freeze({ resourceVersion: String(revision), ...(annotations && { annotations: Object.freeze(annotations) }) }),
    }))
  }

  /** Resolves when memory is not older than `revision`; without one, not older than the log is now. */
  async #fresh(revision: number | undefined): Promise<void> {
    await this.ready()
    this.#context.assertFollowing()
    if (revision === 0) return
    if (revision !== undefined && revision <= this.revision) return
    const newest = await this.#context.log.revision()
    if (revision !== undefined && revision > newest) throw notYet(revision, newest)
    await this.#context.waitFor(revision ?? newest)
  }

  async #fill(): Promise<void> {
    this.#early = []
    try {
      const { records, revision } = await this.#context.log.list(this.resource.prefix)
      for (const { key, value, revision: at, created } of records) {
        this.#live.set(key, new Entry(key, at, created, value, this.#context.written(value, at)))
      }
      this.#all = undefined
      this.#base = revision
      this.#ring.floor = revision
      for (const observer of this.#observers) for (const entry of this.#live.values()) observer(entry, undefined)
      for (const change of this.#early) if (change.revision > revision) this.#take(change)
      this.#filled = true
    } finally {
      this.#early = undefined
    }
  }

  #take({ type, key, value, revision }: Change): void {
    const previous = this.#live.get(key)
    const current = type === 'delete' ? undefined
      : new Entry(key, revision, type === 'create' ? revision : previous?.created ?? revision, value, this.#context.written(value, revision))
    if (current) this.#live.set(key, current)
    else this.#live.delete(key)
    this.#all = undefined
    for (const observer of this.#observers) observer(current, previous)
    const event = new EntryEvent(this.resource.prefix, revision, current, previous)
    this.#ring.push(event)
    this.#watchers.dispatch(event)
  }
}
