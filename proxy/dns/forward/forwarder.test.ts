import { expect, test } from 'vitest'
import { createManualClock } from '../../../host/manual-clock.ts'
import type { ResourceRecord } from '../message.ts'
import { address, cname, soa } from '../records.ts'
import { silentLog } from '../testing/log.ts'
import { question, wire } from '../testing/text.ts'
import type { Reply } from '../wire/read-reply.ts'
import type { Exchange } from './exchange.ts'
import { createForwarder, type ForwarderOptions } from './forwarder.ts'
import { lifetimeOf, ReplyCache } from './reply-cache.ts'
import { nameServersOf } from './resolv-conf.ts'

const reply = (fields: Partial<Reply> = {}): Reply => ({ rcode: 0, truncated: false, authenticData: false, answers: [a(60)], authority: [], ...fields })
const a = (ttl: number): ResourceRecord => address(wire('www.example'), ttl, '\x01\x02\x03\x04')
const noSuchName = (ttl: number, minimum: number) => reply({ rcode: 3, answers: [], authority: [soa(wire('example'), ttl, { primary: wire('a'), mailbox: wire('b'), serial: 1, refresh: 1, retry: 1, expire: 1, minimum })] })
const plain = { dnssecOk: false, checkingDisabled: false }
const www = question('www.example', 'A')

function bench(exchange: (server: string, timeoutMs: number) => Promise<Reply>, options: Partial<ForwarderOptions> = {}) {
  const clock = createManualClock()
  const asked: string[] = []
  const conf = { text: 'nameserver 192.0.2.1\nnameserver 192.0.2.2\n' }
  const recording: Exchange = (server, _question, _wishes, timeoutMs) => {
    asked.push(server)
    return exchange(server, timeoutMs)
  }
  const forwarder = createForwarder({ exchange: recording, resolvConf: async () => conf.text, except: ['10.96.0.10'], clock, log: silentLog, ...options })
  return { forwarder, clock, asked, conf }
}

test('servers are those of resolv.conf, without those that are us', () => {
  expect(nameServersOf('# x\nsearch a b\nnameserver 192.0.2.1\nnameserver  fe80::1%eth0 # y\nnameserver 10.96.0.10\nnameserver nonsense\nnameserver 192.0.2.1\noptions ndots:5', ['10.96.0.10'])).toEqual(['192.0.2.1', 'fe80::1%eth0'])
})

test('the first server is asked, and the answer kept as long as its records live', async () => {
  const { forwarder, clock, asked } = bench(async () => reply())
  expect(await forwarder.ask(www, plain)).toEqual(reply())
  await clock.advance('59s')
  expect(await forwarder.ask(www, plain)).toEqual(reply({ answers: [a(1)] }))
  expect(asked).toEqual(['192.0.2.1'])
  await clock.advance('1s')
  expect(await forwarder.ask(www, plain)).toEqual(reply())
  expect(asked).toEqual(['192.0.2.1', '192.0.2.1'])
})

test('what differs in type or wishes is another question', async () => {
  const { forwarder, asked } = bench(async () => reply())
  await forwarder.ask(www, plain)
  await forwarder.ask(question('www.example', 'AAAA'), plain)
  await forwarder.ask(www, { ...plain, dnssecOk: true })
  await forwarder.ask(www, { ...plain, checkingDisabled: true })
  await forwarder.ask(question('WWW.example', 'A'), plain)
  expect(asked).toHaveLength(4)
})

test('the same question asked meanwhile gets the same answer', async () => {
  const one = Promise.withResolvers<Reply>()
  const { forwarder, asked } = bench(() => one.promise)
  const all = Array.from({ length: 50 }, () => forwarder.ask(www, plain))
  one.resolve(reply())
  expect(await Promise.all(all)).toEqual(all.map(() => reply()))
  expect(asked).toHaveLength(1)
})

test('when a server fails the next is asked, and the failing one last for a while', async () => {
  const { forwarder, clock, asked } = bench(async (server) => (server === '192.0.2.1' ? Promise.reject(new Error('silent')) : reply({ answers: [a(1)] })))
  expect(await forwarder.ask(www, plain)).toMatchObject({ rcode: 0 })
  await clock.advance('2s')
  await forwarder.ask(www, plain)
  expect(asked).toEqual(['192.0.2.1', '192.0.2.2', '192.0.2.2'])
  await clock.advance('10s')
  await forwarder.ask(www, plain)
  expect(asked.slice(3)).toEqual(['192.0.2.1', '192.0.2.2'])
})

test.each([2, 5])('code %i of one server is no answer while there is another', async (rcode) => {
  const { forwarder, asked } = bench(async (server) => (server === '192.0.2.1' ? reply({ rcode, answers: [] }) : reply()))
  expect(await forwarder.ask(www, plain)).toMatchObject({ rcode: 0 })
  expect(asked).toHaveLength(2)
})

