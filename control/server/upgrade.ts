import type { Duplex } from 'node:stream'
import { ApiError, badRequest, internal } from '../../api/errors.ts'
import { isWebSocket, offeredProtocols } from '../../api/streams/accept-websocket.ts'
import { execOverSpdy, execProtocol } from '../../api/streams/exec-channels.ts'
import { forwardOverSpdy, forwardProtocol } from '../../api/streams/forward-tunnel.ts'
import { tie } from '../../api/streams/upgraded.ts'
import type { Upgraded } from '../../api/streams/upgraded.ts'
import type { ApiRequest, ApiResponse } from '../../api/transport.ts'
import type { Aggregation } from './aggregation/aggregation.ts'
import { headersFor, reach, remoteFor } from './aggregation/pass-on.ts'
import { answer } from './answer.ts'
import { dial, Unreachable } from './agent-connection.ts'
import type { AgentTls, Call, Outcome } from './agent-connection.ts'
import type { Filter, Handler, ResourceContext, WireRequest } from './context.ts'
import { compose } from './filters/filters.ts'
import { answerOnSocket, headText } from './socket-response.ts'
import { destinationOf } from './stream-destination.ts'
import type { Destination } from './stream-destination.ts'
import { admitConnection } from './subresources/admit-connection.ts'
import { cookiesOf, forwardedHeaders, proxiedHeaders, responseHeaders } from './subresources/proxy.ts'
import type { Tools } from './tools.ts'
import { translateExec, translateForward } from './translate-stream.ts'
import { answerOverWebSocket, canCarry } from './websocket-response.ts'

export interface UpgradeOptions {
  readonly tools: Tools
  readonly filters: readonly Filter[]
  readonly agent: AgentTls | undefined
  readonly aggregation: Aggregation
  /** Answers requests for an upgrade of what knows none: as if it had not been asked for. */
  readonly ordinary: Handler
}

/** The answer to a connection that is somebody else's now. */
const switched: ApiResponse = { status: 101, headers: {}, body: { kind: 'empty' } }

/**
 * The way of connections that become something else. They pass the same filters as any request; behind them the
 * request is repeated to the node's agent with its upgrade headers, and when the agent agrees, bytes run both ways. What
 * they mean is between client and agent, save for what agents of other makes do not speak: that is translated.
 */
export function upgrades({ tools, filters, agent, aggregation, ordinary }: UpgradeOptions): (request: WireRequest, socket: Duplex, head: Buffer) => Promise<void> {
  const connections = new WeakMap<ApiRequest, Upgraded>()
  const handle = compose(filters, async (context) => {
    const { request } = context
    if (mayHaveBody(request)) throw badRequest('a request for an upgrade may not have a body')
    const client = connections.get(request)!
    const remote = remoteFor(aggregation, context)
    if (remote) {
      const outcome = await reach(tools, remote, context, { headers: { ...headersFor(context), ...upgradeHeaders(request) } })
      return 'kind' in outcome ? join(client, outcome) : outcome
    }
    const kind = tools.kinds.byResource(context.info.group, context.info.version, context.info.resource)
    const destination = kind && await destinationOf(tools, Object.assign(context, { kind }), agent)
    if (!destination) return ordinary(context)
    await admitConnection(tools, context as ResourceContext)
    return open(client, context.request, destination)
  }, tools)
  return async (request, socket, head) => {
    connections.set(request, { socket, head })
    const response = await answer(handle, request)
    if (response.status === 101) return
    if (isWebSocket(request) && canCarry(response)) await answerOverWebSocket(request, { socket, head }, response)
    else await answerOnSocket(socket, response)
  }
}

/** Bytes behind the head would otherwise be taken for the new protocol's, by us or by whoever comes next. */
const mayHaveBody = ({ headers }: ApiRequest): boolean => headers['transfer-encoding'] !== undefined || !/^0*$/.test(headers['content-length'] ?? '')

/** Reaches the far side, which may refuse, and joins it with the client. */
async function open(client: Upgraded, request: ApiRequest, destination: Destination): Promise<ApiResponse> {
  const offers = (protocol: string): boolean => isWebSocket(request) && offeredProtocols(request).includes(protocol)
  if (destination.wanted && offers(execProtocol)) {
    const far = await call(destination, { method: 'POST', headers: { ...streamHeaders(request), ...execOverSpdy } }, request)
    return far.kind === 'response' ? refusal(far) : translateExec(request, client, far, destination.wanted)
  }
  if (destination.kind === 'portforward' && offers(forwardProtocol)) {
    const far = await call(destination, { method: 'POST', headers: { ...streamHeaders(request), ...forwardOverSpdy } }, request)
    return far.kind === 'response' ? refusal(far) : translateForward(request, client, far)
  }
  const own = destination.kind === 'proxy' ? proxiedHeaders(request) : forwardedHeaders(request.headers)
  return join(client, await call(destination, { method: request.method, headers: { ...own, ...upgradeHeaders(request) } }, request))
}

async function call({ target, path }: Destination, asked: Pick<Call, 'method' | 'headers'>, { signal }: ApiRequest): Promise<Outcome> {
  try {
    return await dial(target, { ...asked, path, signal })
  } catch (error) {
    throw error instanceof Unreachable ? new ApiError(500, '', `error dialing backend: ${error.message}`) : error
  }
}

/** The client's headers without what belongs to its WebSocket, for a far side that is asked for SPDY. */
const streamHeaders = ({ headers }: ApiRequest): Record<string, string> => ({
  ...Object.fromEntries(Object.entries(forwardedHeaders(headers)).filter(([name]) => !name.startsWith('sec-websocket-'))), connection: 'Upgrade', 'content-length': '0',
})

/** SPDY clients offer versions in a header each, which Node has joined. */
function upgradeHeaders({ headers, method }: ApiRequest): Record<string, string | string[]> {
  const versions = headers['x-stream-protocol-version']
  return {
    connection: 'Upgrade', upgrade: headers['upgrade'] ?? '', ...(method === 'POST' && { 'content-length': '0' }),
    ...(versions && { 'x-stream-protocol-version': versions.split(',').map((version) => version.trim()) }),
  }
}

/** Ties the two connections together, when the far side agreed. */
function join(client: Upgraded, outcome: Outcome): ApiResponse {
  if (outcome.kind === 'response') return refusal(outcome)
  client.socket.write(headText(101, rawHeaders(outcome.response.rawHeaders)))
  tie(client, outcome)
  return switched
}

/** A far side that refuses is heard in full; one that neither agrees nor refuses, as by a redirect, is not. */
function refusal({ response }: Outcome): ApiResponse {
  const status = response.statusCode ?? 502
  if (status < 400) {
    response.destroy()
    throw internal(`invalid upgrade response: status code ${status}`)
  }
  return { status, headers: responseHeaders(response), ...cookiesOf(response), body: { kind: 'chunks', chunks: response } }
}

function rawHeaders(raw: readonly string[]): [string, string][] {
  const pairs: [string, string][] = []
  for (let i = 0; i + 1 < raw.length; i += 2) pairs.push([raw[i]!, raw[i + 1]!])
  return pairs
}
