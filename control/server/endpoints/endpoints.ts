import { ApiError } from '../../../api/errors.ts'
import type { ApiResponse } from '../../../api/transport.ts'
import type { RequestContext } from '../context.ts'
import { valueResponse } from '../respond.ts'

/** Answers requests for paths that are no resources. */
export type Endpoints = (context: RequestContext) => Promise<ApiResponse>

export type Endpoint = (context: RequestContext) => ApiResponse | Promise<ApiResponse>

/** Exact paths, and prefixes (with a `*` at the end) for families of them; the longest wins. `/` lists them, and `more`. */
export function endpointTable(table: Readonly<Record<string, Endpoint>>, otherwise: Endpoint, more: () => readonly string[] = () => []): Endpoints {
  const exact = new Map<string, Endpoint>()
  const families: [string, Endpoint][] = []
  for (const [path, endpoint] of Object.entries(table)) {
    if (path.endsWith('*')) families.push([path.slice(0, -1), endpoint])
    else exact.set(path, endpoint)
  }
  exact.set('/', (context) => valueResponse(context, 200, { paths: [...exact.keys(), ...more()].filter((path) => path !== '/').sort() }))
  families.sort(([a], [b]) => b.length - a.length)
  return async (context) => {
    const { path, method } = context.request
    const trimmed = path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
    const found = exact.get(trimmed) ?? families.find(([prefix]) => trimmed.startsWith(prefix))?.[1]
    if (!found) return otherwise(context)
    if (method !== 'GET' && method !== 'HEAD') throw new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})
    return found(context)
  }
}
