import type { IncomingMessage } from 'node:http'
import { internal } from '../../../api/errors.ts'
import type { ApiResponse } from '../../../api/transport.ts'
import { dial } from '../agent-connection.ts'
import type { AgentTls } from '../agent-connection.ts'
import type { ResourceContext } from '../context.ts'
import type { ResourceHandler } from '../router.ts'
import { admitConnection } from './admit-connection.ts'
import { proxyTarget } from './proxy-target.ts'

/** Headers that belong to one connection, and those that say who the client is: neither goes further. */
const kept = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'te', 'trailer', 'upgrade', 'host', 'content-length', 'authorization', 'http2-settings'])
/** Who somebody says they are: for this server's ears alone, whatever became of it here. */
const claims = /^(impersonate-|x-remote-)/

/** The path behind `/proxy`, as it was spelled, with the query. */
export function pathBehindProxy({ request, info }: ResourceContext): string {
  const mark = `/${info.subresource}`
  const at = request.path.indexOf(mark, request.path.indexOf(`/${info.resource}/`) + info.resource.length + 2)
  const path = request.path.slice(at + mark.length) || '/'
  return request.query.size > 0 ? `${path}?${request.query}` : path
}

export const forwardedHeaders = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(':') && !kept.has(name) && !claims.test(name)))

/** `…/proxy/…`: the request goes on to the node's agent, the pod or one of the service's pods, and the answer comes back. */
export const proxy = (tls: AgentTls | undefined): ResourceHandler => async (tools, context): Promise<ApiResponse> => {
  const { request } = context
  const target = await proxyTarget(tools, context, tls)
  await admitConnection(tools, context)
  const body = request.body?.kind === 'bytes' ? request.body.bytes : request.body && Buffer.from(JSON.stringify(request.body.value))
  const outcome = await dial(target, {
    method: request.method, path: pathBehindProxy(context), headers: { ...forwardedHeaders(request.headers), 'x-forwarded-uri': request.path }, body, signal: request.signal,
  })
  if (outcome.kind === 'upgrade') throw internal('the other side upgraded a connection that did not ask for it')
  const { response } = outcome
  return { status: response.statusCode ?? 502, headers: responseHeaders(response), body: { kind: 'chunks', chunks: response } }
}

/** The headers of an answer that are passed on. */
export const responseHeaders = ({ headers }: IncomingMessage): Record<string, string> => Object.fromEntries(Object.entries(headers)
  .flatMap(([name, value]) => (value === undefined || (kept.has(name) && name !== 'content-length') ? [] : [[name, [value].flat().join(', ')]])))
