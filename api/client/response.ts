import type { StatusReason } from '../errors.ts'
import { ApiError } from '../errors.ts'
import type { ApiResponse, ResponseBody } from '../transport.ts'
import type { Status } from '../types/meta-v1/status.ts'

const decoder = new TextDecoder()

/** The value of a whole response; rejects with `ApiError` when the status is not 2xx. */
export async function valueOf(response: ApiResponse): Promise<unknown> {
  const value = await parse(response.body)
  if (response.status >= 200 && response.status < 300) {
    if (value instanceof Unreadable) throw new ApiError(500, 'InternalError', `the server's answer is no JSON, or was cut off: ${value.text.slice(0, 100)}`)
    return value
  }
  throw errorOf(response.status, value, response.headers['retry-after'])
}

/** A body that is not JSON. */
class Unreadable {
  readonly text: string
  constructor(text: string) { this.text = text }
}

async function parse(body: ResponseBody): Promise<unknown> {
  switch (body.kind) {
    case 'empty': return undefined
    case 'value': return body.value
    case 'bytes': return fromJson(body.bytes)
    case 'chunks': {
      const parts: Uint8Array[] = []
      for await (const part of body.chunks) parts.push(part)
      return fromJson(Buffer.concat(parts))
    }
    case 'watch': throw new TypeError('Cannot read a watch as one value')
  }
}

function fromJson(bytes: Uint8Array): unknown {
  if (bytes.length === 0) return undefined
  const text = decoder.decode(bytes)
  try {
    return freeze(JSON.parse(text))
  } catch {
    return new Unreadable(text)
  }
}

/** Freezes a parsed JSON value all the way down, so that what came over the wire behaves as what came in process. */
export function freeze<T>(value: T): T {
  if (typeof value !== 'object' || value === null) return value
  for (const key in value) {
    const child = value[key]
    if (typeof child === 'object' && child !== null) freeze(child)
  }
  return Object.freeze(value)
}

const reasons: Readonly<Record<number, StatusReason>> = {
  400: 'BadRequest', 401: 'Unauthorized', 403: 'Forbidden', 404: 'NotFound', 405: 'MethodNotAllowed', 406: 'NotAcceptable', 409: 'Conflict', 410: 'Gone',
  413: 'RequestEntityTooLarge', 415: 'UnsupportedMediaType', 422: 'Invalid', 429: 'TooManyRequests', 500: 'InternalError', 503: 'ServiceUnavailable', 504: 'Timeout',
}

/** A `Status` as the error it tells of; a body that is none (a proxy's page) becomes the error its code stands for. */
export function errorOf(code: number, body: unknown, retryAfter?: string): ApiError {
  if (isStatus(body)) return new ApiError(body.code ?? code, (body.reason ?? '') as StatusReason, body.message ?? `status ${code}`, body.details)
  const text = body instanceof Unreadable ? `: ${body.text.slice(0, 1024).trim()}` : ''
  const seconds = Number(retryAfter)
  return new ApiError(code, reasons[code] ?? '', `the server answered with status ${code}${text}`, seconds > 0 ? { retryAfterSeconds: seconds } : undefined)
}

const isStatus = (body: unknown): body is Status => typeof body === 'object' && body !== null && (body as { kind?: unknown }).kind === 'Status'
