import { pino } from 'pino'
import { Registry } from 'prom-client'
import { systemMaster } from '../../../api/transport.ts'
import type { ApiRequest, ApiResponse, UserInfo, WatchFrame } from '../../../api/transport.ts'
import type { Clock } from '../../../host/clock.ts'
import { systemClock } from '../../../host/clock.ts'
import { createMemoryLog } from '../../store/memory.ts'
import { createObjectStore } from '../../store/object-store.ts'
import { createWatchCache } from '../../store/watch-cache.ts'
import { createApiServer } from '../api-server.ts'
import type { ApiServer, ApiServerOptions } from '../api-server.ts'

/** An answer, read to its end. */
export interface Answer {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** The JSON value, or the text where it is none. */
  readonly body: any
}

export interface CallOptions {
  readonly user?: UserInfo | undefined
  readonly headers?: Readonly<Record<string, string>>
  /** As over the network: the body goes and comes in bytes. */
  readonly wire?: boolean
  readonly signal?: AbortSignal
}

export interface TestServer {
  readonly server: ApiServer
  readonly metrics: Registry
  /** Asks in process, as the cluster's master unless told otherwise. `path` may have a query; a text body goes as it is. */
  call(method: ApiRequest['method'], path: string, body?: unknown, options?: CallOptions): Promise<Answer>
  raw(method: ApiRequest['method'], path: string, body?: unknown, options?: CallOptions): Promise<ApiResponse>
  close(): Promise<void>
}

/**
 * A server over a store in memory, for tests. No controller makes service accounts here, so pods go without, unless
 * `disableAdmissionPlugins` says otherwise.
 */
export async function startTestServer(options: Partial<ApiServerOptions> & { clock?: Clock } = {}): Promise<TestServer> {
  const clock = options.clock ?? systemClock
  const log = createMemoryLog()
  const cache = createWatchCache({ log, clock })
  const metrics = new Registry()
  const server = createApiServer({ store: createObjectStore({ log, cache }), clock, log: pino({ level: 'silent' }), metrics, disableAdmissionPlugins: ['ServiceAccount'], ...options })
  await server.ready
  const raw: TestServer['raw'] = (method, path, body, { user = systemMaster, headers = {}, wire = false, signal } = {}) => {
    const [bare = '', query = ''] = path.split('?', 2)
    const bytes = typeof body === 'string' ? Buffer.from(body) : body instanceof Uint8Array ? body : wire && body !== undefined ? Buffer.from(JSON.stringify(body)) : undefined
    const type: Record<string, string> = body === undefined ? {} : { 'content-type': 'application/json' }
    const request = {
      method, path: bare, query: new URLSearchParams(query), headers: { ...type, ...headers }, user, signal,
      body: bytes ? { kind: 'bytes' as const, bytes } : body === undefined ? undefined : { kind: 'value' as const, value: body }, ...(wire && { wire }),
    }
    return server.transport(request)
  }
  return {
    server, metrics, raw,
    call: async (...asked) => read(await raw(...asked)),
    async close() {
      await server.close()
      await cache.close()
      await log.close()
    },
  }
}

async function read({ status, headers, body }: ApiResponse): Promise<Answer> {
  if (body.kind === 'value') return { status, headers, body: body.value }
  if (body.kind === 'bytes') return { status, headers, body: parsed(Buffer.from(body.bytes)) }
  if (body.kind === 'empty') return { status, headers, body: undefined }
  if (body.kind === 'watch') throw new TypeError('a watch has no end; read its events')
  const chunks: Uint8Array[] = []
  for await (const chunk of body.chunks) chunks.push(chunk)
  return { status, headers, body: parsed(Buffer.concat(chunks)) }
}

function parsed(bytes: Buffer): unknown {
  try {
    return JSON.parse(bytes.toString())
  } catch {
    return bytes.toString()
  }
}

/** The next `count` events of a watch, or as many as come before it ends. */
export async function take(response: ApiResponse, count: number): Promise<WatchFrame['event'][]> {
  if (response.body.kind !== 'watch') throw new TypeError(`not a watch: ${response.status}`)
  const events: WatchFrame['event'][] = []
  for await (const frame of response.body.events) {
    events.push(frame.event)
    if (events.length >= count) break
  }
  return events
}

export const pod = (name: string, more: { labels?: object; spec?: object; metadata?: object } = {}) => ({
  apiVersion: 'v1', kind: 'Pod', metadata: { name, ...(more.labels && { labels: more.labels }), ...more.metadata },
  spec: { containers: [{ name: 'c', image: 'web:1' }], ...more.spec },
})

export const configMap = (name: string, data: object = {}, metadata: object = {}) => ({ apiVersion: 'v1', kind: 'ConfigMap', metadata: { name, ...metadata }, data })
