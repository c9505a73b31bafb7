import type { ApiRequest } from '../../api/transport.ts'

/**
 * What a request asks for, read from method, path and query alone: the vocabulary of routing, authorization and metrics.
 * For paths outside `/api` and `/apis` only `path` and `verb` (the lower-case method) say something.
 */
export interface RequestInfo {
  readonly isResource: boolean
  readonly path: string
  /** `get`, `list`, `watch`, `create`, `update`, `patch`, `delete`, `deletecollection`; else the lower-case method. */
  readonly verb: string
  readonly group: string
  readonly version: string
  /** Empty for cluster-scoped resources and for requests across namespaces. */
  readonly namespace: string
  readonly resource: string
  readonly name: string
  readonly subresource: string
  /** What lies behind the subresource: the path of a proxied request. */
  readonly rest: readonly string[]
}

const verbOf: Readonly<Record<string, string>> = { GET: 'get', HEAD: 'get', POST: 'create', PUT: 'update', PATCH: 'patch', DELETE: 'delete' }

/** Subresources of a namespace itself; any other third segment is a resource inside it. */
const ofNamespace = new Set(['status', 'finalize'])

/** Reads a request. Throws `URIError` when a path segment is no valid percent-encoding. */
export function requestInfo(request: Pick<ApiRequest, 'method' | 'path' | 'query'>): RequestInfo {
  const segments = split(request.path)
  const group = groupOf(segments)
  if (group === undefined) return nonResource(request)
  const head = segments[0] === 'api' ? 2 : 3
  const version = segments[head - 1]!
  let parts = segments.slice(head)
  const watchPath = parts[0] === 'watch'
  if (watchPath) parts = parts.slice(1)
  if (parts.length === 0) return nonResource(request)
  const { namespace, at } = scopeOf(parts)
  const [resource = '', name = '', subresource = '', ...rest] = at
  return {
    isResource: true, path: request.path, group, version, namespace, resource, name, subresource, rest,
    verb: resourceVerb(request, name, watchPath && subresource === ''),
  }
}

function split(path: string): string[] {
  const raw = path.split('/')
  const segments: string[] = []
  for (const segment of raw) {
    if (segment !== '') segments.push(segment.includes('%') ? decodeURIComponent(segment) : segment)
  }
  return segments
}

/** The API group of a resource path; undefined when the path is none. */
function groupOf(segments: readonly string[]): string | undefined {
  if (segments[0] === 'api') return segments.length > 2 ? '' : undefined
  if (segments[0] === 'apis') return segments.length > 3 ? segments[1] : undefined
  return undefined
}

function scopeOf(parts: readonly string[]): { namespace: string; at: readonly string[] } {
  if (parts[0] !== 'namespaces' || parts.length === 1) return { namespace: '', at: parts }
  if (parts.length === 2 || ofNamespace.has(parts[2]!)) return { namespace: parts[1]!, at: parts }
  return { namespace: parts[1]!, at: parts.slice(2) }
}

function resourceVerb(request: Pick<ApiRequest, 'method' | 'query'>, name: string, watchPath: boolean): string {
  const verb = Object.hasOwn(verbOf, request.method) ? verbOf[request.method]! : request.method.toLowerCase()
  if (verb === 'get' && watchPath) return 'watch'
  // Of one object, or of a view of it, there is no watch: whoever may watch everything may not open a stream by saying `?watch=1`.
  if (name !== '') return verb
  if (verb === 'get') return isTrue(request.query.get('watch')) ? 'watch' : 'list'
  return verb === 'delete' ? 'deletecollection' : verb
}

/** As Go's conversion reads a boolean. */
const isTrue = (text: string | null): boolean => text !== null && text !== '0' && text.toLowerCase() !== 'false'

const nonResource = (request: Pick<ApiRequest, 'method' | 'path'>): RequestInfo => ({
  isResource: false, path: request.path, verb: request.method.toLowerCase(),
  group: '', version: '', namespace: '', resource: '', name: '', subresource: '', rest: [],
})
