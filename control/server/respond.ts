import type { ApiError } from '../../api/errors.ts'
import { statusOf } from '../../api/errors.ts'
import { protobufMediaType } from '../../api/protobuf/decode.ts'
import type { ApiResponse } from '../../api/transport.ts'
import { plainAccepted } from './media-type.ts'
import type { Accepted, Encoding } from './media-type.ts'
import { encodeValue } from './encode.ts'

/** Headers every answer carries; `no-cache, private` as in the original. */
const jsonHeaders = Object.freeze({ 'content-type': 'application/json', 'cache-control': 'no-cache, private' })
const headersByType: Readonly<Record<Encoding, Readonly<Record<string, string>>>> = {
  'application/json': jsonHeaders,
  'application/yaml': Object.freeze({ ...jsonHeaders, 'content-type': 'application/yaml' }),
  [protobufMediaType]: Object.freeze({ ...jsonHeaders, 'content-type': protobufMediaType }),
}

/** Ready-made protobuf, in its envelope. */
export const protobufBytes = (status: number, bytes: Uint8Array): ApiResponse => ({ status, headers: headersByType[protobufMediaType], body: { kind: 'bytes', bytes } })

/** Ready-made JSON. */
export const jsonBytes = (status: number, bytes: Uint8Array): ApiResponse => ({ status, headers: jsonHeaders, body: { kind: 'bytes', bytes } })

/** Any JSON value, in the encoding the client accepts; in process as the value itself. */
export function valueResponse(to: Recipient, status: number, value: unknown): ApiResponse {
  if (!to.wire && to.accepted.encoding !== 'application/yaml') return { status, headers: jsonHeaders, body: { kind: 'value', value } }
  const { bytes, type } = encodeValue(value, to.accepted.encoding, to.pretty)
  return { status, headers: headersByType[type], body: { kind: 'bytes', bytes } }
}

/** Whom an answer is for: over a wire or in process, and in which form. */
export interface Recipient {
  readonly wire: boolean
  readonly accepted: Accepted
  readonly pretty: boolean
}

/** The `Status` of a failed request. Errors are JSON even where the client asked for a form the server does not have. */
export function errorResponse(to: Recipient | undefined, error: ApiError): ApiResponse {
  const plain = { wire: to?.wire ?? true, pretty: to?.pretty ?? false, accepted: to?.accepted.as === '' ? to.accepted : plainAccepted }
  const response = valueResponse(plain, error.code, statusOf(error))
  const seconds = error.details?.retryAfterSeconds
  if (seconds === undefined || seconds <= 0) return response
  return { ...response, headers: { ...response.headers, 'retry-after': String(seconds) } }
}

export const textResponse = (status: number, text: string, contentType = 'text/plain; charset=utf-8'): ApiResponse => ({
  status, headers: { 'content-type': contentType, 'cache-control': 'no-cache, private', 'x-content-type-options': 'nosniff' },
  body: { kind: 'bytes', bytes: Buffer.from(text) },
})
