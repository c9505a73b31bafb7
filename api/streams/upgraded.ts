import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'

/** A connection after a successful upgrade. `head` came with the answer. */
export interface Upgraded { readonly socket: Duplex; readonly head: Buffer }

/** How long a side that was told goodbye may take to read what is under way to it without a byte moving. */
const farewell = 10_000

/**
 * Ties a client to whom it was led, byte for byte, a slow reader slowing the other side down. When one ends, the other gets what it was
 * sent before and is closed too: nothing is left open for somebody who is gone.
 */
export function tie(client: Upgraded, other: Upgraded): void {
  // Whoever went away before somebody listened will not say so again.
  if (client.socket.destroyed) return void other.socket.destroy()
  if (other.socket.destroyed) return close(client.socket)
  const away = (): void => {
    hangUp(other.socket)
    close(client.socket)
  }
  const over = (): void => close(client.socket)
  client.socket.on('error', () => client.socket.destroy()).once('end', away).once('close', away)
  other.socket.on('error', () => other.socket.destroy()).once('end', over).once('close', over)
  if (other.head.length > 0) client.socket.write(other.head)
  if (client.head.length > 0) other.socket.write(client.head)
  client.socket.pipe(other.socket)
  other.socket.pipe(client.socket)
}

/** Ends a connection behind what was written to it. */
export function close(socket: Duplex): void {
  if (socket.destroyed || socket.writableEnded) return
  socket.unpipe()
  socket.end()
  // Reading on keeps the kernel from resetting a connection whose last bytes are still under way. Once both sides have ended it closes itself.
  socket.resume()
  if ('setTimeout' in socket) (socket as Socket).setTimeout(farewell, () => socket.destroy())
}

/** Ends a connection behind what was written to it, whatever the other side still has to say. */
function hangUp(socket: Duplex): void {
  if (socket.destroyed) return
  socket.once('finish', () => socket.destroy())
  if (socket.writableFinished) socket.destroy()
  else close(socket)
}
