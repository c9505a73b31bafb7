import type { WatchEvent } from './object.ts'

/**
 * The server's waist, and the client's: one function. The API server *is* a `Transport`; `api/client/https.ts` is
 * another that reaches one over the wire. Whoever holds a `Transport` cannot tell which.
 */
export type Transport = (request: ApiRequest) => Promise<ApiResponse>

export interface ApiRequest {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE' | 'HEAD' | 'OPTIONS'
  /** Percent-encoded path without query: `/api/v1/namespaces/default/pods/web-0`. */
  readonly path: string
  readonly query: URLSearchParams
  /** Lower-case names. */
  readonly headers: Readonly<Record<string, string>>
  readonly body?: RequestBody | undefined
  /** Who asks. The listening edge fills it from the connection; in-process callers say who they are. */
  readonly user?: UserInfo | undefined
  /** The client has gone away; ends a watch. */
  readonly signal?: AbortSignal | undefined
}

/** `value`: an object that crossed in process, taken as frozen. `bytes`: what came over the wire. */
export type RequestBody = { readonly kind: 'value'; readonly value: unknown } | { readonly kind: 'bytes'; readonly bytes: Uint8Array }

export interface ApiResponse {
  readonly status: number
  readonly headers: Readonly<Record<string, string>>
  /** `Set-Cookie` of proxied answers: of all headers the one whose lines cannot be joined into one. */
  readonly cookies?: readonly string[]
  readonly body: ResponseBody
}

/**
 * `value` crosses as a frozen value; `bytes` are ready-made; `chunks` are written one after the other (long lists,
 * followed logs); `watch` is a stream of events, each with its ready-made JSON line so that all watchers share one buffer.
 * Whoever stops reading `chunks` or `watch` early calls the iterator's `return`, or aborts the request's signal.
 */
export type ResponseBody =
  | { readonly kind: 'empty' }
  | { readonly kind: 'value'; readonly value: unknown }
  | { readonly kind: 'bytes'; readonly bytes: Uint8Array }
  | { readonly kind: 'chunks'; readonly chunks: AsyncIterable<Uint8Array> }
  | { readonly kind: 'watch'; readonly events: AsyncIterable<WatchFrame> }

export interface WatchFrame {
  readonly event: WatchEvent<unknown>
  /** `{"type":…,"object":…}\n`; made once, shared, never changed. */
  readonly bytes: () => Uint8Array
}

/** `authentication.k8s.io` UserInfo. */
export interface UserInfo {
  readonly name: string
  readonly uid?: string
  readonly groups: readonly string[]
  readonly extra?: Readonly<Record<string, readonly string[]>>
}

/** The identity of the cluster's own in-process parts. */
export const systemMaster: UserInfo = Object.freeze({ name: 'system:apiserver', groups: Object.freeze(['system:masters', 'system:authenticated']) })
