import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { acceptWebSocket } from './accept-websocket.ts'
import { requestUpgrade } from './tunnel.ts'

/** Port-forward over WebSocket: SPDY frames in binary messages. The slash is in the protocol's name. */
export const forwardProtocol = 'SPDY/3.1+portforward.k8s.io'

/** Takes the SPDY connection out of its wrapping and joins it with the runtime's. */
export async function forwardOverWebSocket(request: IncomingMessage, socket: Duplex, head: Buffer, url: URL): Promise<void> {
  const { socket: runtime, head: first } = await requestUpgrade(url, { upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'portforward.k8s.io' })
  const client = await acceptWebSocket(request, socket, head, forwardProtocol)
  const send = (data: Buffer): void => {
    if (client.readyState !== client.OPEN) return
    runtime.pause()
    client.send(data, () => runtime.resume())
  }
  if (first.length > 0) send(first)
  runtime.on('data', send)
  client.on('message', (message: Buffer) => {
    if (runtime.write(message)) return
    client.pause()
    runtime.once('drain', () => client.resume())
  })
  client.on('close', () => runtime.destroy())
  client.on('error', () => runtime.destroy())
  runtime.on('close', () => client.close(1000))
}
