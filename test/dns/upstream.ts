import { createSocket } from 'node:dgram'
import { decode, encode, type Answer } from 'dns-packet'

/**
 * A name server for tests, a process of its own so that it can stand in a network namespace: `upstream.ts ADDRESS`. Knows
 * `www.example.test` (with as many A records as it was asked so far, so that a cache shows) and says NXDOMAIN of all else.
 */
const [address = ''] = process.argv.slice(2)
const socket = createSocket(address.includes(':') ? 'udp6' : 'udp4')
let asked = 0
socket.on('message', (bytes, peer) => {
  const query = decode(bytes)
  const { name = '' } = query.questions?.[0] ?? {}
  const known = name.toLowerCase() === 'www.example.test'
  if (known) asked += 1
  const answers: Answer[] = known ? Array.from({ length: asked }, (_, n) => ({ type: 'A', name, ttl: 300, data: `198.51.100.${n + 1}` })) : []
  const soa: Answer = { type: 'SOA', name: '.', ttl: 60, data: { mname: 'a', rname: 'b', serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 60 } }
  socket.send(encode({ type: 'response', id: query.id!, flags: known ? 0 : 3, questions: query.questions!, answers, authorities: known ? [] : [soa] }), peer.port, peer.address)
})
socket.bind(53, address, () => process.stdout.write('ready\n'))
