import { Agent, request as httpsRequest } from 'node:https'
import type { IncomingMessage } from 'node:http'
import type { PeerTls } from './agent-connection.ts'
import { hostPort, networkError } from './network-error.ts'
import type { Tools } from './tools.ts'

/** A webhook's server, and by what it is known. */
export interface WebhookPeer { readonly host: string; readonly port: number; readonly tls: PeerTls }

/** So many webhooks have connections that are kept. */
const mostPeers = 100
const all = new WeakMap<AbortSignal, Map<string, Agent>>()

/** Connections are kept between questions, each for one authority and one name; they end with the server. */
function agentFor({ ending }: Tools, { host, port, tls }: WebhookPeer): Agent {
  let agents = all.get(ending)
  if (!agents) {
    const made = new Map<string, Agent>()
    all.set(ending, agents = made)
    ending.addEventListener('abort', () => { for (const agent of made.values()) agent.destroy() }, { once: true })
  }
  const key = JSON.stringify([host, port, tls.ca, tls.servername])
  const known = agents.get(key)
  if (known) return known
  const agent = new Agent({ ...tls, keepAlive: true, maxFreeSockets: 4, maxCachedSessions: 4 })
  const [oldest] = agents.keys()
  if (agents.size >= mostPeers && oldest !== undefined) {
    agents.get(oldest)!.destroy()
    agents.delete(oldest)
  }
  agents.set(key, agent)
  return agent
}

/**
 * Posts JSON and resolves with the answer's head. A kept connection that the other side has closed meanwhile is tried once more on a new one.
 * Rejects in the words of the original's transport. Redirects are answers like any other.
 */
export async function postTo(tools: Tools, peer: WebhookPeer, path: string, body: Uint8Array, signal: AbortSignal): Promise<IncomingMessage> {
  const agent = agentFor(tools, peer)
  try {
    return await post(agent, peer, path, body, signal)
  } catch (error) {
    if (!(error instanceof StaleConnection)) throw error
    return post(agent, peer, path, body, signal)
  }
}

class StaleConnection extends Error {}

function post(agent: Agent, { host, port, tls }: WebhookPeer, path: string, body: Uint8Array, signal: AbortSignal): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    const headers = { 'content-type': 'application/json', accept: 'application/json', 'content-length': body.length, 'user-agent': 'kube-apiserver-admission' }
    const sent = httpsRequest({ ...tls, host, port, path, method: 'POST', headers, agent, signal }, resolve)
    sent.on('upgrade', (_, socket) => {
      socket.destroy()
      reject(new Error('the server switched protocols'))
    })
    sent.on('error', (error: NodeJS.ErrnoException) => reject(sent.reusedSocket && error.code === 'ECONNRESET' ? new StaleConnection(error.message) : new Error(networkError(error, hostPort(host, port)), { cause: error })))
    sent.end(body)
  })
}
