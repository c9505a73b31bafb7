/**
 * `node echo.ts NAME tcp:8080 udp:53 …`: answers every connection and datagram with `NAME CALLER-ADDRESS`, prints
 * `ready` when all sockets listen. A TCP connection is answered once at its beginning and again for every line sent.
 */
import { createSocket } from 'node:dgram'
import { createServer } from 'node:net'

const [name, ...listeners] = process.argv.slice(2)
await Promise.all(listeners.map(async (listener) => {
  const [protocol, port] = listener.split(':')
  const { promise, resolve, reject } = Promise.withResolvers<void>()
  if (protocol === 'udp') {
    const socket = createSocket('udp4', (_message, peer) => socket.send(`${name} ${peer.address}`, peer.port, peer.address))
    socket.once('error', reject).bind(Number(port), resolve)
  } else {
    createServer((connection) => {
      const answer = () => connection.write(`${name} ${connection.remoteAddress?.replace('::ffff:', '')}\n`)
      connection.on('error', () => connection.destroy()).on('data', answer)
      answer()
    }).once('error', reject).listen(Number(port), '0.0.0.0', resolve)
  }
  return promise
}))
console.log('ready')
