import { createServer as createHttp } from 'node:http'
import type { IncomingMessage, ServerResponse } from 'node:http'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { Duplex } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import type { TLSSocket } from 'node:tls'
import { containerLogs } from './container-logs.ts'
import type { ServerDeps } from './deps.ts'
import { findPod, findRunning } from './find.ts'
import { HttpError } from './http-error.ts'
import { resourceMetrics, statsSummary } from './stats.ts'
import { openStream } from './streams.ts'

/** How the agent serves: TLS with client certificates of the cluster's CA. PEM texts. */
export interface Serving {
  readonly port: number
  readonly host: string
  /** Absent: there is none yet, and nobody can connect until `follow` brings one. */
  readonly key?: string
  readonly cert?: string
  readonly clientCA: string
  /** Is given the function that takes a newer pair for connections from then on. */
  readonly follow?: (take: (pair: { readonly key: string; readonly cert: string }) => void) => void
  /** Plain `/healthz` on 127.0.0.1; absent: none. 10248 is usual. */
  readonly healthPort?: number
}

export interface RunningServer {
  readonly port: number
  close(): Promise<void>
}

/** The agent's server: logs, exec, attach, port-forward, metrics, statistics. */
export async function startServer(serving: Serving, deps: ServerDeps): Promise<RunningServer> {
  const { key, cert, clientCA } = serving
  const sockets = new Set<Duplex>()
  const server = createServer({ ...(key && cert && { key, cert }), ca: clientCA, requestCert: true, rejectUnauthorized: true, minVersion: 'TLSv1.2' })
  serving.follow?.((pair) => server.setSecureContext({ ...pair, ca: clientCA, minVersion: 'TLSv1.2' }))
  server.on('connection', (socket: Duplex) => { sockets.add(socket); socket.once('close', () => sockets.delete(socket)) })
  server.on('request', (request: IncomingMessage, response: ServerResponse) => void answer(request, response, deps))
  server.on('upgrade', (request: IncomingMessage, socket: Duplex, head: Buffer) => void upgrade(request, socket, head, deps))
  await listen(server, serving.port, serving.host)
  const health = serving.healthPort === undefined ? undefined : createHttp((request, response) => {
    response.writeHead(request.url === '/healthz' ? 200 : 404).end(request.url === '/healthz' ? 'ok' : '404 page not found\n')
  })
  if (health) await listen(health, serving.healthPort!, '127.0.0.1')
  return {
    port: (server.address() as AddressInfo).port,
    async close() {
      health?.close()
      health?.closeAllConnections()
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

const listen = (server: { listen(port: number, host: string, done: () => void): unknown; once(event: 'error', failed: (error: Error) => void): unknown }, port: number, host: string): Promise<void> =>
  new Promise((resolve, reject) => {
    server.once('error', reject)
    server.listen(port, host, resolve)
  })

/** Whoever may use the agent may run anything in any pod here: the API server and administrators, not every certificate of the cluster. */
function authorize(request: IncomingMessage): void {
  const { subject } = (request.socket as TLSSocket).getPeerCertificate()
  const words = (value: string | string[] | undefined): string[] => (value === undefined ? [] : [value].flat())
  const trusted = words(subject?.O).some((group) => group === 'system:masters' || group === 'kubeadm:cluster-admins')
  const user = words(subject?.CN)[0]
  if (!trusted && user !== 'kube-apiserver-kubelet-client') throw new HttpError(403, `Forbidden (user=${user}, verb=${request.method?.toLowerCase()}, resource=nodes, subresource=proxy)\n`)
}

async function answer(request: IncomingMessage, response: ServerResponse, deps: ServerDeps): Promise<void> {
  try {
    const url = new URL(request.url ?? '/', 'https://node')
    authorize(request)
    await route(url, response, deps)
  } catch (error) {
    const status = error instanceof HttpError ? error.status : 500
    if (!(error instanceof HttpError)) deps.log.warn({ err: error, path: request.url }, 'Answer request: failed')
    if (response.headersSent) response.destroy()
    else response.writeHead(status, { 'content-type': 'text/plain' }).end(error instanceof Error ? error.message : String(error))
  }
}

async function route(url: URL, response: ServerResponse, deps: ServerDeps): Promise<void> {
  const [root = '', ...rest] = url.pathname.slice(1).split('/').map(decodeURIComponent)
  const json = (value: unknown): void => { response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value)) }
  const text = (value: string, type = 'text/plain'): void => { response.writeHead(200, { 'content-type': type }).end(value) }
  switch (root) {
    case 'healthz': return text('ok')
    case 'pods': return json({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items: deps.pods.list().flatMap(({ pod }) => pod ?? []) })
    case 'runningpods': return json({ kind: 'PodList', apiVersion: 'v1', metadata: {}, items: deps.pods.list().filter(({ view }) => view.sandboxes[0]?.ready).flatMap(({ pod }) => pod ?? []) })
    case 'metrics':
      if (rest[0] === 'resource') return text(await resourceMetrics(deps), 'text/plain; version=0.0.4')
      if (rest.length > 0) break
      return text(await deps.registry.metrics(), deps.registry.contentType)
    case 'stats': if (rest[0] === 'summary') return json(await statsSummary(deps)); break
    case 'containerLogs': if (rest.length === 3) return logs(rest as [string, string, string], url, response, deps); break
    case 'run': if (rest.length >= 3) return text(await run(rest, url, deps)); break
    case 'exec': case 'attach': case 'portForward': throw new HttpError(400, 'unable to upgrade: missing upgrade headers in request')
  }
  throw new HttpError(404, '404 page not found\n')
}

async function logs(target: [string, string, string], url: URL, response: ServerResponse, deps: ServerDeps): Promise<void> {
  const over = new AbortController()
  response.once('close', () => over.abort())
  const stream = containerLogs(target, url.searchParams, deps, over.signal)
  response.writeHead(200, { 'content-type': 'text/plain' })
  response.flushHeaders()
  await pipeline(stream, response).catch((error: unknown) => { if (!over.signal.aborted) throw error })
}

async function run(path: readonly string[], url: URL, deps: ServerDeps): Promise<string> {
  const [namespace, name, ...more] = path as [string, string, ...string[]]
  const worker = findPod(deps, namespace, name, more.length > 1 ? more[0] : undefined)
  const container = findRunning(worker, more.at(-1)!)
  const { stdout, stderr } = await deps.runtime.execSync(container.id, (url.searchParams.get('cmd') ?? '').split(' '), 0)
  return Buffer.concat([stdout, stderr]).toString('utf8')
}

async function upgrade(request: IncomingMessage, socket: Duplex, head: Buffer, deps: ServerDeps): Promise<void> {
  socket.on('error', () => socket.destroy())
  try {
    authorize(request)
    await openStream(request, socket, head, deps)
  } catch (error) {
    const status = error instanceof HttpError ? error.status : 500
    const message = error instanceof Error ? error.message : String(error)
    if (!(error instanceof HttpError)) deps.log.warn({ err: error, path: request.url }, 'Open stream: failed')
    socket.end(`HTTP/1.1 ${status} ${status === 404 ? 'Not Found' : status === 403 ? 'Forbidden' : status === 400 ? 'Bad Request' : 'Internal Server Error'}\r\nContent-Type: text/plain\r\nContent-Length: ${Buffer.byteLength(message)}\r\nConnection: close\r\n\r\n${message}`)
  }
}
