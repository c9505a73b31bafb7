import { request as httpRequest } from 'node:http'
import type { IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { tie } from '../../api/streams/upgraded.ts'
import type { Upgraded } from '../../api/streams/upgraded.ts'
import { HttpError } from './http-error.ts'

/** What agreed to an upgrade, with its answer. */
interface Answered extends Upgraded { readonly response: IncomingMessage }

/** Asks for an upgrade. Rejects with `HttpError` when the other side refuses, in its words. */
export function requestUpgrade(url: URL, headers: Readonly<Record<string, string | string[]>>, method = 'POST'): Promise<Answered> {
  return new Promise((resolve, reject) => {
    const asked = httpRequest(url, { method, headers: { ...headers, connection: 'Upgrade' }, agent: false })
    asked.once('error', reject)
    asked.once('upgrade', (response, socket, head) => {
      socket.on('error', () => socket.destroy())
      resolve({ socket, head, response })
    })
    asked.once('response', (response) => {
      const parts: Buffer[] = []
      response.on('data', (part: Buffer) => parts.push(part))
      response.once('end', () => reject(new HttpError(response.statusCode ?? 502, Buffer.concat(parts).toString('utf8'))))
    })
    asked.end()
  })
}

const passedOn = ['upgrade', 'x-stream-protocol-version', 'sec-websocket-key', 'sec-websocket-version', 'sec-websocket-protocol', 'sec-websocket-extensions']

/** Repeats the client's upgrade at `url` and ties the two connections together, byte for byte. */
export async function tunnel(request: IncomingMessage, socket: Duplex, head: Buffer, url: URL): Promise<void> {
  const headers: Record<string, string | string[]> = {}
  // SPDY clients offer each version in a header of its own, which Node has joined into one.
  for (const name of passedOn) {
    const value = request.headers[name]
    if (value !== undefined) headers[name] = name === 'x-stream-protocol-version' ? String(value).split(',').map((version) => version.trim()) : value
  }
  const other = await requestUpgrade(url, headers, request.method)
  const lines: string[] = []
  for (let index = 0; index < other.response.rawHeaders.length; index += 2) lines.push(`${other.response.rawHeaders[index]}: ${other.response.rawHeaders[index + 1]}\r\n`)
  socket.write(`HTTP/1.1 101 Switching Protocols\r\n${lines.join('')}\r\n`)
  tie({ socket, head }, other)
}
