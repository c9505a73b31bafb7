import type { Kind } from '../kinds/kind.ts'
import type { KubeList, KubeObject, ObjectKey, WatchEvent } from '../object.ts'
import type { Transport } from '../transport.ts'

/**
 * The one client. Typed by the kind value that is handed in:
 *
 *     const pod = await client.get(pods, { namespace: 'default', name: 'web-0' })
 *
 * Every method rejects with `ApiError`. What comes back is frozen (in process it is the server's own object): copy with
 * `structuredClone` before changing it.
 */
export interface Client {
  get<T extends KubeObject>(kind: Kind<T>, key: ObjectKey, options?: CallOptions): Promise<T>
  list<T extends KubeObject>(kind: Kind<T>, options?: ListOptions): Promise<KubeList<T>>
  /** `apiVersion` and `kind` may be left out of `object`. */
  create<T extends KubeObject>(kind: Kind<T>, object: Draft<T>, options?: CallOptions): Promise<T>
  update<T extends KubeObject>(kind: Kind<T>, object: T, options?: CallOptions & { subresource?: string }): Promise<T>
  updateStatus<T extends KubeObject>(kind: Kind<T>, object: T, options?: CallOptions): Promise<T>
  patch<T extends KubeObject>(kind: Kind<T>, key: ObjectKey, patch: Patch, options?: CallOptions & { subresource?: string }): Promise<T>
  /** The object as it is after the call: gone, or with `deletionTimestamp`. */
  delete<T extends KubeObject>(kind: Kind<T>, key: ObjectKey, options?: DeleteOptions): Promise<void>
  deleteCollection<T extends KubeObject>(kind: Kind<T>, options?: ListOptions & DeleteOptions): Promise<void>
  /** POST to a subresource that is not the object itself: `binding`, `eviction`, `token`. */
  post<R = unknown>(kind: Kind, key: ObjectKey, subresource: string, body: unknown, options?: CallOptions): Promise<R>
  /** Events until the server ends the watch, the signal aborts or the reader stops; an `ERROR` event is thrown as `ApiError`. Bookmarks come through. */
  watch<T extends KubeObject>(kind: Kind<T>, options?: WatchOptions): AsyncIterable<WatchEvent<T>>
  /** For paths that are no objects: `/version`, `/healthz`. */
  readonly transport: Transport
}

/** An object before the server has completed it: nobody need write a status, or an empty `spec: {}` where all of it has defaults. */
export type Draft<T> = Omit<T, 'apiVersion' | 'kind' | 'metadata' | EmptyParts<T>> & Partial<Pick<T, EmptyParts<T>>>
  & { apiVersion?: string; kind?: string; metadata: Partial<KubeObject['metadata']> }

type EmptyParts<T> = Extract<keyof T, 'status'> | (T extends { spec: infer S } ? ({} extends S ? Extract<keyof T, 'spec'> : never) : never)

export interface CallOptions {
  readonly signal?: AbortSignal
  readonly fieldManager?: string
  readonly dryRun?: boolean
}

export interface ListOptions extends CallOptions {
  readonly namespace?: string
  readonly labelSelector?: string
  readonly fieldSelector?: string
  readonly limit?: number
  readonly continue?: string
  readonly resourceVersion?: string
}

export interface WatchOptions extends ListOptions {
  readonly allowBookmarks?: boolean
  readonly timeoutSeconds?: number
}

export interface DeleteOptions extends CallOptions {
  readonly gracePeriodSeconds?: number
  readonly propagation?: 'Orphan' | 'Background' | 'Foreground'
  readonly preconditions?: { readonly uid?: string; readonly resourceVersion?: string }
}

export type Patch =
  | { readonly type: 'json'; readonly patch: readonly unknown[] }
  | { readonly type: 'merge'; readonly patch: unknown }
  | { readonly type: 'strategic'; readonly patch: unknown }