test('when all fail the answer is SERVFAIL, before clients give up, and is kept for five seconds', async () => {
  const times: number[] = []
  const { forwarder, clock, asked } = bench(async (_, timeoutMs) => {
    times.push(timeoutMs)
    await clock.sleep(timeoutMs)
    throw new Error('silent')
  })
  const answer = Promise.resolve(forwarder.ask(www, plain))
  await clock.advance('4500ms')
  expect(await answer).toMatchObject({ rcode: 2 })
  expect(times).toEqual([1500, 1500, 1500])
  expect(forwarder.ask(www, plain)).toMatchObject({ rcode: 2 })
  await clock.advance('5s')
  void forwarder.ask(www, plain)
  await clock.settle()
  expect(asked.length).toBe(4)
})

test('without servers the answer is SERVFAIL', async () => {
  const { forwarder, conf } = bench(async () => reply())
  conf.text = 'nameserver 10.96.0.10'
  expect(await forwarder.ask(www, plain)).toMatchObject({ rcode: 2 })
})

test('a changed resolv.conf is heeded within seconds, and not read when nobody asks', async () => {
  let reads = 0
  const { forwarder, clock, asked, conf } = bench(async () => reply({ answers: [a(1)] }), { resolvConf: async () => { reads += 1; return conf.text } })
  await forwarder.ask(www, plain)
  conf.text = 'nameserver 192.0.2.9'
  await clock.advance('5s')
  expect(reads).toBe(1)
  await forwarder.ask(www, plain)
  expect(asked).toEqual(['192.0.2.1', '192.0.2.9'])
})

test('a resolv.conf that cannot be read is SERVFAIL, and not for ever', async () => {
  let broken = true
  const { forwarder, clock } = bench(async () => reply(), { resolvConf: async () => { if (broken) throw new Error('gone'); return 'nameserver 192.0.2.1' } })
  expect(await forwarder.ask(www, plain)).toMatchObject({ rcode: 2 })
  broken = false
  await clock.advance('5s')
  expect(await forwarder.ask(www, plain)).toMatchObject({ rcode: 0 })
})

test('too many questions at once are refused', async () => {
  const never = new Promise<Reply>(() => undefined)
  const { forwarder } = bench(() => never, { maxInFlight: 2 })
  void forwarder.ask(question('a', 'A'), plain)
  void forwarder.ask(question('b', 'A'), plain)
  expect(forwarder.ask(question('c', 'A'), plain)).toMatchObject({ rcode: 2 })
})

test.each<[what: string, reply: Reply, seconds: number]>([
  ['an answer, as its shortest record', reply({ answers: [a(60), a(7)] }), 7],
  ['an answer for a day, an hour', reply({ answers: [a(86_400)] }), 3600],
  ['an answer for no time', reply({ answers: [a(0)] }), 0],
  ['a name that does not exist, as the SOA’s minimum says', noSuchName(100, 9), 9],
  ['a name that does not exist, as the SOA’s own time says', noSuchName(9, 100), 9],
  ['a name that does not exist, half an hour at most', noSuchName(9999, 9999), 1800],
  ['a type that does not exist', { ...noSuchName(50, 40), rcode: 0 }, 40],
  ['a CNAME that leads to nothing, as the shorter of both', { ...noSuchName(50, 40), answers: [cname(wire('a'), 30, wire('b'))] }, 30],
  ['an absence without SOA', reply({ rcode: 3, answers: [] }), 0],
  ['a failure', reply({ rcode: 2, answers: [] }), 5],
  ['a refusal', reply({ rcode: 5, answers: [] }), 0],
  ['what was cut off', reply({ truncated: true }), 0],
])('kept is %s', (_, each, seconds) => {
  expect(lifetimeOf(each)).toBe(seconds)
})

test('the cache is bounded in number and bytes; what was asked for last stays', () => {
  const cache = new ReplyCache({ maxReplies: 3 })
  for (const key of ['a', 'b', 'c']) cache.set(key, reply(), 0)
  cache.get('a', 0)
  cache.set('d', reply(), 0)
  expect(['a', 'b', 'c', 'd'].map((key) => cache.get(key, 0) !== undefined)).toEqual([true, false, true, true])

  const small = new ReplyCache({ maxBytes: 32_000 })
  const large = reply({ answers: Array.from({ length: 8 }, () => a(60)) })
  for (let n = 0; n < 100; n += 1) small.set(String(n), large, 0)
  expect(small.size).toBeLessThan(32_000 / 1400)
  expect(small.size).toBeGreaterThan(10)
  small.set('huge', reply({ answers: Array.from({ length: 1000 }, () => a(60)) }), 0)
  expect(small.get('huge', 0)).toBeUndefined()
})
