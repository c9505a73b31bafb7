import type { IncomingMessage } from 'node:http'
import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { badRequest, noSuchResource } from '../../api/errors.ts'
import { nodes } from '../../api/kinds/core-v1/node.ts'
import { pods } from '../../api/kinds/core-v1/pod.ts'
import { services } from '../../api/kinds/core-v1/service.ts'
import type { ApiRequest, ApiResponse } from '../../api/transport.ts'
import type { Aggregation } from './aggregation/aggregation.ts'
import { headersFor, reach, remoteFor } from './aggregation/pass-on.ts'
import { agentOf, dial } from './agent-connection.ts'
import type { AgentTls, Outcome, Target } from './agent-connection.ts'
import { contextOf } from './context.ts'
import type { Filter, ResourceContext, WireRequest } from './context.ts'
import { compose } from './filters/filters.ts'
import { flag } from './options.ts'
import { jsonOf } from './encode.ts'
import { admitConnection } from './subresources/admit-connection.ts'
import { containerOf, podOf } from './subresources/pod-target.ts'
import { forwardedHeaders, pathBehindProxy } from './subresources/proxy.ts'
import { proxyTarget } from './subresources/proxy-target.ts'
import type { Tools } from './tools.ts'

export interface UpgradeOptions {
  readonly tools: Tools
  readonly filters: readonly Filter[]
  readonly agent: AgentTls | undefined
  readonly aggregation: Aggregation
}

interface Connection { readonly socket: Duplex; readonly head: Buffer }

/** Where an upgrade goes on: to whom, and under which path there. */
interface Destination { readonly target: Target; readonly path: string }

/**
 * The way of connections that become something else. They pass the same filters as any request; behind them the
 * request is repeated to the node's agent with its upgrade headers, and when the agent agrees, bytes run both ways. What
 * they mean (SPDY, WebSocket) is between client and agent.
 */
export function upgrades({ tools, filters, agent, aggregation }: UpgradeOptions): (request: WireRequest, socket: Duplex, head: Buffer) => Promise<void> {
  const connections = new WeakMap<ApiRequest, Connection>()
  const handle = compose(filters, async (context) => {
    const remote = remoteFor(aggregation, context)
    if (remote) {
      const outcome = await reach(tools, remote, context, { headers: { ...headersFor(context), ...upgradeHeaders(context.request) } })
      return 'kind' in outcome ? join(connections.get(context.request)!, outcome) : outcome
    }
    const kind = tools.kinds.byResource(context.info.group, context.info.version, context.info.resource)
    if (!kind) throw noSuchResource()
    context.kind = kind
    const { target, path } = await destination(tools, context as ResourceContext, agent)
    await admitConnection(tools, context as ResourceContext)
    const outcome = await dial(target, { method: context.request.method, path, headers: upgradeHeaders(context.request), signal: context.request.signal })
    return join(connections.get(context.request)!, outcome)
  }, tools)
  return async (request, socket, head) => {
    connections.set(request, { socket, head })
    const response = await handle(contextOf(request))
    if (response.status !== 101) await refuse(socket, response)
  }
}

async function destination(tools: Tools, context: ResourceContext, agent: AgentTls | undefined): Promise<Destination> {
  const { kind, info } = context
  const proxied = info.subresource === 'proxy' && [nodes, pods, services].some((known) => known.resource === kind.resource)
  if (kind.group === '' && proxied) return { target: await proxyTarget(tools, context, agent), path: pathBehindProxy(context) }
  if (kind.group !== '' || kind.resource !== pods.resource || !Object.hasOwn(streams, info.subresource)) throw noSuchResource()
  const pod = await podOf(tools, context)
  const query = streams[info.subresource as keyof typeof streams](context.request.query)
  const place = [info.namespace, info.name, ...(info.subresource === 'portforward' ? [] : [containerOf(pod, context.request.query.get('container') ?? '')])]
  if (!pod.spec.nodeName) throw badRequest(`pod ${info.name} does not have a host assigned`)
  const root = info.subresource === 'portforward' ? 'portForward' : info.subresource
  const path = `/${root}/${place.map(encodeURIComponent).join('/')}${query.size > 0 ? `?${query}` : ''}`
  return { target: await agentOf(tools, pod.spec.nodeName, agent), path }
}

/** The agent's words for the options of each stream. */
const streams = {
  exec(query: URLSearchParams): URLSearchParams {
    const commands = query.getAll('command')
    if (commands.length === 0) throw badRequest('you must specify at least one command for the container')
    const asked = attachQuery(query)
    for (const command of commands) asked.append('command', command)
    return asked
  },
  attach: attachQuery,
  portforward(query: URLSearchParams): URLSearchParams {
    const ports = query.getAll('ports')
    return new URLSearchParams(ports.length > 0 ? { port: ports.join(',') } : {})
  },
}

function attachQuery(query: URLSearchParams): URLSearchParams {
  const asked = new URLSearchParams()
  for (const [ours, theirs] of [['stdin', 'input'], ['stdout', 'output'], ['stderr', 'error'], ['tty', 'tty']] as const) if (flag(query, ours)) asked.set(theirs, '1')
  return asked
}

/** SPDY clients offer versions in a header each, which Node has joined. */
function upgradeHeaders({ headers }: ApiRequest): Record<string, string | string[]> {
  const versions = headers['x-stream-protocol-version']
  return {
    ...forwardedHeaders(headers), connection: 'Upgrade', upgrade: headers['upgrade'] ?? '',
    ...(versions && { 'x-stream-protocol-version': versions.split(',').map((version) => version.trim()) }),
  }
}

/** Ties the two connections together; an agent that refuses is heard in full. */
async function join({ socket, head }: Connection, outcome: Outcome): Promise<ApiResponse> {
  const { response } = outcome
  if (outcome.kind === 'response') {
    return { status: response.statusCode ?? 502, headers: headersOf(response), body: { kind: 'chunks', chunks: response } }
  }
  const other = outcome.socket
  socket.write(headText(101, rawHeaders(response)))
  if (outcome.head.length > 0) socket.write(outcome.head)
  if (head.length > 0) other.write(head)
  other.on('error', () => socket.destroy())
  socket.once('close', () => other.destroy())
  other.once('close', () => socket.end())
  socket.pipe(other)
  other.pipe(socket)
  return { status: 101, headers: {}, body: { kind: 'empty' } }
}

const headersOf = (response: IncomingMessage): Record<string, string> =>
  Object.fromEntries(rawHeaders(response).filter(([name]) => !/^(connection|transfer-encoding|keep-alive)$/i.test(name)))

function rawHeaders({ rawHeaders: raw }: IncomingMessage): [string, string][] {
  const pairs: [string, string][] = []
  for (let i = 0; i + 1 < raw.length; i += 2) pairs.push([raw[i]!, raw[i + 1]!])
  return pairs
}

const headText = (status: number, headers: readonly (readonly [string, string])[]): string =>
  `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`

/** An answer on a connection that Node has already handed over. It is the last one there. */
async function refuse(socket: Duplex, { status, headers, body }: ApiResponse): Promise<void> {
  socket.write(headText(status, [...Object.entries(headers).filter(([name]) => name !== 'content-length'), ['connection', 'close']]))
  if (body.kind === 'bytes') socket.write(body.bytes)
  else if (body.kind === 'value') socket.write(jsonOf(body.value, false))
  else if (body.kind === 'chunks') for await (const chunk of body.chunks) socket.write(chunk)
  socket.end()
}
