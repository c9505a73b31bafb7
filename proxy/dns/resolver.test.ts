import { decode, encode, type Packet } from 'dns-packet'
import { describe, expect, test } from 'vitest'
import { createManualClock } from '../../host/manual-clock.ts'
import { types, type Question } from './message.ts'
import { nameText } from './names.ts'
import { address, cname } from './records.ts'
import { createResolver, type ResolverObserver } from './resolver.ts'
import { exampleCluster, exampleZones, service } from './testing/cluster.ts'
import { silentLog } from './testing/log.ts'
import { wire } from './testing/text.ts'
import type { Reply } from './wire/read-reply.ts'
import type { Wishes } from './wire/write-query.ts'

const cluster = exampleCluster()
const good: Reply = { rcode: 0, truncated: false, authenticData: false, answers: [], authority: [] }

function bench(ask: (question: Question, wishes: Wishes) => Reply | Promise<Reply> = () => { throw new Error('nobody should be asked') }, observe?: ResolverObserver, maxWaiting?: number) {
  const resolve = createResolver({ cluster, zones: exampleZones, forwarder: { ask }, clock: createManualClock(), log: silentLog, ...(observe && { observe }), ...(maxWaiting && { maxWaiting }) })
  return async (name: string, type = 'A', fields: Packet = {}, protocol: 'udp' | 'tcp' = 'udp') => {
    const bytes = await resolve(encode({ type: 'query', id: 5, flags: 0x0100, questions: [{ name, type: type as 'A' }], ...fields }), protocol)
    return bytes && (decode(bytes) as ReturnType<typeof decode> & { rcode: string })
  }
}

test('the cluster’s own names are answered at once', () => {
  const resolve = createResolver({ cluster, zones: exampleZones, forwarder: { ask: () => good }, clock: createManualClock(), log: silentLog })
  const bytes = resolve(encode({ type: 'query', id: 5, questions: [{ name: 'svc1.testns.svc.cluster.local', type: 'A' }] }), 'udp')
  expect(bytes).toBeInstanceOf(Buffer)
})

test.each([['AXFR', 'REFUSED'], ['IXFR', 'REFUSED'], ['TSIG', 'NOTIMP'], ['OPT', 'NOTIMP']])('%s is %s', async (type, rcode) => {
  expect(await bench()('cluster.local', type)).toMatchObject({ rcode, answers: [], authorities: [] })
})

test('another class than IN is REFUSED', async () => {
  expect(await bench()('version.bind', 'TXT', { questions: [{ name: 'version.bind', type: 'TXT', class: 'CH' }] })).toMatchObject({ rcode: 'REFUSED', questions: [{ class: 'CH' }] })
})

describe('names of others', () => {
  test('are asked of upstream servers', async () => {
    const asked: unknown[] = []
    const ask = bench((question, wishes) => {
      asked.push([nameText(question.name), question.type, question.class, wishes])
      return Promise.resolve({ ...good, authenticData: true, answers: [address(wire('www.example.com'), 300, '\x01\x02\x03\x04')] })
    })
    expect(await ask('WWW.example.com', 'A', { flags: 0x0110, questions: [{ name: 'WWW.example.com', type: 'A', class: 'ANY' }] })).toMatchObject({ rcode: 'NOERROR', flag_aa: false, flag_ra: true, flag_ad: false, answers: [{ name: 'WWW.example.com', ttl: 300, data: '1.2.3.4' }] })
    expect(asked).toEqual([['WWW.example.com.', types.A, 1, { dnssecOk: false, checkingDisabled: true }]])
    expect(await ask('www.example.com', 'A', { flags: 0x0120 })).toMatchObject({ flag_ad: true })
  })

  test('are REFUSED to those who want no recursion', async () => {
    expect(await bench()('www.example.com', 'A', { flags: 0 })).toMatchObject({ rcode: 'REFUSED' })
  })

  test('of all types get the least that is an answer', async () => {
    expect(await bench()('www.example.com', 'ANY')).toMatchObject({ rcode: 'NOERROR', answers: [{ type: 'HINFO', data: { cpu: 'RFC8482', os: '' } }] })
  })

  test('behind an ExternalName come after its CNAME', async () => {
    const ask = bench(({ key }) => ({ ...good, answers: [cname(key, 60, wire('a.test')), address(wire('a.test'), 60, '\x01\x02\x03\x04')] }))
    expect(await ask('external.testns.svc.cluster.local')).toMatchObject({
      rcode: 'NOERROR', flag_aa: true,
      answers: [{ type: 'CNAME', name: 'external.testns.svc.cluster.local', data: 'ext.interwebs.test' }, { type: 'CNAME', name: 'ext.interwebs.test', data: 'a.test' }, { name: 'a.test', data: '1.2.3.4' }],
    })
  })

  test.each([[3, 'NXDOMAIN'], [2, 'SERVFAIL']])('behind an ExternalName with code %i are %s', async (rcode, name) => {
    expect(await bench(() => ({ ...good, rcode }))('external.testns.svc.cluster.local')).toMatchObject({ rcode: name, answers: [{ type: 'CNAME' }] })
  })

  test('are SERVFAIL to those who come when too many wait already', async () => {
    const first = Promise.withResolvers<Reply>()
    const ask = bench(() => first.promise, undefined, 1)
    const waiting = ask('a.example')
    expect(await ask('b.example')).toMatchObject({ rcode: 'SERVFAIL' })
    first.resolve(good)
    expect(await waiting).toMatchObject({ rcode: 'NOERROR' })
  })
})

