import type { IncomingHttpHeaders, IncomingMessage, ServerResponse } from 'node:http'
import { constants } from 'node:http2'
import type { Http2ServerRequest, Http2ServerResponse, ServerHttp2Stream } from 'node:http2'
import type { ApiRequest, RequestBody, UserInfo } from '../../api/transport.ts'
import type { WireRequest } from './context.ts'
import { maxBodyBytes } from './filters/body-size.ts'

export type Incoming = IncomingMessage | Http2ServerRequest
/** What answers of HTTP/1.1 and h2 have in common. */
export type Outgoing = Pick<ServerResponse, 'setHeader' | 'writeHead' | 'write' | 'end' | 'once' | 'on' | 'off' | 'destroy' | 'flushHeaders'> & { readonly stream?: Http2ServerResponse['stream'] }

/** How long the head and the body of a request may take to arrive. */
export const patience = 30_000

const noQuery = Object.freeze(new URLSearchParams())

/** A request from the network. Its signal is made only when somebody asks for it: most requests are over at once. */
export class RequestFromWire implements WireRequest {
  readonly wire = true
  readonly method: ApiRequest['method']
  readonly path: string
  readonly query: URLSearchParams
  readonly headers: Readonly<Record<string, string>>
  readonly rawHeaders: readonly string[]
  readonly rawQuery: string
  readonly body: RequestBody | undefined
  readonly user: UserInfo | undefined
  readonly #closed: { once(event: 'close', listener: () => void): unknown } | undefined
  readonly #ending: AbortSignal
  readonly #message: Partial<Pick<IncomingMessage, 'socket'>>
  #signal: AbortSignal | undefined

  /** `closed` tells of the client's going away, `ending` of the server's. */
  constructor(message: Pick<Incoming, 'method' | 'url' | 'headers' | 'rawHeaders'> & Partial<Pick<IncomingMessage, 'socket'>>, user: UserInfo | undefined, bytes: Uint8Array | undefined, closed: { once(event: 'close', listener: () => void): unknown } | undefined, ending: AbortSignal) {
    const url = message.url ?? '/'
    const mark = url.indexOf('?')
    this.method = message.method as ApiRequest['method']
    this.path = mark < 0 ? url : url.slice(0, mark)
    this.query = mark < 0 ? noQuery : new URLSearchParams(url.slice(mark + 1))
    this.headers = message.headers as IncomingHttpHeaders as Record<string, string>
    this.rawHeaders = message.rawHeaders
    this.rawQuery = mark < 0 ? '' : url.slice(mark + 1)
    this.#message = message
    this.body = bytes === undefined ? undefined : { kind: 'bytes', bytes }
    this.user = user
    this.#closed = closed
    this.#ending = ending
  }

  get from(): string | undefined {
    return this.#message.socket?.remoteAddress
  }

  get signal(): AbortSignal {
    if (this.#signal) return this.#signal
    const controller = new AbortController()
    this.#closed?.once('close', () => controller.abort())
    if (this.#ending.aborted) controller.abort()
    else {
      const end = () => controller.abort()
      this.#ending.addEventListener('abort', end, { once: true })
      controller.signal.addEventListener('abort', () => this.#ending.removeEventListener('abort', end), { once: true })
    }
    this.#signal = controller.signal
    return controller.signal
  }
}

/**
 * The whole body; undefined when there is none. Reading stops one byte behind the limit (the body filter then answers
 * 413) and rejects when the client goes away in the middle.
 */
export function readBody(message: Incoming): Promise<Uint8Array | undefined> | undefined {
  const declared = message.headers['content-length']
  if (declared === '0' || (declared === undefined && !mayHaveBody(message))) return undefined
  return new Promise((resolve, reject) => {
    const parts: Buffer[] = []
    let length = 0
    const over = () => {
      message.removeAllListeners('data')
      message.resume()
      resolve(Buffer.concat(parts, maxBodyBytes + 1))
    }
    message.on('data', (part: Buffer) => {
      parts.push(part)
      length += part.length
      if (length > maxBodyBytes) over()
    })
    let ended = false
    message.once('end', () => {
      ended = true
      resolve(length === 0 ? undefined : parts.length === 1 ? parts[0] : Buffer.concat(parts, length))
    })
    message.once('error', reject)
    if (message.httpVersionMajor === 2) boundInTime((message as Http2ServerRequest).stream)
    message.once('close', () => { if (!ended) reject(new Error('the client went away before its body was complete')) })
  })
}

/** HTTP/1.1 has the server's `requestTimeout`; an h2 stream that stalls in the middle of its body is closed here. */
function boundInTime(stream: ServerHttp2Stream): void {
  stream.setTimeout(patience, () => stream.close(constants.NGHTTP2_CANCEL))
  stream.once('end', () => stream.setTimeout(0))
}

function mayHaveBody(message: Incoming): boolean {
  if (message.headers['transfer-encoding'] !== undefined) return true
  return message.httpVersionMajor === 2 && !(message as Http2ServerRequest).stream.endAfterHeaders
}
