import { apiVersionOf } from '../kinds/kind.ts'
import type { Kind } from '../kinds/kind.ts'
import type { KubeList, KubeObject, ObjectKey, WatchEvent } from '../object.ts'
import type { ApiRequest, Transport, UserInfo } from '../transport.ts'
import type { CallOptions, Client, DeleteOptions, Draft, ListOptions, Patch, WatchOptions } from './client.ts'
import { collectionPath, objectPath } from './paths.ts'
import { bodyOf, callQuery, deleteBody, listQuery, patchTypes, watchQuery } from './request.ts'
import { valueOf } from './response.ts'
import { watchEvents } from './watch-events.ts'

export interface ClientOptions {
  /** Who asks, for transports that do not know it from the connection: the server in process. */
  readonly user?: UserInfo
  readonly userAgent?: string
}

interface Call {
  readonly method: ApiRequest['method']
  readonly path: string
  readonly query: URLSearchParams
  readonly options?: CallOptions | undefined
  readonly body?: unknown
  readonly contentType?: string
}

type Updating = CallOptions & { subresource?: string }

/** The client over any transport: the server itself in process, or `httpsTransport`. */
export function createClient(transport: Transport, options: ClientOptions = {}): Client {
  const common = { accept: 'application/json', 'user-agent': options.userAgent ?? 'k8ts' }

  const send = (call: Call, signal: AbortSignal | undefined) => {
    signal?.throwIfAborted()
    return transport({
      method: call.method, path: call.path, query: call.query, user: options.user, signal,
      headers: call.body === undefined ? common : { ...common, 'content-type': call.contentType ?? 'application/json' },
      body: call.body === undefined ? undefined : bodyOf(call.body),
    })
  }
  const ask = async <R>(call: Call): Promise<R> => await valueOf(await send(call, call.options?.signal)) as R

  const update = async <T extends KubeObject>(kind: Kind<T>, object: T, asked?: Updating): Promise<T> =>
    ask({ method: 'PUT', path: objectPath(kind, object.metadata, asked?.subresource), query: callQuery(asked), options: asked, body: typed(kind, object) })

  async function* watch<T extends KubeObject>(kind: Kind<T>, asked?: WatchOptions): AsyncGenerator<WatchEvent<T>, void> {
    const over = new AbortController()
    const signal = asked?.signal ? AbortSignal.any([asked.signal, over.signal]) : over.signal
    try {
      yield* watchEvents<T>(await send({ method: 'GET', path: collectionPath(kind, asked?.namespace), query: watchQuery(asked) }, signal))
    } catch (error) {
      if (!asked?.signal?.aborted) throw error
    } finally {
      over.abort()
    }
  }

  return Object.freeze<Client>({
    transport,
    watch,
    update,
    updateStatus: (kind, object, asked) => update(kind, object, { ...asked, subresource: 'status' }),

    get: async <T extends KubeObject>(kind: Kind<T>, key: ObjectKey, asked?: CallOptions): Promise<T> =>
      ask({ method: 'GET', path: objectPath(kind, key), query: callQuery(asked), options: asked }),

    async list<T extends KubeObject>(kind: Kind<T>, asked?: ListOptions): Promise<KubeList<T>> {
      const list = await ask<KubeList<T>>({ method: 'GET', path: collectionPath(kind, asked?.namespace), query: listQuery(asked), options: asked })
      const items = (list.items ?? []).map((item) => typed(kind, item))
      Object.freeze(items)
      return Object.freeze({ ...list, items })
    },

    create: async <T extends KubeObject>(kind: Kind<T>, object: Draft<T>, asked?: CallOptions): Promise<T> =>
      ask({ method: 'POST', path: collectionPath(kind, object.metadata.namespace), query: callQuery(asked), options: asked, body: typed(kind, object) }),

    patch: async <T extends KubeObject>(kind: Kind<T>, key: ObjectKey, patch: Patch, asked?: Updating): Promise<T> =>
      ask({ method: 'PATCH', path: objectPath(kind, key, asked?.subresource), query: callQuery(asked), options: asked, body: patch.patch, contentType: patchTypes[patch.type] }),

    async delete(kind: Kind, key: ObjectKey, asked?: DeleteOptions): Promise<void> {
      await ask({ method: 'DELETE', path: objectPath(kind, key), query: new URLSearchParams(), options: asked, body: deleteBody(asked) })
    },

    async deleteCollection(kind: Kind, asked?: ListOptions & DeleteOptions): Promise<void> {
      const query = listQuery(asked)
      query.delete('dryRun')
      await ask({ method: 'DELETE', path: collectionPath(kind, asked?.namespace), query, options: asked, body: deleteBody(asked) })
    },

    post: async <R>(kind: Kind, key: ObjectKey, subresource: string, body: unknown, asked?: CallOptions): Promise<R> =>
      ask<R>({ method: 'POST', path: objectPath(kind, key, subresource), query: callQuery(asked), options: asked, body }),
  })
}

/** Items of a list and drafts may lack their `apiVersion` and `kind`: filled in, everything else untouched. */
function typed<T extends { apiVersion?: string | undefined; kind?: string | undefined }>(kind: Kind, object: T): T {
  return object.apiVersion && object.kind ? object : Object.freeze({ ...object, apiVersion: apiVersionOf(kind), kind: kind.kind })
}
