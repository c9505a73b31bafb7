import { connect } from 'node:http2'
import type { ClientHttp2Session } from 'node:http2'
import { once } from 'node:events'

export interface Identity { readonly port: number; readonly ca: string; readonly key: string; readonly cert: string }

/** One client: one h2 connection over TLS, one request at a time, as little work of its own as can be. */
export interface Connection {
  /** The status and the length of the answer. */
  request(method: string, path: string, body?: string, type?: string): Promise<{ readonly status: number; readonly length: number }>
  /** Reads a watch, calling `onLine` with the number of lines that came. */
  watch(path: string, onLines: (count: number) => void): void
  close(): void
}

/** As Go's client has them. */
const streamWindow = 4 * 1024 * 1024
const connectionWindow = 1024 * 1024 * 1024

export async function openConnection({ port, ca, key, cert }: Identity): Promise<Connection> {
  const session: ClientHttp2Session = connect(`https://127.0.0.1:${port}`, { ca, key, cert, settings: { initialWindowSize: streamWindow } })
  await once(session, 'connect')
  session.setLocalWindowSize(connectionWindow)
  return {
    request: (method, path, body, type = 'application/json') => new Promise((resolve, reject) => {
      const stream = session.request({ ':method': method, ':path': path, accept: 'application/json', ...(body !== undefined && { 'content-type': type }) }, { endStream: body === undefined })
      let status = 0
      let length = 0
      stream.on('response', (headers) => { status = Number(headers[':status']) })
      stream.on('data', (part: Buffer) => { length += part.length })
      stream.on('end', () => resolve({ status, length }))
      stream.on('error', reject)
      if (body !== undefined) stream.end(body)
    }),
    watch(path, onLines) {
      const stream = session.request({ ':path': path, accept: 'application/json' })
      stream.on('data', (part: Buffer) => {
        let lines = 0
        for (let at = part.indexOf(10); at >= 0; at = part.indexOf(10, at + 1)) lines++
        onLines(lines)
      })
      stream.on('error', () => {})
    },
    close() { session.destroy() },
  }
}
