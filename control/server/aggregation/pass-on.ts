import { badRequest } from '../../../api/errors.ts'
import type { ApiResponse } from '../../../api/transport.ts'
import { dial } from '../agent-connection.ts'
import type { Outcome, Target } from '../agent-connection.ts'
import type { Handler, RequestContext } from '../context.ts'
import { textResponse } from '../respond.ts'
import { serviceAddress } from '../service-address.ts'
import { queryOf } from '../subresources/proxy-path.ts'
import { cookiesOf, forwardedHeaders, responseHeaders } from '../subresources/proxy.ts'
import type { Tools } from '../tools.ts'
import { identityHeaders } from './aggregation.ts'
import type { Aggregation, RemoteVersion } from './aggregation.ts'

/** Requests for groups that another server answers for go there; all others go on. */
export const aggregating = (tools: Tools, aggregation: Aggregation, next: Handler): Handler => (context) => {
  const remote = remoteFor(aggregation, context)
  return remote ? passOn(tools, remote, context) : next(context)
}

/** Who answers for the group and version of a path; `/apis/GROUP` alone is always answered here. */
export function remoteFor(aggregation: Aggregation, { info }: RequestContext): RemoteVersion | undefined {
  if (info.isResource) return info.group === '' ? undefined : aggregation.find(info.group, info.version)
  const [, root, ...rest] = info.path.split('/')
  if (root === 'apis') return aggregation.find(rest[0] ?? '', rest[1] ?? '')
  if (root === 'openapi' && rest[0] === 'v3' && rest[1] === 'apis') return aggregation.find(rest[2] ?? '', rest[3] ?? '')
  return undefined
}

/** A client that followed would show its credentials to whomever the other server names. */
const redirected = 'the backend attempted to redirect this request, which is not permitted'

async function passOn(tools: Tools, remote: RemoteVersion, context: RequestContext): Promise<ApiResponse> {
  const { request } = context
  const body = request.body?.kind === 'bytes' ? request.body.bytes : request.body && Buffer.from(JSON.stringify(request.body.value))
  const outcome = await reach(tools, remote, context, { headers: headersFor(context), body })
  if (!('kind' in outcome)) return outcome
  if (outcome.kind === 'upgrade') {
    outcome.socket.destroy()
    return textResponse(502, 'the other side upgraded a connection that did not ask for it\n')
  }
  const { response } = outcome
  const status = response.statusCode ?? 502
  if (status >= 300 && status < 400 && response.headers.location) {
    response.destroy()
    return textResponse(502, redirected)
  }
  return { status, headers: responseHeaders(response), ...cookiesOf(response), body: { kind: 'chunks', chunks: response } }
}

/** Never the client's own credentials: who asks is said in this server's words, on a connection that shows its certificate. */
export const headersFor = ({ request, user }: RequestContext): Record<string, string | string[]> => ({ ...forwardedHeaders(request.headers), ...identityHeaders(user) })

/** Sends the request where it belongs; an answer instead when nobody is there. */
export async function reach(tools: Tools, remote: RemoteVersion, { request }: RequestContext, { headers, body }: { headers: Record<string, string | string[]>; body?: Uint8Array | undefined }): Promise<Outcome | ApiResponse> {
  const target = remote.available ? await targetOf(tools, remote) : undefined
  if (!target) return textResponse(503, 'service unavailable\n')
  const path = plainPath(request.path)
  const query = queryOf(request)
  try {
    return await dial(target, { method: request.method, path: query === '' ? path : `${path}?${query}`, headers, body, signal: request.signal })
  } catch (error) {
    return textResponse(503, `error trying to reach service: ${(error as Error).message}\n`)
  }
}

/**
 * The path as it was authorized: without empty segments, and 400 where the far side could read another one out of it (`..`, a slash that is
 * encoded in what names the object).
 */
function plainPath(path: string): string {
  const segments = path.split('/').filter((segment) => segment !== '')
  for (const [i, segment] of segments.entries()) {
    const parts = decodeURIComponent(segment).split(/[/\\]/)
    if (parts.some((part) => part === '.' || part === '..') || (parts.length > 1 && i < longestName)) throw badRequest(`invalid path ${JSON.stringify(path)}`)
  }
  const joined = `/${segments.join('/')}${path.endsWith('/') ? '/' : ''}`
  return joined.replace(/[^\x21-\x7e]/gu, encodeURIComponent)
}

/** `apis/GROUP/VERSION/namespaces/NAMESPACE/RESOURCE/NAME/SUBRESOURCE` */
const longestName = 8

export async function targetOf(tools: Tools, { service, tls }: RemoteVersion): Promise<Target | undefined> {
  const address = await serviceAddress(tools, service.namespace, service.name, service.port)
  return 'host' in address ? { ...address, tls } : undefined
}
