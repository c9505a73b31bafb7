import type { IncomingMessage } from 'node:http'
import { internal, unavailable } from '../../../api/errors.ts'
import type { ApiRequest, ApiResponse } from '../../../api/transport.ts'
import { dial, Unreachable } from '../agent-connection.ts'
import type { AgentTls } from '../agent-connection.ts'
import type { WireRequest } from '../context.ts'
import { hostPort } from '../network-error.ts'
import type { ResourceHandler } from '../router.ts'
import { admitConnection } from './admit-connection.ts'
import { escaped, pathBehindProxy, queryOf, subpath } from './proxy-path.ts'
import { rewriteLocation } from './proxied-location.ts'
import { proxyTarget } from './proxy-target.ts'

/** Headers that belong to one connection, and those that say who the client is: neither goes further. */
const kept = new Set(['connection', 'keep-alive', 'proxy-connection', 'transfer-encoding', 'te', 'trailer', 'upgrade', 'host', 'content-length', 'authorization', 'http2-settings'])
/** Who somebody says they are: for this server's ears alone, whatever became of it here. */
const claims = /^(impersonate-|x-remote-)/
/** What a proxied page may not decide: who else may read this server's answers. */
const cors = /^access-control-allow-(credentials|headers|methods|origin)$/

export const forwardedHeaders = (headers: Readonly<Record<string, string>>): Record<string, string> =>
  Object.fromEntries(Object.entries(headers).filter(([name]) => !name.startsWith(':') && !kept.has(name) && !claims.test(name)))

/** What goes to nodes, pods and services: also whom the client meant to speak to, and where it comes from. */
export function proxiedHeaders(request: ApiRequest): Record<string, string> {
  const { headers } = request
  const host = headers['host'] ?? headers[':authority']
  const from = (request as Partial<WireRequest>).from
  const forwardedFor = [headers['x-forwarded-for'], from].filter(Boolean).join(', ')
  return { ...forwardedHeaders(headers), ...(host && { host }), ...(forwardedFor && { 'x-forwarded-for': forwardedFor }) }
}

/** `…/proxy/…`: the request goes on to the node's agent, the pod or one of the service's pods, and the answer comes back. */
export const proxy = (tls: AgentTls | undefined): ResourceHandler => async (tools, context): Promise<ApiResponse> => {
  const { request } = context
  const target = await proxyTarget(tools, context, tls)
  await admitConnection(tools, context)
  if (subpath(context) === '' && (request.method === 'GET' || request.method === 'HEAD')) return withSlash(request)
  const body = request.body?.kind === 'bytes' ? request.body.bytes : request.body && Buffer.from(JSON.stringify(request.body.value))
  const headers = { ...proxiedHeaders(request), 'x-forwarded-uri': request.path }
  const outcome = await dial(target, { method: request.method, path: pathBehindProxy(context), headers, body, signal: request.signal }).catch((error: unknown) => {
    throw error instanceof Unreachable ? unavailable(`error trying to reach service: ${error.message}`) : error
  })
  if (outcome.kind === 'upgrade') {
    outcome.socket.destroy()
    throw internal('the other side upgraded a connection that did not ask for it')
  }
  const { response } = outcome
  const answered = Object.fromEntries(Object.entries(responseHeaders(response)).filter(([name]) => !cors.test(name)))
  const { location } = answered
  if (location) answered['location'] = rewriteLocation(location, { prefix: prefixOf(request, escaped(subpath(context))), hosts: [hostPort(target.host, target.port), request.headers['host'] ?? request.headers[':authority'] ?? ''] })
  return { status: response.statusCode ?? 502, headers: answered, ...cookiesOf(response), body: { kind: 'chunks', chunks: response } }
}

/** The part of the path that led here: what the far side's own paths must be put behind. */
const prefixOf = ({ path }: ApiRequest, behind: string): string => (path.endsWith(behind) ? path.slice(0, path.length - behind.length) : path)

/** Links of a page at `…/proxy` would lead one level too high. */
function withSlash(request: ApiRequest): ApiResponse {
  const query = queryOf(request)
  return { status: 301, headers: { location: `${request.path}/${query === '' ? '' : `?${query}`}` }, body: { kind: 'empty' } }
}

/** The headers of an answer that are passed on. */
export const responseHeaders = ({ headers }: IncomingMessage): Record<string, string> => Object.fromEntries(Object.entries(headers)
  .flatMap(([name, value]) => (value === undefined || name === 'set-cookie' || (kept.has(name) && name !== 'content-length') ? [] : [[name, [value].flat().join(', ')]])))

/** Cookies, for the answer they came with. */
export const cookiesOf = ({ headers }: IncomingMessage): Pick<ApiResponse, 'cookies'> => (headers['set-cookie'] ? { cookies: headers['set-cookie'] } : {})
