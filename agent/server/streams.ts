import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { ServerDeps } from './deps.ts'
import { findPod, findRunning } from './find.ts'
import { HttpError } from './http-error.ts'
import { tunnel } from './tunnel.ts'
import { forwardOverWebSocket, forwardProtocol } from './websocket-forward.ts'
import { execOverWebSocket, execProtocol } from './websocket-exec.ts'

/**
 * Exec, attach and port-forward. The runtime gives a URL of its streaming server, which speaks SPDY and WebSocket up to v4: those
 * go through byte for byte. What it does not speak (v5, port-forward over WebSocket) is turned into SPDY here.
 */
export async function openStream(request: IncomingMessage, socket: Duplex, head: Buffer, deps: ServerDeps): Promise<void> {
  const url = new URL(request.url ?? '/', 'https://node')
  const [root = '', ...path] = url.pathname.slice(1).split('/').map(decodeURIComponent)
  const protocols = offered(request)
  const isWebSocket = request.headers.upgrade?.toLowerCase() === 'websocket'
  if (root === 'portForward') {
    const target = await portForwardUrl(path, url, deps)
    if (isWebSocket && protocols.includes(forwardProtocol)) return forwardOverWebSocket(request, socket, head, target)
    return tunnel(request, socket, head, target)
  }
  if (root !== 'exec' && root !== 'attach') throw new HttpError(404, '404 page not found\n')
  const wanted = streamsOf(url.searchParams)
  const target = await execUrl(root, path, url.searchParams.getAll('command'), wanted, deps)
  if (isWebSocket && protocols.includes(execProtocol)) return execOverWebSocket(request, socket, head, target, wanted)
  return tunnel(request, socket, head, target)
}

const offered = (request: IncomingMessage): string[] => (request.headers['sec-websocket-protocol'] ?? '').split(',').map((protocol) => protocol.trim())

/** Which of the standard streams the client wants. */
export interface WantedStreams { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean; readonly tty: boolean }

/** The kubelet's words for them, and (for clients that come directly) the API's. */
function streamsOf(query: URLSearchParams): WantedStreams {
  const on = (...names: string[]): boolean => names.some((name) => ['1', 'true'].includes(query.get(name) ?? ''))
  const tty = on('tty')
  // A terminal has one output.
  const wanted = { stdin: on('input', 'stdin'), stdout: on('output', 'stdout'), stderr: on('error', 'stderr') && !tty, tty }
  if (!wanted.stdin && !wanted.stdout && !wanted.stderr) throw new HttpError(400, 'you must specify at least 1 of stdin, stdout, stderr')
  return wanted
}

async function execUrl(kind: 'exec' | 'attach', path: readonly string[], cmd: string[], wanted: WantedStreams, deps: ServerDeps): Promise<URL> {
  const [namespace, name, ...more] = path
  if (!namespace || !name || more.length === 0) throw new HttpError(404, '404 page not found\n')
  const worker = findPod(deps, namespace, name, more.length > 1 ? more[0] : undefined)
  const containerId = findRunning(worker, more.at(-1)!).id
  return new URL(kind === 'exec' ? await deps.runtime.exec({ containerId, cmd, ...wanted }) : await deps.runtime.attach({ containerId, ...wanted }))
}

async function portForwardUrl(path: readonly string[], url: URL, deps: ServerDeps): Promise<URL> {
  const [namespace, name, uid] = path
  if (!namespace || !name) throw new HttpError(404, '404 page not found\n')
  const worker = findPod(deps, namespace, name, uid)
  const sandbox = worker.view.sandboxes.find(({ ready }) => ready)
  if (!sandbox) throw new HttpError(500, `cannot find a ready sandbox of pod ${name}`)
  const ports = url.searchParams.getAll('port').flatMap((port) => port.split(',')).map(Number).filter((port) => port > 0)
  return new URL(await deps.runtime.portForward(sandbox.id, ports))
}
