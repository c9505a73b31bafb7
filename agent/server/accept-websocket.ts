import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { WebSocketServer } from 'ws'
import type { WebSocket } from 'ws'

/**
 * Accepts a WebSocket under one of the protocols it offers. The header is handled here and kept from the library, which
 * refuses the slash in `SPDY/3.1+portforward.k8s.io`: strictly it is right, and every kubectl sends it.
 */
export function acceptWebSocket(request: IncomingMessage, socket: Duplex, head: Buffer, protocol: string): Promise<WebSocket> {
  delete request.headers['sec-websocket-protocol']
  const server = new WebSocketServer({ noServer: true, perMessageDeflate: false, maxPayload: 32 * 1024 * 1024 })
  server.on('headers', (headers) => headers.push(`Sec-WebSocket-Protocol: ${protocol}`))
  return new Promise((resolve, reject) => {
    socket.once('close', () => reject(new Error('the client went away')))
    server.handleUpgrade(request, socket, head, resolve)
  })
}
