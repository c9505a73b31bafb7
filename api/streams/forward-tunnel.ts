import type { WebSocket } from 'ws'
import type { Upgraded } from './upgraded.ts'

/** Port-forward over WebSocket: SPDY frames in binary messages. The slash is in the protocol's name. */
export const forwardProtocol = 'SPDY/3.1+portforward.k8s.io'
/** What is inside, asked for without its wrapping. */
export const forwardOverSpdy = { upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'portforward.k8s.io' } as const

/** Takes the SPDY connection out of its wrapping and joins it with the far side's. */
export function bridgeForward(client: WebSocket, { socket: far, head }: Upgraded): void {
  const send = (data: Buffer): void => {
    if (client.readyState !== client.OPEN) return
    far.pause()
    client.send(data, () => far.resume())
  }
  if (head.length > 0) send(head)
  far.on('data', send)
  client.on('message', (message: Buffer) => {
    if (far.write(message)) return
    client.pause()
    far.once('drain', () => client.resume())
  })
  client.on('close', () => far.destroy())
  client.on('error', () => far.destroy())
  far.on('error', () => far.destroy())
  far.on('close', () => client.close(1000))
}
