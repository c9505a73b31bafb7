import { once } from 'node:events'
import { duplexPair } from 'node:stream'
import type { Duplex } from 'node:stream'
import { text } from 'node:stream/consumers'
import { expect, test } from 'vitest'
import { tie } from './upgraded.ts'

const nothing = Buffer.alloc(0)
/** A client and a far side with what stands between them. `here` and `there` are the ends that the tests hold. */
function tied(heads: { client?: string; other?: string } = {}): { here: Duplex; there: Duplex; client: Duplex; other: Duplex } {
  const [here, client] = duplexPair()
  const [there, other] = duplexPair()
  tie({ socket: client, head: Buffer.from(heads.client ?? '') }, { socket: other, head: Buffer.from(heads.other ?? '') })
  return { here, there, client, other }
}

test('bytes run both ways, those that came early first', async () => {
  const { here, there } = tied({ client: 'early ', other: 'greeting ' })
  here.end('late')
  there.write('answer')
  expect(await text(there)).toBe('early late')
  expect(String(here.read())).toMatch(/^greeting/)
})

test('when the far side ends the client gets all of it, and its end', async () => {
  const { here, there, client } = tied()
  there.end('x'.repeat(200_000))
  expect((await text(here)).length).toBe(200_000)
  here.end()
  if (!client.destroyed) await once(client, 'close')
})

test('when the client ends the far side gets all of it, and is closed whatever it still says', async () => {
  const { here, there, other } = tied()
  const heard = text(there)
  here.end('y'.repeat(200_000))
  expect((await heard).length).toBe(200_000)
  if (!other.destroyed) await once(other, 'close')
})

test('a side that breaks off takes the other with it', async () => {
  const { there, client, other } = tied()
  there.resume()
  client.destroy(new Error('reset'))
  if (!other.destroyed) await once(other, 'close')
  expect(other.destroyed).toBe(true)
})

test('a client that is gone before it is joined leaves nothing behind', () => {
  const [, client] = duplexPair()
  const [, other] = duplexPair()
  client.destroy()
  tie({ socket: client, head: nothing }, { socket: other, head: nothing })
  expect(other.destroyed).toBe(true)
})

test('a slow reader stops the writer', async () => {
  const { here, there } = tied()
  let sent = 0
  while (there.write(Buffer.alloc(16_384)) && sent < 1000) sent += 1
  expect(sent).toBeLessThan(1000)
  here.resume()
  await once(there, 'drain')
})
