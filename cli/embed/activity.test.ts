import { expect, test } from 'vitest'
import type { ApiRequest, Transport } from '../../api/transport.ts'
import { systemClock } from '../../host/clock.ts'
import { trackActivity } from './activity.ts'

const turn = () => new Promise<void>((resolve) => { setImmediate(resolve) })
const request: ApiRequest = { method: 'GET', path: '/version', query: new URLSearchParams(), headers: {} }
const empty: Transport = async () => ({ status: 200, headers: {}, body: { kind: 'empty' } })

test('waits for requests under way and for what they set going', async () => {
  const answered = Promise.withResolvers<void>()
  const { transport, settle } = trackActivity(async (asked) => { await answered.promise; return empty(asked) }, systemClock)
  let done = false
  void (async () => { await transport(request); await turn(); await transport(request); done = true })()
  const settled = settle()
  for (let i = 0; i < 20; i++) await turn()
  answered.resolve()
  await settled
  expect(done).toBe(true)
})

test('a failed request is over too', async () => {
  const { transport, settle } = trackActivity(async () => { throw new Error('no') }, systemClock)
  await expect(transport(request)).rejects.toThrow('no')
  await settle()
})

test('says what goes on when there is no rest', async () => {
  const { transport, settle } = trackActivity(empty, systemClock, 50)
  const over = new AbortController()
  const loop = (async () => { while (!over.signal.aborted) { await transport(request); await turn() } })()
  await expect(settle()).rejects.toThrow('does not come to rest, though no time passes in it; the last requests were GET /version')
  over.abort()
  await loop
})
