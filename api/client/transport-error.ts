import { ApiError } from '../errors.ts'

/** Why no answer came. `closed`: the connection went away under the request; `protocol`: what came was not HTTP/2. */
export type TransportReason = 'refused' | 'unreachable' | 'unknownHost' | 'certificate' | 'closed' | 'timeout' | 'protocol'

/**
 * No answer came from the server. It is an `ApiError` with code 503 (504 for a timeout) so that callers need only know one
 * class; `isTransportError` tells the two apart, and `unsent` says that the server cannot have seen the request.
 */
export class TransportError extends ApiError {
  readonly transport: TransportReason
  readonly unsent: boolean

  constructor(transport: TransportReason, message: string, unsent: boolean, cause?: unknown) {
    if (transport === 'timeout') super(504, 'Timeout', message)
    else super(503, 'ServiceUnavailable', message)
    this.transport = transport
    this.unsent = unsent
    if (cause !== undefined) this.cause = cause
  }
}

export const isTransportError = (error: unknown): error is TransportError => error instanceof TransportError

/** Node's codes, which are all we look at; its sentences change between versions. */
const reasons: Readonly<Record<string, TransportReason>> = {
  ECONNREFUSED: 'refused', ENOENT: 'refused', EHOSTUNREACH: 'unreachable', ENETUNREACH: 'unreachable', EHOSTDOWN: 'unreachable', EADDRNOTAVAIL: 'unreachable',
  ENOTFOUND: 'unknownHost', EAI_AGAIN: 'unknownHost', ECONNRESET: 'closed', EPIPE: 'closed', ECONNABORTED: 'closed', ETIMEDOUT: 'timeout',
  ERR_HTTP2_GOAWAY_SESSION: 'closed', ERR_HTTP2_INVALID_SESSION: 'closed', ERR_HTTP2_SESSION_ERROR: 'closed', ERR_HTTP2_STREAM_CANCEL: 'closed',
  ERR_HTTP2_STREAM_ERROR: 'closed', ERR_STREAM_PREMATURE_CLOSE: 'closed', ERR_HTTP2_PING_CANCEL: 'closed', ERR_HTTP2_ERROR: 'protocol', ERR_HTTP2_INVALID_STREAM: 'closed',
}
const neverSent = new Set<string>(['ECONNREFUSED', 'ENOENT', 'EHOSTUNREACH', 'ENETUNREACH', 'EHOSTDOWN', 'EADDRNOTAVAIL', 'ENOTFOUND', 'EAI_AGAIN', 'ERR_HTTP2_GOAWAY_SESSION', 'ERR_HTTP2_INVALID_SESSION'])
const certificateCodes = /^(ERR_TLS_|ERR_SSL_|CERT_|UNABLE_TO_|DEPTH_ZERO_|SELF_SIGNED_|EPROTO$|ERR_OSSL)/

const words: Readonly<Record<TransportReason, string>> = {
  refused: 'connection refused', unreachable: 'no route to host', unknownHost: 'no such host', certificate: 'TLS handshake failed',
  closed: 'connection lost', timeout: 'timed out', protocol: 'not an HTTP/2 server',
}

/** A thing thrown by Node's networking as the one error callers know. */
export function asTransportError(error: unknown, server: string): ApiError {
  if (error instanceof ApiError) return error
  const code = codeOf(error)
  const reason = reasons[code] ?? (certificateCodes.test(code) ? 'certificate' : 'closed')
  const unsent = reason === 'certificate' || neverSent.has(code) || refusedStream(error)
  const why = reason === 'certificate' && error instanceof Error ? `${words.certificate}: ${error.message}` : `${words[reason]}${code && ` (${code})`}`
  return new TransportError(reason, `Cannot reach ${server}: ${why}`, unsent, error)
}

/** With several addresses tried Node throws an AggregateError; the first failure speaks for all. */
function codeOf(error: unknown): string {
  const inner = error instanceof AggregateError && !('code' in error) ? error.errors[0] : error
  const code = (inner as { code?: unknown } | null | undefined)?.code
  return typeof code === 'string' ? code : ''
}

/** The server promises not to have looked at the request (RFC 9113, 8.7). */
const refusedStream = (error: unknown): boolean => error instanceof Error && error.message.includes('NGHTTP2_REFUSED_STREAM')
