import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { acceptWebSocket } from './accept-websocket.ts'
import { spdyConnection } from './spdy-client.ts'
import type { SpdyStream } from './spdy-client.ts'
import type { WantedStreams } from './streams.ts'
import { requestUpgrade } from './tunnel.ts'

/** The fifth form of exec over WebSocket: the client can close its standard input and keep listening. */
export const execProtocol = 'v5.channel.k8s.io'

const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const

/** Turns a v5 WebSocket into SPDY streams at the runtime: each message's first byte names its stream. */
export async function execOverWebSocket(request: IncomingMessage, socket: Duplex, head: Buffer, url: URL, wanted: WantedStreams): Promise<void> {
  const upgraded = await requestUpgrade(url, { upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'v4.channel.k8s.io' })
  const client = await acceptWebSocket(request, socket, head, execProtocol)
  const runtime = spdyConnection(upgraded.socket, upgraded.head)
  const open = (streamtype: string): SpdyStream => runtime.open({ streamtype })

  // The runtime waits for exactly the streams it was told of, in any order.
  const error = open('error')
  const stdin = wanted.stdin ? open('stdin') : undefined
  const outputs: [number, SpdyStream][] = [[channels.error, error]]
  if (wanted.stdout) outputs.push([channels.stdout, open('stdout')])
  if (wanted.stderr) outputs.push([channels.stderr, open('stderr')])
  const resize = wanted.tty ? open('resize') : undefined

  const unfinished = new Set(outputs.map(([, { id }]) => id))
  for (const [channel, stream] of outputs) {
    stream.onData = (data) => send(client, upgraded.socket, channel, data)
    stream.onEnd = () => {
      unfinished.delete(stream.id)
      if (unfinished.size === 0) client.close(1000)
    }
  }
  client.on('message', (message: Buffer) => {
    const [channel] = message
    const data = message.subarray(1)
    const target = channel === channels.stdin ? stdin : channel === channels.resize ? resize : undefined
    if (channel === channels.close && data[0] === channels.stdin) stdin?.end()
    else if (target && data.length > 0 && !target.write(data)) {
      client.pause()
      upgraded.socket.once('drain', () => client.resume())
    }
  })
  client.on('close', () => runtime.destroy())
  client.on('error', () => runtime.destroy())
  void runtime.closed.then(() => client.close(1000))
}

/** More than this unsent to a slow client stops the reading from the runtime. */
const highWater = 1024 * 1024

function send(client: WebSocket, from: Duplex, channel: number, data: Buffer): void {
  if (client.readyState !== client.OPEN) return
  client.send(Buffer.concat([Buffer.from([channel]), data]), () => { if (client.bufferedAmount < highWater) from.resume() })
  if (client.bufferedAmount > highWater) from.pause()
}
