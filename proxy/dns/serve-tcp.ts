import { createServer, type AddressInfo, type Socket } from 'node:net'
import type { Clock } from '../../host/clock.ts'
import { Framing } from './wire/framing.ts'
import type { ServeOptions, Served } from './serve-udp.ts'

export interface ServeTcpOptions extends ServeOptions {
  readonly clock: Clock
  /** Connections at once, in all and from one address; more are closed as they come. */
  readonly maxConnections?: number
  readonly maxPerPeer?: number
  /** How long a connection may be silent (RFC 7766, 6.2.3). */
  readonly idleMs?: number
}

/** Queries of one connection that wait for their answers (RFC 7766, 6.2.1.1); further ones are not read meanwhile. */
const maxPipelined = 32
/** Answers that the client has not taken yet; then no more is read of it. */
const maxUnsent = 256 * 1024

/** Answers connections to one address: queries in a row, answers as they are ready. Rejects when it cannot listen there. */
export async function serveTcp(host: string, port: number, options: ServeTcpOptions): Promise<Served> {
  const { mayAsk, maxConnections = 200, maxPerPeer = 50 } = options
  const open = new Map<Socket, string>()
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    const peer = socket.remoteAddress ?? ''
    const fromPeer = () => open.values().reduce((sum, each) => sum + (each === peer ? 1 : 0), 0)
    if (!mayAsk(peer) || open.size >= maxConnections || fromPeer() >= maxPerPeer) {
      socket.destroy()
      return
    }
    open.set(socket, peer)
    socket.on('close', () => open.delete(socket))
    serveConnection(socket, options)
  })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen({ host, port, ipv6Only: true }, () => resolve())
  })
  server.on('error', (error) => options.log.warn({ err: error, host }, 'Cannot accept DNS connections'))
  return {
    port: (server.address() as AddressInfo).port,
    close: () => new Promise((resolve) => {
      for (const socket of open.keys()) socket.destroy()
      server.close(() => resolve())
    }),
  }
}

function serveConnection(socket: Socket, { resolve, clock, idleMs = 10_000 }: ServeTcpOptions): void {
  const framing = new Framing()
  let waiting = 0
  let ended = false
  let busyUntil = clock.now() + idleMs
  let cancel: (() => void) | undefined
  // One timer a connection, which looks when it rings whether there was something meanwhile.
  const watch = () => {
    const left = busyUntil - clock.now()
    if (left <= 0) socket.destroy()
    else cancel = clock.after(left, watch, { unref: true })
  }
  const full = () => waiting >= maxPipelined || socket.writableLength > maxUnsent
  const answer = (bytes: Buffer | undefined) => {
    // Nobody sends by TCP what deserves no answer, unless something is wrong with him.
    if (!bytes) socket.destroy()
    else if (!socket.destroyed) socket.write(Framing.frame(bytes))
  }
  const pump = () => {
    while (!full() && !socket.destroyed) {
      const packet = framing.next()
      if (!packet) break
      const bytes = resolve(packet, 'tcp')
      if (!(bytes instanceof Promise)) {
        answer(bytes)
        continue
      }
      waiting += 1
      void bytes.then((late) => {
        waiting -= 1
        answer(late)
        pump()
      })
    }
    if (full()) socket.pause()
    else if (socket.isPaused()) socket.resume()
    if (ended && waiting === 0) socket.end()
  }
  watch()
  socket.on('data', (chunk) => {
    busyUntil = clock.now() + idleMs
    framing.push(chunk)
    pump()
  })
  socket.on('drain', () => {
    busyUntil = clock.now() + idleMs
    pump()
  })
  socket.on('end', () => {
    ended = true
    pump()
  })
  socket.on('error', () => socket.destroy())
  socket.on('close', () => cancel?.())
}
