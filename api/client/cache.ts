import type { KubeObject } from '../object.ts'
import { keyOf } from '../object.ts'

export type IndexFunction<T> = (object: T) => readonly string[]

/** The objects an informer knows, by key, by namespace and by any number of indexes. */
export interface Cache<T extends KubeObject> {
  readonly size: number
  get(key: string): T | undefined
  keys(): Iterable<string>
  list(namespace?: string): T[]
  byIndex(index: string, value: string): T[]
  /** Builds the index over what is there. The same function again (by its text) is taken as the same index. */
  addIndex(name: string, of: IndexFunction<T>): void
  /** Returns what was there before. */
  set(object: T): T | undefined
  remove(key: string): T | undefined
}

interface Index<T> {
  readonly of: IndexFunction<T>
  readonly byValue: Map<string, Map<string, T>>
}

const namespaceIndex = 'metadata.namespace'

/** An object of a shape the function did not expect has no place in that index; the cache must go on. */
function valuesOf<T>(index: Index<T>, object: T): readonly string[] {
  try {
    return index.of(object)
  } catch {
    return []
  }
}

export function createCache<T extends KubeObject>(indexes: Readonly<Record<string, IndexFunction<T>>> = {}): Cache<T> {
  const objects = new Map<string, T>()
  const byName = new Map<string, Index<T>>()

  const file = (index: Index<T>, key: string, object: T) => {
    for (const value of valuesOf(index, object)) {
      let bucket = index.byValue.get(value)
      if (!bucket) index.byValue.set(value, bucket = new Map())
      bucket.set(key, object)
    }
  }
  const unfile = (index: Index<T>, key: string, object: T) => {
    for (const value of valuesOf(index, object)) {
      const bucket = index.byValue.get(value)
      if (bucket?.delete(key) && bucket.size === 0) index.byValue.delete(value)
    }
  }
  const addIndex = (name: string, of: IndexFunction<T>) => {
    const known = byName.get(name)
    if (known && known.of !== of && known.of.toString() !== of.toString()) throw new Error(`Cannot add index ${name}: another function has the name`)
    if (known) return
    const index: Index<T> = { of, byValue: new Map() }
    for (const [key, object] of objects) file(index, key, object)
    byName.set(name, index)
  }
  const remove = (key: string) => {
    const old = objects.get(key)
    if (!old) return undefined
    for (const index of byName.values()) unfile(index, key, old)
    objects.delete(key)
    return old
  }
  const byIndex = (name: string, value: string) => {
    const index = byName.get(name)
    if (!index) throw new Error(`Cannot look up index ${name}: there is none; indexes are ${[...byName.keys()].join(', ')}`)
    return [...index.byValue.get(value)?.values() ?? []]
  }

  addIndex(namespaceIndex, (object) => [object.metadata.namespace ?? ''])
  for (const [name, of] of Object.entries(indexes)) addIndex(name, of)

  return {
    get size() { return objects.size },
    get: (key) => objects.get(key),
    keys: () => objects.keys(),
    list: (namespace) => namespace === undefined ? [...objects.values()] : byIndex(namespaceIndex, namespace),
    byIndex,
    addIndex,
    remove,
    set(object) {
      const key = keyOf(object)
      const old = remove(key)
      objects.set(key, object)
      for (const index of byName.values()) file(index, key, object)
      return old
    },
  }
}
