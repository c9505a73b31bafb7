import { once } from 'node:events'
import type { EventEmitter } from 'node:events'
import { promisify } from 'node:util'
import { constants, createGzip, gzip } from 'node:zlib'
import type { ApiResponse } from '../../api/transport.ts'
import type { Clock } from '../../host/clock.ts'
import { jsonOf } from './encode.ts'
import { acceptsGzip, gzipThreshold } from './media-type.ts'
import type { Incoming, Outgoing } from './wire-request.ts'

const deflate = promisify(gzip)
/** The fastest level, as in the original: lists are big and the network near. */
const gzipOptions = { level: constants.Z_BEST_SPEED }

/** Puts an answer on the wire. Resolves when all is handed to the kernel, or the client is gone. */
export async function writeResponse(message: Incoming, out: Outgoing, response: ApiResponse, clock: Clock): Promise<void> {
  const { body, cookies } = response
  if (cookies) out.setHeader('set-cookie', cookies)
  switch (body.kind) {
    case 'empty': return finish(out, response)
    case 'value': return whole(message, out, response, jsonOf(body.value, false))
    case 'bytes': return whole(message, out, response, body.bytes)
    case 'chunks': return stream(message, out, response, body.chunks, clock)
    case 'watch': return stream(message, out, response, lines(body.events), clock)
  }
}

function finish(out: Outgoing, { status, headers }: ApiResponse): void {
  out.writeHead(status, headers)
  out.end()
}

async function whole(message: Incoming, out: Outgoing, response: ApiResponse, bytes: Uint8Array): Promise<void> {
  const zip = bytes.length >= gzipThreshold && mayZip(message, response)
  const sent = zip ? await deflate(bytes, gzipOptions) : bytes
  out.writeHead(response.status, { ...response.headers, ...(zip && zipHeaders), 'content-length': String(sent.length) })
  if (message.method === 'HEAD') out.end()
  else out.end(sent)
}

const zipHeaders = { 'content-encoding': 'gzip', vary: 'Accept-Encoding' }

const mayZip = (message: Incoming, response: ApiResponse): boolean =>
  response.headers['content-encoding'] === undefined && acceptsGzip(message.headers['accept-encoding'] as string | undefined)

async function* lines(events: AsyncIterable<{ bytes(): Uint8Array }>): AsyncGenerator<Uint8Array> {
  for await (const frame of events) yield frame.bytes()
}

/** A long list announces its length and may be zipped; what follows (logs, watches) goes out as it comes. */
async function stream(message: Incoming, out: Outgoing, response: ApiResponse, chunks: AsyncIterable<Uint8Array>, clock: Clock): Promise<void> {
  const { 'content-length': length, ...headers } = response.headers
  const zip = Number(length ?? 0) >= gzipThreshold && mayZip(message, response)
  if (zip) {
    out.writeHead(response.status, { ...headers, ...zipHeaders })
    const zipped = createGzip(gzipOptions)
    zipped.pipe(out as unknown as NodeJS.WritableStream)
    out.once('close', () => zipped.destroy())
    await pump(zipped, out, chunks, clock)
  } else {
    out.writeHead(response.status, response.headers)
    if (length === undefined) flush(out)
    await pump(out, out, chunks, clock)
  }
}

/** A watch that has nothing to say yet must still show its headers. */
function flush(out: Outgoing): void {
  // h2 sends them by itself.
  if (!out.stream) out.flushHeaders()
}

/** A reader that takes nothing for this long is dropped: what waits for it is ours to keep. */
const stalled = 60_000

interface Sink { write(bytes: Uint8Array): boolean; end(): unknown }

async function pump(to: Sink, out: Outgoing, chunks: AsyncIterable<Uint8Array>, clock: Clock): Promise<void> {
  const gone = new AbortController()
  const leave = () => gone.abort()
  out.once('close', leave)
  try {
    for await (const chunk of chunks) {
      if (gone.signal.aborted) return
      if (!to.write(chunk)) await drained(to, gone, clock)
    }
    to.end()
  } catch (error) {
    // The head is on the wire: all that can be said now is that the answer is not complete.
    out.destroy()
    if (!gone.signal.aborted) throw error
  } finally {
    out.off('close', leave)
  }
}

async function drained(to: Sink, gone: AbortController, clock: Clock): Promise<void> {
  const stop = clock.after(stalled, () => gone.abort(), { unref: true })
  try {
    await once(to as unknown as EventEmitter, 'drain', { signal: gone.signal })
  } finally {
    stop()
  }
}
