import type { Duplex } from 'node:stream'

/** A connection after a successful upgrade. `head` came with the answer. */
export interface Upgraded { readonly socket: Duplex; readonly head: Buffer }

/** How long a side that was told goodbye may take to read what is under way to it without a byte moving. */
const farewell = 10_000

/**
 * Ties two connections together, byte for byte, a slow reader slowing the other side down. When one ends, the other gets what it
 * was sent before and is closed too: nothing is left open for somebody who is gone.
 */
export function tie(client: Upgraded, other: Upgraded): void {
  if (other.head.length > 0) client.socket.write(other.head)
  if (client.head.length > 0) other.socket.write(client.head)
  follow(client.socket, other.socket)
  follow(other.socket, client.socket)
  client.socket.pipe(other.socket)
  other.socket.pipe(client.socket)
}

function follow(from: Duplex, to: Duplex): void {
  from.on('error', () => from.destroy())
  from.once('end', () => close(to))
  from.once('close', () => close(to))
}

/** Ends a connection behind what was written to it. */
export function close(socket: Duplex): void {
  if (socket.destroyed) return
  socket.unpipe()
  socket.end()
  // Reading on keeps the kernel from resetting a connection whose last bytes are still under way.
  socket.resume()
  socket.once('end', () => socket.destroy())
  if ('setTimeout' in socket) (socket as Duplex & { setTimeout(ms: number, late: () => void): unknown }).setTimeout(farewell, () => socket.destroy())
}
