import { connect } from 'node:http2'
import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from 'node:http2'
import type { Clock } from '../../host/clock.ts'
import { asTransportError, TransportError } from './transport-error.ts'

/** TLS material in PEM. */
export interface Credentials {
  readonly ca?: string | Uint8Array | undefined
  readonly cert?: string | Uint8Array | undefined
  readonly key?: string | Uint8Array | undefined
}

export interface SessionOptions {
  readonly server: string
  readonly clock: Clock
  readonly connectTimeoutMs: number
  /** Asked at every new connection, so that renewed certificates come into use. */
  readonly credentials: () => Credentials | Promise<Credentials>
  readonly serverName?: string | undefined
  readonly insecure?: boolean | undefined
}

/** Connections to one server: opened when needed, another one when a connection is full, thrown away when dead. */
export interface Sessions {
  open(headers: OutgoingHttpHeaders, endStream: boolean): Promise<ClientHttp2Stream>
  /** A request has waited too long: finds out whether the connection it went over is alive. */
  suspect(stream: ClientHttp2Stream): void
  close(): void
}

/** A connection that has been silent this long, with requests on it, is pinged … */
const silence = 30_000
/** … and is dead when the answer takes longer than this. The numbers are client-go's. */
const pingTimeout = 15_000
const window = 1024 * 1024

interface Connection {
  readonly session: ClientHttp2Session
  /** Requests on it, and those that have been promised a place. */
  streams: number
  /** Bytes the peer had sent when we last looked. */
  heard: number
  /** The server takes no further requests on it. */
  leaving: boolean
  stopWatchdog: (() => void) | undefined
}

export function createSessions(options: SessionOptions): Sessions {
  const { clock, server } = options
  const connections = new Set<Connection>()
  const owners = new WeakMap<ClientHttp2Stream, Connection>()
  let connecting: Promise<Connection> | undefined
  let closed = false

  const refuseIfClosed = () => {
    if (closed) throw new TransportError('closed', `Cannot reach ${server}: the client is closed`, true)
  }

  const dial = async (): Promise<Connection> => {
    const { ca, cert, key } = await options.credentials()
    refuseIfClosed()
    const session = connect(server, {
      ...(ca && { ca: pem(ca) }), ...(cert && { cert: pem(cert) }), ...(key && { key: pem(key) }),
      ...(options.serverName && { servername: options.serverName }), rejectUnauthorized: !options.insecure,
      settings: { enablePush: false, initialWindowSize: window },
    })
    const connection: Connection = { session, streams: 0, heard: 0, leaving: false, stopWatchdog: undefined }
    await established(session, clock, options.connectTimeoutMs, server)
    if (closed) session.destroy()
    refuseIfClosed()
    session.setLocalWindowSize(4 * window)
    session.on('error', () => {})
    session.on('goaway', () => { connection.leaving = true })
    session.on('close', () => { connections.delete(connection); connection.stopWatchdog?.() })
    session.unref()
    connections.add(connection)
    return connection
  }

  const free = ({ session, streams, leaving }: Connection): boolean =>
    !leaving && !session.closed && !session.destroyed && streams < Math.max(1, session.remoteSettings?.maxConcurrentStreams ?? 100)

  const began = (connection: Connection): void => {
    if (connection.streams++ > 0) return
    connection.session.ref()
    watchOver(connection)
  }
  const ended = (connection: Connection): void => {
    if (--connection.streams > 0) return
    connection.stopWatchdog?.()
    connection.stopWatchdog = undefined
    if (!connection.session.destroyed) connection.session.unref()
  }

  /** A connection with a place taken on it: all who waited for the same new one go on in the same turn. */
  const acquire = async (): Promise<Connection> => {
    for (;;) {
      const known = connections.values().find(free)
      if (known) {
        began(known)
        return known
      }
      connecting ??= dial().finally(() => { connecting = undefined })
      await connecting
    }
  }

  const ping = (connection: Connection, timeout: number): void => {
    const { session } = connection
    if (session.destroyed || session.closed) return
    const cancel = clock.after(timeout, () => session.destroy(new TransportError('timeout', `Cannot reach ${server}: no answer to a ping`, false)), { unref: true })
    session.once('close', cancel)
    session.ping(() => {
      cancel()
      session.off('close', cancel)
    })
  }

  const watchOver = (connection: Connection): void => {
    connection.stopWatchdog = clock.after(silence, () => {
      if (connection.session.destroyed) return
      const { bytesRead } = connection.session.socket
      if (bytesRead === connection.heard) ping(connection, pingTimeout)
      connection.heard = bytesRead
      watchOver(connection)
    }, { unref: true })
  }

  return {
    async open(headers, endStream) {
      const connection = await acquire()
      try {
        const stream = connection.session.request(headers, { endStream })
        owners.set(stream, connection)
        stream.once('close', () => ended(connection))
        return stream
      } catch (error) {
        ended(connection)
        throw error
      }
    },
    suspect(stream) {
      const connection = owners.get(stream)
      if (connection) ping(connection, 5_000)
    },
    close() {
      closed = true
      for (const { session } of connections) session.destroy()
    },
  }
}

const pem = (value: string | Uint8Array): string | Buffer => (typeof value === 'string' ? value : Buffer.from(value))

/** Resolves when the session can be used; destroys it when that does not come to pass in time. */
function established(session: ClientHttp2Session, clock: Clock, timeout: number, server: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const settle = (finish: () => void) => () => {
      cancel()
      session.off('connect', connected).off('error', failed).off('close', closed)
      finish()
    }
    const fail = (error: unknown) => {
      session.on('error', () => {})
      session.destroy()
      reject(asTransportError(error, server))
    }
    // The peer's settings arrive right behind the handshake; before they are here the number of streams it takes is not known.
    const connected = () => { session.once('remoteSettings', settle(resolve)) }
    const failed = (error: unknown) => settle(() => fail(error))()
    const closed = () => settle(() => fail(new TransportError('closed', `Cannot reach ${server}: connection lost`, true)))()
    const cancel = clock.after(timeout, settle(() => fail(new TransportError('timeout', `Cannot reach ${server}: no connection after ${timeout} ms`, true))))
    session.once('connect', connected).once('error', failed).once('close', closed)
  })
}
