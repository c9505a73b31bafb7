import { alreadyExists, ApiError, expired, noSuchResource, notFound, staleWrite, statusOf } from '../errors.ts'
import type { KubeObject, WatchEvent } from '../object.ts'
import type { ApiRequest, ApiResponse, Transport, WatchFrame } from '../transport.ts'
import { isTransportError } from './transport-error.ts'

/**
 * For tests of this folder only: a collection per path in a Map, with the troubles of a network at the test's command
 * (answers that fail, watches that break, history that is gone). Behaviour of the API is tested on the real server.
 */
export interface ScriptedTransport {
  readonly transport: Transport
  /** Every request seen: `GET /api/v1/pods?watch=true`. */
  readonly seen: string[]
  readonly watches: number
  /** The next requests for which `when` holds fail with this error. */
  fail(error: unknown, times?: number, when?: (request: ApiRequest) => boolean): void
  /** Ends all watches: cleanly, or with an error. */
  breakWatches(error?: unknown): void
  /** Forgets all history: a watch from before answers 410. */
  compact(): void
  /** Tells all watches of the present revision. */
  bookmark(): void
}

interface Change { readonly revision: number; readonly collection: string; readonly event: WatchEvent<KubeObject> }
interface Watcher { readonly collection: string; push(event: WatchEvent<KubeObject>): void; end(error?: unknown): void }
interface Script { readonly error: unknown; times: number; readonly when: (request: ApiRequest) => boolean }

export function createScriptedTransport(): ScriptedTransport {
  const objects = new Map<string, KubeObject>()
  const watchers = new Set<Watcher>()
  const scripts: Script[] = []
  const seen: string[] = []
  let history: Change[] = []
  let compacted = 0
  let revision = 0

  const record = (type: WatchEvent['type'], path: string, object: KubeObject): KubeObject => {
    const stored: KubeObject = Object.freeze({ ...object, metadata: Object.freeze({ ...object.metadata, resourceVersion: String(++revision) }) })
    if (type === 'DELETED') objects.delete(path)
    else objects.set(path, stored)
    const change: Change = { revision, collection: path.slice(0, path.lastIndexOf('/')), event: { type, object: stored } }
    history.push(change)
    for (const watcher of watchers) if (within(change.collection, watcher.collection)) watcher.push(change.event)
    return stored
  }

  const list = (request: ApiRequest): ApiResponse => {
    const all = [...objects].filter(([path]) => within(path.slice(0, path.lastIndexOf('/')), request.path)).map(([, object]) => object)
    const from = Number(request.query.get('continue') ?? 0)
    const to = from + (Number(request.query.get('limit')) || Infinity)
    const metadata = { resourceVersion: String(revision), ...(to < all.length && { continue: String(to) }) }
    return answer(200, { apiVersion: 'v1', kind: 'List', metadata, items: all.slice(from, to) })
  }

  const watch = (request: ApiRequest): ApiResponse => {
    const after = Number(request.query.get('resourceVersion'))
    if (after < compacted) throw expired(`too old resource version: ${after} (${compacted})`)
    const { watcher, events } = createWatcher(request.path, () => watchers.delete(watcher))
    for (const change of history) if (change.revision > after && within(change.collection, request.path)) watcher.push(change.event)
    watchers.add(watcher)
    request.signal?.addEventListener('abort', () => watcher.end(), { once: true })
    return { status: 200, headers: {}, body: { kind: 'watch', events } }
  }

  const handle = (request: ApiRequest): ApiResponse => {
    const body = (request.body?.kind === 'value' ? request.body.value : undefined) as KubeObject | undefined
    if (request.method === 'GET' && request.query.get('watch')) return watch(request)
    if (request.method === 'POST') {
      const path = `${request.path}/${body!.metadata.name}`
      if (objects.has(path)) throw alreadyExists(resourceOf(path), body!.metadata.name!)
      return answer(201, record('ADDED', path, { ...body!, metadata: { ...body!.metadata, uid: body!.metadata.uid ?? `uid-${revision}` } }))
    }
    const current = objects.get(request.path)
    if (!current && request.method === 'GET' && isCollection(request.path)) return list(request)
    if (!current) throw notFound(resourceOf(request.path), request.path.slice(request.path.lastIndexOf('/') + 1))
    if (request.method === 'GET') return answer(200, current)
    if (request.method === 'DELETE') return answer(200, record('DELETED', request.path, current))
    if (request.method === 'PATCH') return answer(200, record('MODIFIED', request.path, { ...current, ...body! }))
    if (request.method !== 'PUT') throw noSuchResource()
    if (body!.metadata.resourceVersion && body!.metadata.resourceVersion !== current.metadata.resourceVersion) throw staleWrite(resourceOf(request.path), current.metadata.name!)
    return answer(200, record('MODIFIED', request.path, body!))
  }

  return {
    seen,
    get watches() { return watchers.size },
    async transport(request) {
      const query = request.query.toString()
      seen.push(`${request.method} ${request.path}${query && `?${query}`}`)
      try {
        const script = scripts.find((candidate) => candidate.times > 0 && candidate.when(request))
        if (script) { script.times -= 1; throw script.error }
        return handle(request)
      } catch (error) {
        if (error instanceof ApiError && !isTransportError(error)) return answer(error.code, statusOf(error))
        throw error
      }
    },
    fail(error, times = 1, when = () => true) { scripts.push({ error, times, when }) },
    breakWatches(error) { for (const watcher of [...watchers]) watcher.end(error) },
    compact() { compacted = revision; history = [] },
    bookmark() {
      revision += 1
      for (const watcher of watchers) watcher.push({ type: 'BOOKMARK', object: { apiVersion: 'v1', kind: 'Bookmark', metadata: { resourceVersion: String(revision) } } as KubeObject })
    },
  }
}

const answer = (status: number, value: unknown): ApiResponse => ({ status, headers: {}, body: { kind: 'value', value } })
const within = (collection: string, asked: string): boolean => collection === asked || collection.replace(/\/namespaces\/[^/]+/, '') === asked
const isCollection = (path: string): boolean => path.split('/').at(-1)!.endsWith('s')
const resourceOf = (path: string) => ({ group: '', resource: path.split('/').at(-2)! })

function createWatcher(collection: string, onEnd: () => void) {
  const queue: WatchEvent<KubeObject>[] = []
  let wake = Promise.withResolvers<void>()
  let ended = false
  let failure: unknown
  const watcher: Watcher = {
    collection,
    push(event) { queue.push(event); wake.resolve() },
    end(error) { ended = true; failure = error; wake.resolve(); onEnd() },
  }
  async function* events(): AsyncGenerator<WatchFrame> {
    try {
      for (;;) {
        for (let event = queue.shift(); event; event = queue.shift()) yield { event, bytes: () => new Uint8Array() }
        if (failure) throw failure
        if (ended) return
        await wake.promise
        wake = Promise.withResolvers()
      }
    } finally {
      onEnd()
    }
  }
  return { watcher, events: events() }
}
