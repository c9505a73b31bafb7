import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { acceptWebSocket, isWebSocket, offeredProtocols } from '../../api/streams/accept-websocket.ts'
import { bridgeExec, execOverSpdy, execProtocol } from '../../api/streams/exec-channels.ts'
import type { WantedStreams } from '../../api/streams/exec-channels.ts'
import { bridgeForward, forwardOverSpdy, forwardProtocol } from '../../api/streams/forward-tunnel.ts'
import type { Upgraded } from '../../api/streams/upgraded.ts'
import type { ServerDeps } from './deps.ts'
import { findPod, findRunning } from './find.ts'
import { HttpError } from './http-error.ts'
import { requestUpgrade, tunnel } from './tunnel.ts'

/**
 * Exec, attach and port-forward. The runtime gives a URL of its streaming server, which speaks SPDY and WebSocket up to v4: those
 * go through byte for byte. What it does not speak (v5, port-forward over WebSocket) is turned into SPDY here.
 */
export async function openStream(request: IncomingMessage, socket: Duplex, head: Buffer, deps: ServerDeps): Promise<void> {
  const url = new URL(request.url ?? '/', 'https://node')
  const [root = '', ...path] = url.pathname.slice(1).split('/').map(decodeURIComponent)
  const offers = (protocol: string): boolean => isWebSocket(request) && offeredProtocols(request).includes(protocol)
  if (root === 'portForward') {
    const target = await portForwardUrl(path, url, deps)
    if (offers(forwardProtocol)) return accept(request, socket, head, forwardProtocol, await requestUpgrade(target, forwardOverSpdy), bridgeForward)
    return tunnel(request, socket, head, target)
  }
  if (root !== 'exec' && root !== 'attach') throw new HttpError(404, '404 page not found\n')
  const wanted = streamsOf(url.searchParams)
  const target = await execUrl(root, path, url.searchParams.getAll('command'), wanted, deps)
  if (offers(execProtocol)) return accept(request, socket, head, execProtocol, await requestUpgrade(target, execOverSpdy), (client, runtime) => bridgeExec(client, runtime, wanted))
  return tunnel(request, socket, head, target)
}

/** Accepts the client once the runtime has agreed, and joins the two. */
async function accept(request: IncomingMessage, socket: Duplex, head: Buffer, protocol: string, runtime: Upgraded, join: (client: WebSocket, runtime: Upgraded) => void): Promise<void> {
  try {
    join(await acceptWebSocket(request, socket, head, protocol), runtime)
  } catch (error) {
    runtime.socket.destroy()
    throw error
  }
}

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
