import { ApiError, isGone } from '../errors.ts'
import type { Kind } from '../kinds/kind.ts'
import { apiVersionOf } from '../kinds/kind.ts'
import type { KubeObject, WatchEvent } from '../object.ts'
import { keyOf } from '../object.ts'
import { createBackoff } from './backoff.ts'
import { createCache } from './cache.ts'
import type { IndexFunction } from './cache.ts'
import type { Client } from './client.ts'
import type { Deps } from './deps.ts'
import type { Informer, InformerHandler, InformerOptions } from './informer.ts'
import { listAll } from './list-all.ts'

/** An informer to which the shared factory may add indexes while it runs. */
export interface StartedInformer<T extends KubeObject = KubeObject> extends Informer<T> {
  addIndexes(indexes: Readonly<Record<string, IndexFunction<T>>>): void
}

type Change<T> = { readonly type: 'add' | 'delete'; readonly object: T } | { readonly type: 'update'; readonly object: T; readonly old: T }

/** A watch that ends sooner than this without having said anything counts as an error: it must not be asked for in a tight loop. */
const shortestWatch = 1_000

/**
 * Lists a kind into a cache and follows it for ever: a broken watch goes on at the last revision seen, a revision that is
 * compacted away (410) means listing again, and the difference is told to the handlers as ordinary changes.
 */
export function startInformer<T extends KubeObject>(client: Client, kind: Kind<T>, options: InformerOptions<T>, deps: Deps): StartedInformer<T> {
  const { clock } = deps
  const over = new AbortController()
  const signal = AbortSignal.any([deps.signal, over.signal])
  const log = deps.log.child({ informer: `${kind.resource}.${apiVersionOf(kind)}` })
  const cache = createCache<T>(options.indexes)
  const handlers = new Set<InformerHandler<T>>()
  const backoff = createBackoff(clock, { first: 200, limit: 30_000, jitter: 1 })
  const scope = {
    ...(options.namespace && { namespace: options.namespace }),
    ...(options.labelSelector && { labelSelector: options.labelSelector }),
    ...(options.fieldSelector && { fieldSelector: options.fieldSelector }),
  }
  const synced = Promise.withResolvers<void>()
  synced.promise.catch(() => {})
  let hasSynced = false
  let revision: string | undefined
  let failures = 0

  function tell(changes: readonly Change<T>[]): void {
    if (changes.length === 0) return
    // A handler added from within a handler has replayed the cache, which already holds these changes.
    for (const handler of [...handlers]) {
      for (const change of changes) if (handlers.has(handler)) call(handler, change)
    }
  }

  function call(handler: InformerHandler<T>, change: Change<T>): void {
    try {
      if (change.type === 'update') handler.update?.(change.object, change.old)
      else handler[change.type]?.(change.object)
    } catch (error) {
      log.error({ err: error, key: keyOf(change.object) }, 'Call informer handler: it threw')
    }
  }

  /** Puts an object into the cache. Another uid under the same name is another object: the old one is told as deleted. */
  function put(object: T): Change<T>[] {
    const key = keyOf(object)
    const old = cache.get(key)
    if (old && old.metadata.uid === object.metadata.uid && old.metadata.resourceVersion === object.metadata.resourceVersion) return []
    cache.set(object)
    if (!old) return [{ type: 'add', object }]
    return old.metadata.uid === object.metadata.uid ? [{ type: 'update', object, old }] : [{ type: 'delete', object: old }, { type: 'add', object }]
  }

  async function relist(): Promise<void> {
    const listing = await listAll(client, kind, { ...scope, signal })
    const seen = new Set(listing.items.map(keyOf))
    const changes: Change<T>[] = []
    for (const key of [...cache.keys()]) {
      if (!seen.has(key)) changes.push({ type: 'delete', object: cache.remove(key)! })
    }
    for (const object of listing.items) changes.push(...put(object))
    revision = listing.revision
    tell(changes)
    hasSynced = true
    synced.resolve()
  }

  function follow(event: WatchEvent<T>): void {
    const { object } = event
    if (event.type === 'DELETED') {
      cache.remove(keyOf(object))
      tell([{ type: 'delete', object }])
    } else if (event.type !== 'BOOKMARK') {
      tell(put(object))
    }
    revision = object.metadata.resourceVersion ?? revision
  }

  async function watch(): Promise<void> {
    const began = clock.now()
    let heard = false
    const timeoutSeconds = Math.floor(300 * (1 + clock.random()))
    for await (const event of client.watch(kind, { ...scope, allowBookmarks: true, resourceVersion: revision!, timeoutSeconds, signal })) {
      heard = true
      failures = 0
      backoff.reset()
      follow(event)
    }
    if (!heard && !signal.aborted && clock.now() - began < shortestWatch) throw new ApiError(500, 'InternalError', 'the watch ended at once')
  }

  async function run(): Promise<void> {
    while (!signal.aborted) {
      try {
        if (revision === undefined) await relist()
        await watch()
      } catch (error) {
        if (!signal.aborted) await recover(error)
      }
    }
  }

  /** Waits before the next attempt, save for the first after a 410: that is no trouble of the server's. */
  async function recover(error: unknown): Promise<void> {
    failures += 1
    const stale = revision !== undefined && mustRelist(error)
    if (stale) revision = undefined
    if (stale && failures === 1) return log.debug({ err: error }, 'List again: the watch has lost its place')
    const pause = backoff.next()
    log.warn({ err: error, pause: Math.round(pause) }, revision === undefined ? 'List again after a pause' : 'Watch again after a pause')
    await clock.sleep(pause, signal).catch(() => {})
  }

  const running = run().finally(() => synced.reject(new DOMException('the informer was stopped', 'AbortError')))

  return {
    synced: synced.promise,
    get hasSynced() { return hasSynced },
    get: (key) => cache.get(typeof key === 'string' ? key : key.namespace ? `${key.namespace}/${key.name}` : key.name),
    list: cache.list,
    byIndex: cache.byIndex,
    addIndexes(indexes) {
      for (const [name, of] of Object.entries(indexes)) cache.addIndex(name, of)
    },
    on(handler) {
      handlers.add(handler)
      for (const object of cache.list()) call(handler, { type: 'add', object })
      return () => { handlers.delete(handler) }
    },
    async stop() {
      over.abort()
      await running
    },
  }
}

/** Whether going on from the last revision is hopeless: it is compacted away, or the server has never known it (its store is new). */
const mustRelist = (error: unknown): boolean => isGone(error) || (error instanceof ApiError && [400, 422, 504].includes(error.code))
