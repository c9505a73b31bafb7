import type { Duplex } from 'node:stream'
import type { WebSocket } from 'ws'
import { spdyConnection } from './spdy-client.ts'
import type { SpdyStream } from './spdy-client.ts'
import type { Upgraded } from './upgraded.ts'

/** The fifth form of exec over WebSocket: the client can close its standard input and keep listening. */
export const execProtocol = 'v5.channel.k8s.io'
/** What is asked of the SPDY side: the form whose error stream carries a `Status`. */
export const execOverSpdy = { upgrade: 'SPDY/3.1', 'x-stream-protocol-version': 'v4.channel.k8s.io' } as const

/** Which of the standard streams the client wants. */
export interface WantedStreams { readonly stdin: boolean; readonly stdout: boolean; readonly stderr: boolean; readonly tty: boolean }

const channels = { stdin: 0, stdout: 1, stderr: 2, error: 3, resize: 4, close: 255 } as const

/** Turns a v5 WebSocket into SPDY streams: each message's first byte names its stream. */
export function bridgeExec(client: WebSocket, far: Upgraded, wanted: WantedStreams): void {
  const spdy = spdyConnection(far.socket, far.head)
  const open = (streamtype: string): SpdyStream => spdy.open({ streamtype })
  const toClient = (channel: number, data: Buffer): void => send(client, far.socket, channel, data)

  // The far side waits for exactly the streams it was told of, in any order.
  const error = open('error')
  const stdin = wanted.stdin ? open('stdin') : undefined
  const outputs: [number, SpdyStream][] = [[channels.error, error]]
  if (wanted.stdout) outputs.push([channels.stdout, open('stdout')])
  if (wanted.stderr && !wanted.tty) outputs.push([channels.stderr, open('stderr')])
  const resize = wanted.tty ? open('resize') : undefined

  // Clients that wait for a sign of life get one, as from the original.
  toClient(wanted.stdout ? channels.stdout : wanted.stderr ? channels.stderr : channels.error, Buffer.alloc(0))
  let told = false
  const unfinished = new Set(outputs.map(([, { id }]) => id))
  for (const [channel, stream] of outputs) {
    stream.onData = (data) => {
      told ||= channel === channels.error
      toClient(channel, data)
    }
    stream.onEnd = () => {
      unfinished.delete(stream.id)
      if (unfinished.size > 0) return
      if (!told) toClient(channels.error, lost)
      client.close(1000)
    }
  }
  client.on('message', (message: Buffer) => {
    const [channel] = message
    const data = message.subarray(1)
    const target = channel === channels.stdin ? stdin : channel === channels.resize ? resize : undefined
    if (channel === channels.close && data[0] === channels.stdin) stdin?.end()
    else if (target && data.length > 0 && !target.write(data)) {
      client.pause()
      far.socket.once('drain', () => client.resume())
    }
  })
  client.on('close', () => spdy.destroy())
  client.on('error', () => spdy.destroy())
  void spdy.closed.then(() => client.close(1000))
}

/** Without a word on the error channel a client takes what it has for everything there was. */
const lost = Buffer.from(JSON.stringify({
  kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', reason: 'InternalError', code: 500,
  message: 'Internal error occurred: error reading from error stream: unexpected EOF', details: { causes: [{ message: 'error reading from error stream: unexpected EOF' }] },
}))

/** More than this unsent to a slow client stops the reading from the far side. */
const highWater = 1024 * 1024

function send(client: WebSocket, from: Duplex, channel: number, data: Buffer): void {
  if (client.readyState !== client.OPEN) return
  client.send(Buffer.concat([Buffer.from([channel]), data]), () => { if (client.bufferedAmount < highWater) from.resume() })
  if (client.bufferedAmount > highWater) from.pause()
}
