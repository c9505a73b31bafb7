import type { KubeObject, ObjectKey } from '../object.ts'

/**
 * A cache of one kind that lists, watches for ever and never dies of an error: it backs off and lists again.
 * Handlers run synchronously in order, after the cache shows the change; a handler that throws is logged and skipped.
 */
export interface Informer<T extends KubeObject = KubeObject> {
  /** Resolves when the first list is in the cache and the handlers have seen it. */
  readonly synced: Promise<void>
  readonly hasSynced: boolean
  get(key: ObjectKey | string): T | undefined
  /** All objects, or those of one namespace. No order is promised. */
  list(namespace?: string): T[]
  /** Objects for which the index function named at construction gives `value`. */
  byIndex(index: string, value: string): T[]
  /** Replays the cache as `add`, then follows. The returned function removes the handler. */
  on(handler: InformerHandler<T>): () => void
  stop(): Promise<void>
}

export interface InformerHandler<T> {
  add?(object: T): void
  update?(object: T, old: T): void
  /** The last state seen. */
  delete?(object: T): void
}

export interface InformerOptions<T> {
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
  /** `{ node: (pod) => [pod.spec.nodeName ?? ''] }` */
  readonly indexes?: Readonly<Record<string, (object: T) => readonly string[]>>
}
