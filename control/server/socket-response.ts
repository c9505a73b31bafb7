import { STATUS_CODES } from 'node:http'
import type { Duplex } from 'node:stream'
import { finished } from 'node:stream/promises'
import { close } from '../../api/streams/upgraded.ts'
import type { ApiResponse } from '../../api/transport.ts'
import { jsonOf } from './encode.ts'

export const headText = (status: number, headers: readonly (readonly [string, string])[]): string =>
  `HTTP/1.1 ${status} ${STATUS_CODES[status] ?? ''}\r\n${headers.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`

/** An answer on a connection that Node has already handed over: its end is the connection's. Resolves when all is sent or the client is gone. */
export async function answerOnSocket(socket: Duplex, { status, headers, cookies = [], body }: ApiResponse): Promise<void> {
  if (socket.destroyed) return
  // What the client sends behind a request that came to nothing is nothing either; unread it would hold up the goodbye.
  socket.resume()
  socket.write(headText(status, [...Object.entries(headers).filter(([name]) => name !== 'content-length'), ...cookies.map((cookie) => ['set-cookie', cookie] as const), ['connection', 'close']]))
  if (body.kind === 'bytes') socket.write(body.bytes)
  else if (body.kind === 'value') socket.write(jsonOf(body.value, false))
  else if (body.kind === 'chunks') await send(socket, body.chunks)
  else if (body.kind === 'watch') await send(socket, (async function* () { for await (const event of body.events) yield event.bytes() })())
  close(socket)
}

async function send(socket: Duplex, chunks: AsyncIterable<Uint8Array>): Promise<void> {
  const gone = new AbortController()
  finished(socket, { readable: false, signal: gone.signal }).catch(() => undefined).finally(() => gone.abort())
  for await (const chunk of chunks) {
    if (gone.signal.aborted) return
    if (!socket.write(chunk)) await new Promise<void>((resolve) => {
      socket.once('drain', resolve)
      socket.once('close', resolve)
    })
  }
}
