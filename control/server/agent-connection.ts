import { Agent, request as httpsRequest } from 'node:https'
import type { ClientRequest, IncomingMessage, RequestOptions } from 'node:http'
import { request as httpRequest } from 'node:http'
import { isIP } from 'node:net'
import type { Duplex } from 'node:stream'
import { ApiError, internal, unavailable } from '../../api/errors.ts'
import { nodes } from '../../api/kinds/core-v1/node.ts'
import type { Node } from '../../api/types/core-v1/node.ts'
import { hostPort, networkError } from './network-error.ts'
import type { Tools } from './tools.ts'

/** How the server shows itself to the nodes' agents, and the CA by which it knows them. PEM texts. */
export interface AgentTls extends PeerTls { readonly key: string; readonly cert: string; readonly ca: string }

/** How a TLS peer is met: whom this server shows itself as, whom it believes, and under which name. */
export interface PeerTls {
  readonly key?: string
  readonly cert?: string
  /** PEM; absent: the authorities that Node knows. */
  readonly ca?: string
  /** The name the certificate must be for, when it is not the host's. */
  readonly servername?: string
  /** `false`: any certificate will do. */
  readonly rejectUnauthorized?: boolean
}

/** Where a request goes. `tls` absent: plain HTTP. */
export interface Target {
  readonly host: string
  readonly port: number
  readonly tls?: PeerTls | 'unverified' | undefined
}

const agentPort = 10250
/** A node that does not answer this long is out of reach. */
const connectTimeout = 10_000

/** The agent of the node that runs a pod; 503 when this server has no identity to show it. */
export async function agentOf(tools: Tools, nodeName: string, tls: AgentTls | undefined): Promise<Target> {
  if (!tls) throw unavailable('this server is not configured to reach the agents of nodes')
  const node = (await tools.resources.cache(nodes).get(tools.resources.key(nodes, '', nodeName)))?.object as Node | undefined
  if (!node) throw new ApiError(404, 'NotFound', `nodes ${JSON.stringify(nodeName)} not found`, { name: nodeName, kind: 'nodes' })
  return { host: addressOf(node), port: node.status?.daemonEndpoints?.kubeletEndpoint?.Port || agentPort, tls }
}

function addressOf(node: Node): string {
  const addresses = node.status?.addresses ?? []
  for (const type of ['InternalIP', 'ExternalIP', 'InternalDNS', 'Hostname']) {
    const found = addresses.find((address) => address.type === type)
    if (found) return found.address
  }
  throw internal(`no preferred addresses found; known addresses: []`)
}

export interface Call {
  readonly method: string
  readonly path: string
  readonly headers: Readonly<Record<string, string | string[]>>
  readonly body?: Uint8Array | undefined
  readonly signal?: AbortSignal | undefined
}

/** What the other side made of a request: an answer, or (after an `Upgrade`) a connection. */
export type Outcome =
  | { readonly kind: 'response'; readonly response: IncomingMessage }
  | { readonly kind: 'upgrade'; readonly response: IncomingMessage; readonly socket: Duplex; readonly head: Buffer }

/** The other side could not be reached: no answer came. The message is Go's (`dial tcp 10.0.0.1:10250: connect: connection refused`). */
export class Unreachable extends Error {
  override readonly name = 'Unreachable'
  /** `Get "https://10.0.0.1:10250/…"`: what was wanted, as Go's clients put it before the message. */
  readonly wanted: string

  constructor(wanted: string, message: string) {
    super(message)
    this.wanted = wanted
  }
}

/** Sends a request; rejects with `Unreachable`. Redirects are not followed: where the cluster's own requests go is decided here and nowhere else. */
export function dial(target: Target, call: Call): Promise<Outcome> {
  return new Promise((resolve, reject) => {
    const sent = open(target, call)
    sent.once('response', (response) => { sent.setTimeout(0); resolve({ kind: 'response', response }) })
    sent.once('upgrade', (response, socket, head) => {
      socket.setTimeout(0)
      socket.setKeepAlive(true, 30_000)
      resolve({ kind: 'upgrade', response, socket, head })
    })
    sent.once('timeout', () => sent.destroy(Object.assign(new Error('i/o timeout'), { code: 'ETIMEDOUT' })))
    sent.on('error', (error) => reject(unreachable(target, call, error)))
    call.signal?.addEventListener('abort', () => sent.destroy(), { once: true })
    if (call.signal?.aborted) sent.destroy()
    sent.end(call.body)
  })
}

function open({ host, port, tls }: Target, { method, path, headers: asked, body }: Call): ClientRequest {
  // For DELETE and its like Node would send the body without saying how long it is.
  const headers = body ? { ...asked, 'content-length': String(body.length) } : asked
  const options: RequestOptions = { host, port, method, path, headers, timeout: connectTimeout, agent: false }
  if (!tls) return httpRequest(options)
  // Without this Node takes the name for TLS from the Host header, which is the client's.
  const servername = isIP(host) > 0 ? '' : host
  return tls === 'unverified' ? httpsRequest({ ...options, servername, rejectUnauthorized: false }) : httpsRequest({ ...options, servername, ...tls, agent: agentFor(tls) })
}

const agents = new WeakMap<PeerTls, Agent>()

/** Connections to agents are not shared (streams hold them), but their TLS sessions are. */
function agentFor(tls: PeerTls): Agent {
  const known = agents.get(tls)
  if (known) return known
  const made = new Agent({ ...tls, keepAlive: false, maxCachedSessions: 100 })
  agents.set(tls, made)
  return made
}

function unreachable({ host, port, tls }: Target, { method, path }: Call, error: NodeJS.ErrnoException): Unreachable {
  const verb = method[0] + method.slice(1).toLowerCase()
  return new Unreachable(`${verb} ${JSON.stringify(`${tls ? 'https' : 'http'}://${hostPort(host, port)}${path}`)}`, networkError(error, hostPort(host, port)))
}