test('a fault of ours is SERVFAIL, counted, and the end of nothing', async () => {
  let panics = 0
  const observe: ResolverObserver = { answered: () => undefined, panicked: () => { panics += 1 } }
  expect(await bench(() => { throw new Error('a fault') }, observe)('a.example')).toMatchObject({ rcode: 'SERVFAIL' })
  expect(await bench(() => Promise.reject(new Error('a fault')), observe)('a.example')).toMatchObject({ rcode: 'SERVFAIL' })
  expect(panics).toBe(2)
})

describe('any bytes', () => {
  // A seed, so that what fails once fails again.
  const clock = createManualClock({ seed: 7 })
  const draw = (below: number) => Math.floor(clock.random() * below)
  cluster.setService(service('testns/many', { clusterIP: 'None' }))
  let panics = 0
  const resolve = createResolver({
    cluster, zones: exampleZones, clock, log: silentLog,
    forwarder: { ask: () => ({ ...good, answers: [address(wire('x.example'), 1, '\x01\x02\x03\x04')] }) },
    observe: { answered: () => undefined, panicked: () => { panics += 1 } },
  })
  const samples = ['svc1.testns.svc.cluster.local', '_http._tcp.hdls1.testns.svc.cluster.local', '1.0.0.10.in-addr.arpa', 'www.example.com', '', 'external.testns.svc.cluster.local'].flatMap((name) => [
    encode({ type: 'query', id: 1, flags: 0x0100, questions: [{ name, type: 'SRV' }] }),
    encode({ type: 'query', id: 1, flags: 0x0100, questions: [{ name, type: 'A' }], additionals: [{ type: 'OPT', name: '.', udpPayloadSize: 65_535, flags: 0x8000, options: [{ code: 12, data: Buffer.alloc(9) }] } as never] }),
  ])

  const check = (packet: Buffer, protocol: 'udp' | 'tcp') => {
    const answer = resolve(packet, protocol) as Buffer | undefined
    if (!answer) return
    expect(answer.length).toBeLessThanOrEqual(protocol === 'udp' ? 1232 : 65_535)
    expect(answer.length).toBeGreaterThanOrEqual(12)
    expect(answer.readUInt16BE(0)).toBe(packet.readUInt16BE(0))
    expect(answer[2]! & 0x80).toBe(0x80)
    if (!packet.includes(Buffer.from([0, 41]))) expect(protocol === 'tcp' || answer.length <= 512).toBe(true)
    // Everything in it can be read by others.
    expect(() => decode(answer)).not.toThrow()
  }

  test('that are random are survived', () => {
    for (let round = 0; round < 6_000; round += 1) {
      const packet = Buffer.from(Array.from({ length: draw(80) }, () => draw(256)))
      if (draw(2) && packet.length > 12) packet.set([0, 0, 1, 0, 0, 1, 0, 0, 0, 0, 0, draw(3)])
      check(packet, draw(2) ? 'udp' : 'tcp')
    }
  })

  test('of queries with some altered, left out or doubled are survived', () => {
    for (let round = 0; round < 10_000; round += 1) {
      let packet = Buffer.from(samples[draw(samples.length)]!)
      for (let change = draw(4); change >= 0; change -= 1) {
        const at = draw(packet.length)
        const how = draw(4)
        if (how === 0) packet[at] = draw(256)
        else if (how === 1) packet[at]! ^= 1 << draw(8)
        else if (how === 2) packet = packet.subarray(0, at)
        else packet = Buffer.concat([packet, packet.subarray(at)])
        if (packet.length === 0) break
      }
      check(packet, draw(2) ? 'udp' : 'tcp')
    }
  })

  test('cause no fault in us', () => {
    expect(panics).toBe(0)
  })
})
