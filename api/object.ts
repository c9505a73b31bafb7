import type { ListMeta, ObjectMeta } from './types/meta-v1/meta.ts'

/** Any object of the Kubernetes API. Objects that come out of a client, an informer or the server are frozen. */
export interface KubeObject {
  apiVersion: string
  kind: string
  metadata: ObjectMeta
}

/** The list form of a kind: `items` as the server returned them, `metadata.resourceVersion` the revision they are true at. */
export interface KubeList<T extends KubeObject = KubeObject> {
  apiVersion: string
  kind: string
  metadata: ListMeta
  items: T[]
}

/** Names an object of a known kind. `namespace` is absent for cluster-scoped kinds. */
export interface ObjectKey {
  readonly namespace?: string | undefined
  readonly name: string
}

export type WatchEventType = 'ADDED' | 'MODIFIED' | 'DELETED' | 'BOOKMARK' | 'ERROR'

/** One event of a watch (API conventions, "Efficient detection of changes"). `ERROR` carries a `Status`. */
export interface WatchEvent<T = KubeObject> {
  readonly type: WatchEventType
  readonly object: T
}

/** `namespace/name`, or `name` for cluster-scoped objects: the key of queues, indexes and log lines. */
export function keyOf(object: { metadata: ObjectMeta }): string {
  const { namespace, name } = object.metadata
  return namespace ? `${namespace}/${name}` : name
}

/** The inverse of `keyOf`. */
export function parseKey(key: string): ObjectKey {
  const slash = key.indexOf('/')
  return slash < 0 ? { name: key } : { namespace: key.slice(0, slash), name: key.slice(slash + 1) }
}
