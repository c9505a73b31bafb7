import { PassThrough } from 'node:stream'
import { expect, test } from 'vitest'
import { containerdEvents } from './runtime-events.ts'

/** A message of text fields numbered from 1, and a number behind them. */
const message = (...texts: string[]): Uint8Array => Buffer.concat([...texts.map((text, index) => Buffer.concat([Buffer.from([(index + 1) << 3 | 2, text.length]), Buffer.from(text)])), Buffer.from([0x18, 7])])

test('tells of containers that begin and end, and not of processes that were run in them', async () => {
  const stream = Object.assign(new PassThrough({ objectMode: true }), { cancel() {} })
  const sent: [string, Uint8Array][] = [
    ['/tasks/start', message('one')],
    ['/tasks/exit', message('one', 'a-probe')],
    ['/tasks/exit', message('one', 'one')],
    ['/tasks/oom', message('two')],
    ['/tasks/exit', message('two')],
    ['/tasks/exit', Buffer.from([0x0a])],
  ]
  for (const [topic, value] of sent) stream.write({ topic, event: { typeUrl: '', value } })
  stream.end({ topic: '/tasks/exit', event: null })
  const told = await Array.fromAsync(containerdEvents({ subscribe: () => stream }, new AbortController().signal))
  expect(told).toEqual([{ id: 'one', topic: '/tasks/start' }, { id: 'one', topic: '/tasks/exit' }, { id: 'two', topic: '/tasks/oom' }, { id: 'two', topic: '/tasks/exit' }])
})
