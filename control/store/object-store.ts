import type { KubeObject } from '../../api/object.ts'
import type { CachedResource, CacheEntry, ObjectStore, ObjectWriteOptions } from './cache.ts'
import { Entry } from './entry.ts'
import { type Log, StoreError, type WriteOptions } from './log.ts'
import { missingError } from './refusals.ts'
import type { WritableWatchCache } from './watch-cache.ts'
import { atRevision, encodeObject } from './wire.ts'

/** What etcd takes in one request by default: whatever is stored here can be stored there. */
export const maxObjectBytes = 1.5 * 1024 * 1024

/** Writes through a log whose changes feed `cache`. */
export function createObjectStore({ log, cache }: { log: Log; cache: WritableWatchCache }): ObjectStore {
  /** Encodes once. The cache finds the object again by its bytes, so nothing that is written here is ever parsed. */
  const encode = (object: KubeObject): Uint8Array => {
    const value = encodeObject(object)
    if (value.length > maxObjectBytes) throw new StoreError('tooLarge', `the object has ${value.length} bytes, the limit is ${maxObjectBytes}`)
    cache.remember(value, (revision) => atRevision(object, revision))
    return value
  }

  /** The cache's own entry of the write, or one like it when somebody wrote again meanwhile. */
  const settled = async (resource: CachedResource, entry: () => Entry, { key, revision }: { key: string; revision: number }): Promise<CacheEntry> => {
    await cache.waitFor(revision)
    const cached = cache.forResource(resource).peek(key)
    return cached?.revision === revision ? cached : entry()
  }

  const store: ObjectStore = {
    cache,

    async create(resource, key, object, options) {
      await cache.forResource(resource).ready()
      const value = encode(object)
      const revision = await log.create(key, value, writeOptions(options))
      return settled(resource, () => new Entry(key, revision, revision, value), { key, revision })
    },

    async update(resource, key, expected, object, options) {
      const current = await entryAt(resource, key, expected)
      const value = encode(object)
      if (current?.says(value)) return current
      const revision = await log.update(key, value, expected, writeOptions(options))
      return settled(resource, () => new Entry(key, revision, current!.created, value), { key, revision })
    },

    async guaranteedUpdate(resource, key, change, options) {
      const resourceCache = cache.forResource(resource)
      for (;;) {
        const current = await resourceCache.get(key)
        if (!current) throw missingError(key)
        const object = await change(current)
        if (!object) return current
        try {
          return await store.update(resource, key, current.revision, object, options)
        } catch (error) {
          if (!(error instanceof StoreError && error.reason === 'conflict')) throw error
        }
      }
    },

    async delete(resource, key, expected, options) {
      const current = await entryAt(resource, key, expected)
      const revision = await log.delete(key, expected, writeOptions(options))
      await cache.waitFor(revision)
      return current!.at(revision)
    },
  }

  /** The entry of that very revision. There is always one when the log then agrees to the write, for memory had caught up. */
  const entryAt = async (resource: CachedResource, key: string, expected: number): Promise<Entry | undefined> => {
    const resourceCache = cache.forResource(resource)
    await resourceCache.ready()
    if (expected > resourceCache.revision) await resourceCache.get(key)
    const entry = resourceCache.peek(key)
    return entry?.revision === expected ? entry : undefined
  }

  return store
}

const writeOptions = ({ lazy }: ObjectWriteOptions = {}): WriteOptions | undefined => (lazy ? { lazy } : undefined)
