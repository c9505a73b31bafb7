import type { IncomingHttpHeaders, IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'

/** As much of an upgrade request as the handshake looks at. */
export interface Handshake { readonly method?: string | undefined; readonly url?: string | undefined; readonly headers: IncomingHttpHeaders }

/** The protocols a client offers, in its order. */
export const offeredProtocols = ({ headers }: Pick<Handshake, 'headers'>): string[] =>
  (headers['sec-websocket-protocol'] ?? '').split(',').map((protocol) => protocol.trim()).filter((protocol) => protocol !== '')

export const isWebSocket = ({ headers }: Pick<Handshake, 'headers'>): boolean => headers.upgrade?.toLowerCase() === 'websocket'

/**
 * Accepts a WebSocket under one of the protocols it offers, or under none. The header is handled here and kept from the library,
 * which refuses the slash in `SPDY/3.1+portforward.k8s.io`: strictly it is right, and every kubectl sends it. Rejects when
 * the handshake is no good (the client has been told) or the client went away.
 */
export async function acceptWebSocket(request: Handshake, socket: Duplex, head: Buffer, protocol?: string): Promise<WebSocket> {
  const { WebSocketServer } = await import('ws')
  const { 'sec-websocket-protocol': _, ...headers } = request.headers
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 32 * 1024 * 1024 })
  if (protocol !== undefined) server.on('headers', (lines) => lines.push(`Sec-WebSocket-Protocol: ${protocol}`))
  return new Promise((resolve, reject) => {
    const gone = (): void => reject(new Error('the client went away'))
    if (socket.destroyed) return gone()
    socket.once('close', gone)
    server.handleUpgrade({ method: request.method, url: request.url, headers } as IncomingMessage, socket, head, resolve)
  })
}
