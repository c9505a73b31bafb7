import type { WebSocket } from 'ws'
import { acceptWebSocket, offeredProtocols } from '../../api/streams/accept-websocket.ts'
import type { Upgraded } from '../../api/streams/upgraded.ts'
import type { ApiRequest, ApiResponse } from '../../api/transport.ts'
import { answerOnSocket } from './socket-response.ts'
import { textResponse } from './respond.ts'

const plainLog = 'binary.k8s.io'
const base64Log = 'base64.binary.k8s.io'

/** Watches and logs may be read over a WebSocket, as browsers do. */
export const canCarry = ({ status, body, headers }: ApiResponse): boolean => status === 200 && (body.kind === 'watch' || (body.kind === 'chunks' && headers['content-length'] === undefined))

/** A watch as one message an event, a log as messages of bytes or (for clients that have no bytes) of base64. The end of the answer closes the connection. */
export async function answerOverWebSocket(request: ApiRequest, { socket, head }: Upgraded, response: ApiResponse): Promise<void> {
  const offered = offeredProtocols(request)
  const { body, headers } = response
  const isText = headers['content-type']?.startsWith('application/json') ?? false
  const protocol = body.kind === 'watch' ? offered[0] : offered.find((known) => known === plainLog || known === base64Log)
  const messages = body.kind === 'watch' ? frames(body.events, isText) : body.kind === 'chunks' ? bytes(body.chunks, protocol === base64Log) : nothing()
  if (offered.length > 0 && protocol === undefined) {
    await messages.return(undefined)
    return answerOnSocket(socket, textResponse(400, 'unsupported WebSocket protocol\n'))
  }
  try {
    await pump(await acceptWebSocket({ method: request.method, url: request.path, headers: request.headers }, socket, head, protocol), messages)
  } catch {
    // Either side went away in the middle; the end of the connection says so.
    socket.destroy()
  } finally {
    await messages.return(undefined)
  }
}

async function pump(client: WebSocket, messages: AsyncGenerator<string | Uint8Array>): Promise<void> {
  client.on('error', () => client.terminate())
  for await (const message of messages) {
    if (client.readyState !== client.OPEN) return
    await new Promise<void>((resolve) => { client.send(message, () => resolve()) })
  }
  client.close(1000)
}

async function* frames(events: AsyncIterable<{ bytes(): Uint8Array }>, isText: boolean): AsyncGenerator<string | Uint8Array> {
  for await (const event of events) yield isText ? Buffer.from(event.bytes()).toString() : event.bytes()
}

async function* bytes(chunks: AsyncIterable<Uint8Array>, base64: boolean): AsyncGenerator<string | Uint8Array> {
  for await (const chunk of chunks) yield base64 ? Buffer.from(chunk).toString('base64') : chunk
}

async function* nothing(): AsyncGenerator<never> {}
