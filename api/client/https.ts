import { constants } from 'node:http2'
import type { ClientHttp2Stream, IncomingHttpHeaders, OutgoingHttpHeaders } from 'node:http2'
import type { Clock } from '../../host/clock.ts'
import type { ApiRequest, ApiResponse, RequestBody, Transport } from '../transport.ts'
import { createSessions } from './http2-sessions.ts'
import type { Credentials, Sessions } from './http2-sessions.ts'
import { asTransportError, isTransportError, TransportError } from './transport-error.ts'

export interface HttpsOptions extends Credentials {
  /** `https://10.0.0.1:6443` */
  readonly server: string
  readonly clock: Clock
  /** A bearer token, or a function that gives the present one. */
  readonly token?: string | (() => string | Promise<string>) | undefined
  /** Certificates that may be renewed while running: asked at every new connection, in place of `ca`, `cert` and `key`. */
  readonly credentials?: (() => Credentials | Promise<Credentials>) | undefined
  /** For a whole request, or up to the first byte of a watch. Default 30 s. */
  readonly timeoutMs?: number | undefined
  /** The name to find in the server's certificate, when it is not the one in `server`. */
  readonly serverName?: string | undefined
  /** Does not look at the server's certificate. */
  readonly insecure?: boolean | undefined
}

/** A transport over the wire. `close` ends all connections, and with them all watches. */
export type HttpsTransport = Transport & { close(): void }

/**
 * Reaches an API server over HTTP/2 with TLS. Requests and watches share connections without blocking one another; dead
 * connections are found by pings and replaced. Rejects with `TransportError` when no answer came.
 */
export function httpsTransport(options: HttpsOptions): HttpsTransport {
  const { server, clock, token, timeoutMs = 30_000 } = options
  const sessions = createSessions({
    server, clock, connectTimeoutMs: Math.min(timeoutMs, 10_000), serverName: options.serverName, insecure: options.insecure,
    credentials: options.credentials ?? (() => ({ ca: options.ca, cert: options.cert, key: options.key })),
  })

  const transport = async (request: ApiRequest): Promise<ApiResponse> => {
    const bearer = typeof token === 'function' ? await token() : token
    for (let again = true; ; again = false) {
      try {
        return await roundTrip(request, bearer)
      } catch (error) {
        if (request.signal?.aborted) throw request.signal.reason
        if (!again || !mayRepeat(error, request)) throw asTransportError(error, server)
      }
    }
  }

  const roundTrip = async (request: ApiRequest, bearer: string | undefined): Promise<ApiResponse> => {
    const body = bytesOf(request.body)
    const stream = await unlessAborted(sessions.open(headersOf(request, body, bearer), !body), request.signal)
    const late = () => {
      sessions.suspect(stream)
      stream.destroy(new TransportError('timeout', `Cannot reach ${server}: no answer to ${request.method} ${request.path} after ${timeoutMs} ms`, false))
    }
    return exchange(stream, request, body, clock.after(timeoutMs, late))
  }

  return Object.assign(transport, { close: () => sessions.close() } satisfies Pick<Sessions, 'close'>)
}

/** A caller who gives up while the connection is being made does not wait for it. */
function unlessAborted(opening: Promise<ClientHttp2Stream>, signal: AbortSignal | undefined): Promise<ClientHttp2Stream> {
  if (!signal) return opening
  return new Promise((resolve, reject) => {
    const abort = () => {
      reject(signal.reason)
      opening.then((stream) => stream.close(constants.NGHTTP2_CANCEL), () => {})
    }
    if (signal.aborted) return abort()
    signal.addEventListener('abort', abort, { once: true })
    opening.then(resolve, reject).finally(() => signal.removeEventListener('abort', abort))
  })
}

/** Sends the body and reads the answer: whole, or for a watch as chunks that go on after this returns. */
async function exchange(stream: ClientHttp2Stream, request: ApiRequest, body: Uint8Array | undefined, cancelTimeout: () => void): Promise<ApiResponse> {
  const abort = () => { stream.close(constants.NGHTTP2_CANCEL) }
  request.signal?.addEventListener('abort', abort, { once: true })
  const release = () => { cancelTimeout(); request.signal?.removeEventListener('abort', abort) }
  try {
    if (request.signal?.aborted) abort()
    const answered = answerOf(stream)
    if (body) stream.end(body)
    const { status, headers } = await answered
    if (status === 200 && isLong(request)) {
      cancelTimeout()
      return { status, headers, body: { kind: 'chunks', chunks: chunksOf(stream, request, release) } }
    }
    const parts: Uint8Array[] = []
    for await (const part of stream) parts.push(part)
    release()
    // A stream that we or the peer have cancelled ends like a finished one.
    request.signal?.throwIfAborted()
    return { status, headers, body: parts.length === 0 ? { kind: 'empty' } : { kind: 'bytes', bytes: parts.length === 1 ? parts[0]! : Buffer.concat(parts) } }
  } catch (error) {
    release()
    throw error
  }
}

/** A watch or a followed log: has no end of its own. */
const isLong = ({ query }: ApiRequest): boolean => ['true', '1'].includes(query.get('watch') ?? query.get('follow') ?? '')

/** The stream's own flow control is the bounded buffer: whoever reads slowly slows the server down, and only on this stream. */
async function* chunksOf(stream: ClientHttp2Stream, request: ApiRequest, release: () => void): AsyncGenerator<Uint8Array, void> {
  try {
    yield* stream
  } catch (error) {
    if (!request.signal?.aborted) throw asTransportError(error, request.path)
  } finally {
    release()
    if (!stream.destroyed) stream.close(constants.NGHTTP2_CANCEL)
  }
}

function answerOf(stream: ClientHttp2Stream): Promise<{ status: number; headers: Record<string, string> }> {
  return new Promise((resolve, reject) => {
    stream.once('response', (headers) => resolve({ status: Number(headers[':status']), headers: plainHeaders(headers) }))
    // Stays for good: an error after the answer reaches the reader through the stream, and must not be unhandled without one.
    stream.on('error', reject)
    stream.once('close', () => reject(new TransportError('closed', `Connection lost before the answer`, false)))
  })
}

function plainHeaders(headers: IncomingHttpHeaders): Record<string, string> {
  const plain: Record<string, string> = {}
  for (const [name, value] of Object.entries(headers)) {
    if (value !== undefined && !name.startsWith(':')) plain[name] = Array.isArray(value) ? value.join(', ') : String(value)
  }
  return plain
}

function headersOf(request: ApiRequest, body: Uint8Array | undefined, bearer: string | undefined): OutgoingHttpHeaders {
  const query = request.query.toString()
  return {
    ':method': request.method,
    ':path': query ? `${request.path}?${query}` : request.path,
    ...(bearer && { authorization: `Bearer ${bearer}` }),
    ...request.headers,
    ...(body && { 'content-length': String(body.length) }),
  }
}

const bytesOf = (body: RequestBody | undefined): Uint8Array | undefined =>
  body?.kind === 'value' ? Buffer.from(JSON.stringify(body.value)) : body?.bytes

/** A request the server cannot have seen, or one that changes nothing, is sent once more when its connection was going away. */
const mayRepeat = (error: unknown, request: ApiRequest): boolean => {
  const failure = asTransportError(error, '')
  return isTransportError(failure) && failure.transport === 'closed' && (failure.unsent || request.method === 'GET' || request.method === 'HEAD')
}
