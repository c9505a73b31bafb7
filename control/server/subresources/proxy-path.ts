import { posix } from 'node:path'
import type { ApiRequest } from '../../../api/transport.ts'
import type { ResourceContext, WireRequest } from '../context.ts'

/** Bytes that stand in a path as they are; all others are percent-encoded. */
const unescaped = /[^A-Za-z0-9\-._~$&+,/:;=@]/gu

/**
 * What lies behind `/proxy`, decoded and cleaned of `..` and `//`; empty when there is nothing, not even a slash. What a slash is after
 * decoding is one before it: `..%2f` leads nowhere.
 */
export function subpath({ request, info }: Pick<ResourceContext, 'request' | 'info'>): string {
  const joined = info.rest.length > 0 ? posix.join('/', ...info.rest) : ''
  return request.path.endsWith('/') && !joined.endsWith('/') ? `${joined}/` : joined
}

/** A path as it stands in a request. */
export const escaped = (path: string): string => path.replace(unescaped, (character) => [...Buffer.from(character)].map((byte) => `%${byte.toString(16).toUpperCase().padStart(2, '0')}`).join(''))

/** Path and query at the far side. */
export function pathBehindProxy(context: Pick<ResourceContext, 'request' | 'info'>): string {
  const query = queryOf(context.request)
  return `${escaped(subpath(context)) || '/'}${query === '' ? '' : `?${query}`}`
}

/** The query as the client spelled it. */
export const queryOf = (request: ApiRequest): string => (request as Partial<WireRequest>).rawQuery ?? String(request.query)
