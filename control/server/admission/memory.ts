import type { Kind } from '../../../api/kinds/kind.ts'
import type { KubeObject } from '../../../api/object.ts'
import type { Tools } from '../tools.ts'

/**
 * How plugins look at other objects: in memory, which is never behind a write that was answered. `use` is called at once;
 * only right after the start, while the objects are still being read, it waits.
 */
export interface Memory<T extends KubeObject> {
  /** Reads the objects into memory; a server does so before it listens. */
  load(tools: Tools): Promise<void>
  all<R>(tools: Tools, use: (objects: readonly T[]) => R | Promise<R>): R | Promise<R>
  inNamespace<R>(tools: Tools, namespace: string, use: (objects: readonly T[]) => R | Promise<R>): R | Promise<R>
  find<R>(tools: Tools, namespace: string, name: string, use: (object: T | undefined) => R | Promise<R>): R | Promise<R>
}

const none: readonly never[] = Object.freeze([])

export function memoryOf<T extends KubeObject>(kind: Kind<T>): Memory<T> {
  const loaded = new WeakSet<object>()
  const load = async ({ resources }: Tools) => {
    await resources.cache(kind).ready()
    loaded.add(resources)
  }
  const once = <R>(tools: Tools, use: () => R | Promise<R>): R | Promise<R> => (loaded.has(tools.resources) ? use() : load(tools).then(use))
  const objects = (entries: readonly { readonly object: KubeObject }[]): readonly T[] => (entries.length === 0 ? none : entries.map(({ object }) => object as T))
  return {
    load,
    all: (tools, use) => once(tools, () => use(objects(tools.resources.cache(kind).peekAll()))),
    inNamespace: (tools, namespace, use) => once(tools, () => use(objects(tools.resources.cache(kind).peekAll(namespace)))),
    find: (tools, namespace, name, use) => once(tools, () => use(tools.resources.cache(kind).peek(tools.resources.key(kind, namespace, name))?.object as T | undefined)),
  }
}
