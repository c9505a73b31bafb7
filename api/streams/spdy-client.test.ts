import { Duplex } from 'node:stream'
import { expect, test } from 'vitest'
import { headerBlock, spdyConnection } from './spdy-client.ts'

/** Both ends in one: what is written is kept, what is pushed is read. */
function socketPair() {
  const written: Buffer[] = []
  const socket = new Duplex({ read() {}, write(data: Buffer, _, done) { written.push(data); done() } })
  return { socket, written: () => Buffer.concat(written).toString('hex') }
}
const frame = (hex: string): Buffer => Buffer.from(hex.replaceAll(' ', ''), 'hex')
const turn = () => new Promise((resolve) => setImmediate(resolve))

test('a header block is a stored block, with the head of zlib before the first and a flush behind each', () => {
  const plain = '00000001 0000000a 73747265616d74797065 00000005 6572726f72'.replaceAll(' ', '')
  expect(headerBlock({ streamtype: 'error' }, true).toString('hex')).toBe(`78bbe3c6a7c2 00 1b00 e4ff ${plain} 00 0000 ffff`.replaceAll(' ', ''))
  expect(headerBlock({ streamtype: 'error' }, false).toString('hex')).toBe(`00 1b00 e4ff ${plain} 00 0000 ffff`.replaceAll(' ', ''))
})

test('streams get odd numbers, data goes to its stream, in whatever pieces it comes', async () => {
  const { socket, written } = socketPair()
  const connection = spdyConnection(socket, frame('00000003 00000002 61'))
  const [first, second] = [connection.open({ streamtype: 'a' }), connection.open({ streamtype: 'b' })]
  const seen: string[] = []
  second.onData = (data) => seen.push(String(data))
  second.onEnd = () => seen.push('end')
  socket.push(frame('62 00000003 01000001'))
  socket.push(frame('63'))
  await turn()
  expect([first.id, second.id, seen]).toEqual([1, 3, ['ab', 'c', 'end']])
  first.write(Buffer.from('hi'))
  first.end()
  expect(written()).toMatch(/000000010000000268690000000101000000$/)
})

test('the server\'s pings are answered, our streams end with the connection', async () => {
  const { socket, written } = socketPair()
  const connection = spdyConnection(socket, Buffer.alloc(0))
  let ended = false
  connection.open({}).onEnd = () => { ended = true }
  socket.push(frame('80030006 00000004 00000002'))
  await turn()
  expect(written()).toMatch(/800300060000000400000002$/)
  connection.destroy()
  await connection.closed
  expect(ended).toBe(true)
})
