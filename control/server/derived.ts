import type { Kind } from '../../api/kinds/kind.ts'
import type { KubeObject } from '../../api/object.ts'
import type { CacheEntry } from '../store/cache.ts'
import type { Tools } from './tools.ts'

/** Something computed from all objects of some kinds (an index of role bindings, the compiled webhooks), never behind the store. */
export interface Derived<T> {
  /** Resolves once the objects are in memory; before it `get` sees none. */
  load(): Promise<void>
  /** Computed anew only after one of the objects changed. */
  get(): T
}

export function derived<T>({ resources }: Pick<Tools, 'resources'>, kinds: readonly Kind[], compute: (...objects: (readonly KubeObject[])[]) => T): Derived<T> {
  let seen: readonly (readonly CacheEntry[])[] = []
  let value: T | undefined
  const caches = kinds.map((kind) => resources.cache(kind))
  return {
    async load() {
      await Promise.all(caches.map((cache) => cache.ready()))
    },
    get() {
      const now = caches.map((cache) => cache.peekAll())
      if (value === undefined || now.some((entries, i) => entries !== seen[i])) {
        seen = now
        value = compute(...now.map((entries) => entries.map(({ object }) => object)))
      }
      return value
    },
  }
}
