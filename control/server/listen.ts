import { createSecureServer } from 'node:http2'
import type { Http2SecureServer, ServerHttp2Session } from 'node:http2'
import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TLSSocket } from 'node:tls'
import type { Logger } from 'pino'
import type { Transport } from '../../api/transport.ts'
import type { Clock } from '../../host/clock.ts'
import type { Authentication } from './authentication/create-authentication.ts'
import type { WireRequest } from './context.ts'
import { peerOf } from './peer.ts'
import type { Authorities, Peer } from './peer.ts'
import { patience, readBody, RequestFromWire } from './wire-request.ts'
import type { Incoming, Outgoing } from './wire-request.ts'
import { writeResponse } from './write-response.ts'

/** PEM texts: the server's own pair, and the CA whose client certificates get in. */
export interface ServerTls { readonly key: string; readonly cert: string; readonly ca: string }

export interface ListenOptions {
  readonly host: string
  /** 0: any free port. */
  readonly port: number
  readonly tls: ServerTls
}

export interface Listening {
  readonly port: number
  /** Ends watches, lets running requests finish for a moment, then closes every connection. */
  close(): Promise<void>
  /** Serves new connections with other certificates; running ones stay. */
  renew(tls: ServerTls): void
}

export interface Edge {
  readonly transport: Transport
  /** Who asks. Settled before a byte of the body is read. */
  readonly authentication: Pick<Authentication, 'identify' | 'requestHeader'>
  /** A connection that wants to become something else (exec, attach, port-forward). */
  readonly upgrade: (request: WireRequest, socket: Duplex, head: Buffer) => Promise<void>
  readonly log: Logger
  readonly clock: Clock
}

/** The time the original gives an idle connection. */
const idle = 90_000
/** How long a closing server waits for running requests. */
const farewell = 2_000

/** Opens the one port: HTTP/1.1 and h2 over TLS, client certificates asked for but not demanded. */
export async function listen(edge: Edge, options: ListenOptions): Promise<Listening> {
  const ending = new AbortController()
  const sockets = new Set<Socket>()
  const sessions = new Set<ServerHttp2Session>()
  const requests = new Set<Promise<void>>()
  const peers = new WeakMap<object, Peer>()
  /** The last request of each HTTP/1.1 connection that is not answered yet. */
  const answering = new WeakMap<object, Promise<void>>()
  const { identify, requestHeader } = edge.authentication
  let authorities: Authorities = { clientCA: options.tls.ca, requestHeader }
  const secure = (tls: ServerTls) => ({ ...tls, ca: requestHeader ? [tls.ca, requestHeader.ca] : tls.ca })
  const server = createSecureServer({
    ...secure(options.tls), allowHTTP1: true, requestCert: true, rejectUnauthorized: false, minVersion: 'TLSv1.2', noDelay: true,
    settings: { maxConcurrentStreams: 250, maxHeaderListSize: 64 * 1024 }, maxSessionMemory: 64, streamResetBurst: 1000, streamResetRate: 33,
  } as Parameters<typeof createSecureServer>[0])
  tuneHttp1(server)

  server.on('connection', (socket: Socket) => {
    sockets.add(socket)
    socket.setKeepAlive(true, 30_000)
    socket.once('close', () => sockets.delete(socket))
  })
  server.on('secureConnection', (socket: TLSSocket) => remember(peers, socket, socket, authorities))
  server.on('session', (session) => {
    sessions.add(session)
    remember(peers, session, session.socket as TLSSocket, authorities)
    session.once('close', () => sessions.delete(session))
    session.on('error', () => session.destroy())
  })
  server.on('sessionError', () => {})
  server.on('tlsClientError', () => {})
  server.on('request', (message, out) => {
    const key = 'stream' in message && message.stream ? message.stream.session! : message.socket
    const begin = () => serve(edge, message, out as unknown as Outgoing, peers.get(key), ending.signal)
    // Answers of HTTP/1.1 go out one after the other: a thousand requests in one packet must not make a thousand answers that wait.
    const before = message.httpVersionMajor === 1 ? answering.get(key) : undefined
    const running = (before ? before.then(begin) : begin()).finally(() => {
      requests.delete(running)
      if (answering.get(key) === running) answering.delete(key)
    })
    requests.add(running)
    if (message.httpVersionMajor === 1) answering.set(key, running)
  })
  server.on('upgrade', (message: IncomingMessage, socket: TLSSocket, head: Buffer) => {
    socket.on('error', () => socket.destroy())
    const upgrading = async () => {
      const user = await identify(message, peers.get(socket))
      await edge.upgrade(new RequestFromWire(message, user, undefined, socket, ending.signal), socket, head)
    }
    upgrading().catch((error: unknown) => {
      edge.log.warn({ err: error, path: message.url?.replace(/\?.*/, '') }, 'Dropped an upgraded connection')
      socket.destroy()
    })
  })

  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(options.port, options.host, () => { server.off('error', reject); resolve() })
  })
  const address = server.address()
  return {
    port: typeof address === 'object' && address ? address.port : options.port,
    renew(tls) {
      authorities = { ...authorities, clientCA: tls.ca }
      server.setSecureContext(secure(tls))
    },
    async close() {
      const closed = new Promise<void>((resolve) => server.close(() => resolve()))
      ending.abort()
      for (const session of sessions) session.close()
      await Promise.race([Promise.allSettled(requests), new Promise<void>((resolve) => { edge.clock.after(farewell, resolve, { unref: true }) })])
      for (const socket of sockets) socket.destroy()
      await closed
    },
  }
}

function remember(peers: WeakMap<object, Peer>, key: object, socket: TLSSocket, authorities: Authorities): void {
  const peer = peerOf(socket, authorities)
  if (peer) peers.set(key, peer)
}

/** The HTTP/1.1 side of an h2 server has these settings, though its type does not say so. */
function tuneHttp1(server: Http2SecureServer): void {
  Object.assign(server, { keepAliveTimeout: idle, headersTimeout: patience, requestTimeout: patience })
}

async function serve(edge: Edge, message: Incoming, out: Outgoing, peer: Peer | undefined, ending: AbortSignal): Promise<void> {
  out.on('error', () => out.destroy())
  try {
    const found = edge.authentication.identify(message, peer)
    const user = found instanceof Promise ? await found : found
    if (isGone(message)) return
    // Strangers get no memory of ours: without an identity the body stays unread and the answer is 401.
    const reading = user ? readBody(message) : undefined
    const bytes = reading ? await reading : undefined
    const request = new RequestFromWire(message, user, bytes, out, ending)
    const response = await edge.transport(request)
    await writeResponse(message, out, response, edge.clock)
    if (message.httpVersionMajor === 1 && !(message as IncomingMessage).complete) message.resume()
  } catch (error) {
    edge.log.debug({ err: error, path: message.url?.replace(/\?.*/, '') }, 'Dropped a request')
    out.destroy()
  }
}

/** Whether the client went away while it was asked who it is: nobody would tell us any more that its body has an end. */
const isGone = (message: Incoming): boolean => message.destroyed || ('stream' in message && message.stream.destroyed)
