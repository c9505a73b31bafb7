import { createSocket, type Socket } from 'node:dgram'
import { isIPv6 } from 'node:net'
import type { Logger } from 'pino'
import type { Resolve } from './resolver.ts'

export interface ServeOptions {
  readonly resolve: Resolve
  /** Whether a peer's address may ask. */
  readonly mayAsk: (address: string) => boolean
  readonly log: Logger
}

export interface Served {
  readonly port: number
  close(): Promise<void>
}

/** As it comes: the kernel queues so many bytes of packets while the loop is busy. */
const receiveBuffer = 1024 * 1024

/**
 * Answers packets that come to one address. Rejects when it cannot listen there. Strangers get REFUSED, without looking at
 * what they ask: twelve bytes for at least as many.
 */
export function serveUdp(host: string, port: number, { resolve, mayAsk, log }: ServeOptions): Promise<Served> {
  const type = isIPv6(host) ? 'udp6' : 'udp4'
  const family = type === 'udp6' ? 6 : 4
  // Peers are addresses already. The usual look-up costs a turn of the loop for every packet.
  const socket = createSocket({ type, ipv6Only: family === 6, lookup: (address, _options, callback) => callback(null, address, family) })
  const send = (bytes: Buffer, to: { address: string; port: number }) => socket.send(bytes, to.port, to.address, ignored)
  let closed = false
  socket.on('message', (packet, peer) => {
    // Whoever may make raw packets can say so; there is nowhere to answer to, and trying throws.
    if (peer.port === 0) return
    if (!mayAsk(peer.address)) {
      const refusal = refuse(packet)
      if (refusal) send(refusal, peer)
      return
    }
    const answer = resolve(packet, 'udp')
    if (answer instanceof Promise) void answer.then((late) => { if (late && !closed) send(late, peer) })
    else if (answer) send(answer, peer)
  })
  return listening(socket, host, port).then(() => {
    socket.on('error', (error) => log.warn({ err: error, host }, 'Cannot go on with a DNS socket'))
    try {
      socket.setRecvBufferSize(receiveBuffer)
    } catch (error) {
      log.debug({ err: error }, 'Cannot enlarge the receive buffer')
    }
    return {
      port: socket.address().port,
      close: () => new Promise((resolveClose) => {
        closed = true
        socket.close(() => resolveClose())
      }),
    }
  })
}

/** Whoever has gone away meanwhile needs no answer. */
const ignored = () => undefined

/** The header of a query sent back with REFUSED; nothing to what is no query. */
function refuse(packet: Buffer): Buffer | undefined {
  if (packet.length < 12 || (packet[2]! & 0x80) !== 0) return undefined
  const bytes = Buffer.alloc(12)
  packet.copy(bytes, 0, 0, 2)
  bytes[2] = 0x80 | (packet[2]! & 0x79)
  bytes[3] = 5
  return bytes
}

function listening(socket: Socket, host: string, port: number): Promise<void> {
  return new Promise((resolve, reject) => {
    socket.once('error', (error) => {
      socket.close()
      reject(error)
    })
    socket.bind({ address: host, port }, () => {
      socket.removeAllListeners('error')
      resolve()
    })
  })
}
