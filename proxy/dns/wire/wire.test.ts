import { decode, encode, type DecodedPacket, type Packet } from 'dns-packet'
import { describe, expect, test } from 'vitest'
import { addressBytes } from '../addresses.ts'
import { classes, rcodes, types, type Answer, type Query, type ResourceRecord } from '../message.ts'
import { address, cname, ptr, soa, srv, txt } from '../records.ts'
import { question, recordText, wire } from '../testing/text.ts'
import { isRefused, readQuery } from './read-query.ts'
import { isReplyTo, readReply } from './read-reply.ts'
import { createAnswerWriter, limitOf, writeRefusal } from './write-answer.ts'
import { writeQuery } from './write-query.ts'

/** What a library of others says of our bytes, and we of its. */
const packet = (fields: Packet): Buffer => encode({ type: 'query', id: 0x1234, questions: [{ type: 'A', name: 'web.default.svc.cluster.local' }], ...fields })
const write = createAnswerWriter()
const query = (name: string, fields: Partial<Query> = {}): Query =>
  ({ id: 7, recursionDesired: true, checkingDisabled: false, authenticData: false, question: question(name, 'A'), edns: undefined, ...fields })
const answer = (fields: Partial<Answer>): Answer => ({ rcode: 0, authoritative: true, answers: [], authority: [], additional: [], ...fields })
const ip = (text: string) => addressBytes(text)!

describe('queries', () => {
  test('are read', () => {
    const bytes = packet({ flags: 0x0110, questions: [{ type: 'SRV', name: '_http._tcp.WEB.example' }], additionals: [{ type: 'OPT', name: '.', udpPayloadSize: 4096, flags: 0x8000, options: [{ code: 'COOKIE', data: Buffer.from('12345678') }] } as never] })
    expect(readQuery(bytes)).toEqual({
      id: 0x1234, recursionDesired: true, checkingDisabled: true, authenticData: false,
      question: { name: wire('_http._tcp.WEB.example'), key: wire('_http._tcp.web.example'), type: types.SRV, class: classes.IN },
      edns: { size: 4096, dnssecOk: true },
    })
  })

  const opt = { type: 'OPT', name: '.', udpPayloadSize: 1232, flags: 0 } as never
  const cut = (bytes: Buffer, by: number) => bytes.subarray(0, bytes.length - by)
  const changed = (bytes: Buffer, at: number, ...values: number[]) => {
    const copy = Buffer.from(bytes)
    copy.set(values, at)
    return copy
  }

  test.each<[what: string, bytes: Buffer, rcode: keyof typeof rcodes]>([
    ['no question', packet({ questions: [] }), 'FORMERR'],
    ['two questions', packet({ questions: [{ type: 'A', name: 'a' }, { type: 'A', name: 'b' }] }), 'FORMERR'],
    ['an answer', packet({ answers: [{ type: 'A', name: 'a', data: '1.2.3.4' }] }), 'FORMERR'],
    ['three further records', packet({ additionals: [opt, { type: 'A', name: 'a', data: '1.2.3.4' }, { type: 'A', name: 'a', data: '1.2.3.4' }] }), 'FORMERR'],
    ['two OPT', packet({ additionals: [opt, opt] }), 'FORMERR'],
    ['an OPT that has a name', Buffer.concat([packet({ additionals: [opt] }).subarray(0, -11), Buffer.from('\x01x', 'latin1'), packet({ additionals: [opt] }).subarray(-11)]), 'FORMERR'],
    ['bytes behind the end', Buffer.concat([packet({}), Buffer.from('x')]), 'FORMERR'],
    ['a question without class', cut(packet({}), 1), 'FORMERR'],
    ['a name without end', packet({}).subarray(0, 20), 'FORMERR'],
    ['only a header', changed(packet({}).subarray(0, 12), 4, 0, 1), 'FORMERR'],
    ['a name that points at itself', changed(packet({}), 12, 0xc0, 12), 'FORMERR'],
    ['a label of the reserved kinds', changed(packet({}), 12, 0x41), 'FORMERR'],
    ['an option longer than its record', changed(packet({ additionals: [{ ...(opt as object), options: [{ code: 'COOKIE', data: Buffer.from('12345678') }] } as never] }), packet({}).length + 14, 9), 'FORMERR'],
    ['a name of 256 bytes', Buffer.concat([packet({}).subarray(0, 12), Buffer.from(`${'\x01a'.repeat(127)}\x01\x00\0`, 'latin1'), Buffer.from([0, 1, 0, 1])]), 'FORMERR'],
    ['EDNS version 1', changed(packet({ additionals: [opt] }), packet({}).length + 6, 1), 'BADVERS'],
    ['another opcode', changed(packet({}), 2, 0x28), 'NOTIMP'],
  ])('%s is refused', (_, bytes, rcode) => {
    const read = readQuery(bytes)!
    expect(isRefused(read) && read.refused).toBe(rcodes[rcode])
    if (!isRefused(read)) return
    const refusal = writeRefusal(read.head, read.refused)
    expect(refusal.length).toBeLessThanOrEqual(bytes.length)
    expect(decode(refusal)).toMatchObject({ id: 0x1234, type: 'response', questions: [], answers: [] })
    expect(refusal[3]! & 15).toBe(rcodes[rcode] & 15)
  })

  test.each([['nothing', Buffer.alloc(0)], ['eleven bytes', packet({}).subarray(0, 11)], ['a response', packet({ type: 'response' })]])('%s is not answered', (_, bytes) => {
    expect(readQuery(bytes)).toBeUndefined()
  })

  test('of 255 bytes of name are read', () => {
    const name = `${'\x01a'.repeat(126)}\x01b\0`
    expect(name).toHaveLength(255)
    const bytes = Buffer.concat([packet({}).subarray(0, 12), Buffer.from(name, 'latin1'), Buffer.from([0, 1, 0, 1])])
    expect(readQuery(bytes)).toMatchObject({ question: { name } })
  })
})

describe('answers', () => {
  test('say what they are to', () => {
    const bytes = write(query('WEB.example', { edns: { size: 4096, dnssecOk: true }, checkingDisabled: true }), answer({ answers: [address(wire('web.example'), 30, ip('10.0.0.1'))] }), 512)
    const read = decode(bytes) as DecodedPacket & { rcode: string }
    expect(read).toMatchObject({ id: 7, type: 'response', rcode: 'NOERROR', flag_aa: true, flag_tc: false, flag_rd: true, flag_ra: true, flag_cd: true, flag_ad: false })
    expect(read.questions).toEqual([{ name: 'WEB.example', type: 'A', class: 'IN' }])
    // The case of the question comes back.
    expect(read.answers).toMatchObject([{ name: 'WEB.example', type: 'A', ttl: 30, data: '10.0.0.1' }])
    expect(read.additionals).toMatchObject([{ type: 'OPT', udpPayloadSize: 1232, flag_do: true }])
  })

  test('have every kind of record, with names shortened where they may be', () => {
    const zone = wire('cluster.local')
    const records: ResourceRecord[] = [
      cname(wire('a.cluster.local'), 5, wire('b.cluster.local')), ptr(wire('1.0.0.10.in-addr.arpa'), 5, wire('b.cluster.local')), txt(zone, 5, '1.1.0'),
      address(zone, 5, ip('fd00::1')), srv(wire('_h._tcp.cluster.local'), 5, { priority: 1, weight: 2, port: 3, target: wire('b.cluster.local') }),
      soa(zone, 5, { primary: wire('ns.cluster.local'), mailbox: wire('x.cluster.local'), serial: 4_000_000_000, refresh: 1, retry: 2, expire: 3, minimum: 4 }),
    ]
    const bytes = write(query('cluster.local'), answer({ answers: records }), 512)
    const read = decode(bytes)
    expect(read.answers?.map((record) => (record as { data: unknown }).data)).toMatchObject([
      'b.cluster.local', 'b.cluster.local', [Buffer.from('1.1.0')], 'fd00::1', { priority: 1, weight: 2, port: 3, target: 'b.cluster.local' },
      { mname: 'ns.cluster.local', rname: 'x.cluster.local', serial: 4_000_000_000, refresh: 1, retry: 2, expire: 3, minimum: 4 },
    ])
    // SRV has its target in full (RFC 2782).
    expect(bytes.toString('latin1').split('\x07cluster\x05local\0')).toHaveLength(3)
    expect(readReply(bytes, question('cluster.local', 'A'))?.answers.map(recordText)).toEqual(records.map(recordText))
  })

  test.each([[undefined, 512], [512, 512], [100, 512], [1000, 1000], [1232, 1232], [65_535, 1232]])('to a client that takes %s bytes have at most %i', (size, limit) => {
    const to = query('many.example', { edns: size === undefined ? undefined : { size, dnssecOk: false } })
    expect(limitOf(to, 'udp')).toBe(limit)
    expect(limitOf(to, 'tcp')).toBe(65_535)
    const answers = Array.from({ length: 200 }, (_, n) => address(wire('many.example'), 5, ip(`10.0.0.${n}`)))
    const bytes = write(to, answer({ answers, additional: answers }), limit)
    expect(bytes.length).toBeLessThanOrEqual(limit)
    expect(bytes.length).toBeGreaterThan(limit - 30)
    const read = decode(bytes)
    expect(read.flag_tc).toBe(true)
    expect(read.answers?.length).toBe(Math.floor((limit - 30 - (size === undefined ? 0 : 11)) / 16))
    expect(read.additionals?.length).toBe(size === undefined ? 0 : 1)
  })

  test('lose their additional records before the TC bit is set', () => {
    const long = (n: number) => address(wire(`${'x'.repeat(60)}.${'y'.repeat(60)}.host${n}.example`), 5, ip('10.0.0.1'))
    const read = decode(write(query('a.example'), answer({ answers: [address(wire('a.example'), 5, ip('10.0.0.1'))], additional: Array.from({ length: 9 }, (_, n) => long(n)) }), 512))
    expect(read).toMatchObject({ flag_tc: false, answers: [{ data: '10.0.0.1' }] })
    expect(read.additionals!.length).toBeLessThan(9)
  })

  test('never point at what was left out', () => {
    const names = Array.from({ length: 40 }, (_, n) => cname(wire(`a${n}.example`), 5, wire(`${'t'.repeat(50)}${n % 7}.elsewhere${n % 5}.test`)))
    for (let limit = 60; limit < 512; limit += 1) {
      const read = decode(write(query('a0.example'), answer({ answers: names }), limit))
      for (const [index, record] of (read.answers ?? []).entries()) expect(record).toMatchObject({ name: `a${index}.example`, data: `${'t'.repeat(50)}${index % 7}.elsewhere${index % 5}.test` })
    }
  })

  test('of the largest kind fill a TCP message and no more', () => {
    const answers = Array.from({ length: 9000 }, (_, n) => address(wire('many.example'), 5, ip(`10.0.${n >> 8}.${n & 255}`)))
    const bytes = write(query('many.example'), answer({ answers }), 65_535)
    expect(bytes.length).toBeLessThanOrEqual(65_535)
    expect(decode(bytes)).toMatchObject({ flag_tc: true })
    const large: ResourceRecord = { name: wire('b'), type: 65_400, ttl: 1, data: { before: 'x'.repeat(60_000), names: [], after: '' } }
    expect(decode(write(query('many.example'), answer({ answers: [large, large] }), 65_535)).answers).toHaveLength(1)
  })

  test('with a name too long are an error of ours, and the writer goes on', () => {
    expect(() => write(query('a'), answer({ answers: [cname(wire('a'), 1, wire('a.'.repeat(200)))] }), 512)).toThrow(RangeError)
    expect(decode(write(query('a'), answer({}), 512)).questions).toHaveLength(1)
  })
})

describe('replies of upstream servers', () => {
  const asked = question('www.Example.com', 'A')
  const reply = (fields: Packet) => encode({ type: 'response', id: 99, questions: [{ type: 'A', name: 'www.example.COM' }], ...fields })

  test('are read', () => {
    const bytes = reply({ flags: 0x0020, answers: [{ type: 'CNAME', name: 'www.example.com', ttl: 9, data: 'x.test' }, { type: 'A', name: 'x.test', ttl: 8, data: '192.0.2.1' }, { type: 'MX', name: 'x.test', ttl: 7, data: { preference: 5, exchange: 'mail.test' } }] })
    expect(isReplyTo(bytes, 99, asked)).toBe(true)
    const read = readReply(bytes, asked)!
    expect(read).toMatchObject({ rcode: 0, truncated: false, authenticData: true })
    expect(read.answers.slice(0, 2).map(recordText)).toEqual(['www.example.com. 9 CNAME x.test.', 'x.test. 8 A 192.0.2.1'])
    expect(read.answers[2]).toMatchObject({ data: { before: '\0\x05', names: [wire('mail.test')], after: '' } })
  })

  test.each<[string, Buffer]>([
    ['another id', reply({ id: 98 })], ['another name', reply({ questions: [{ type: 'A', name: 'www.example.net' }] })], ['another type', reply({ questions: [{ type: 'AAAA', name: 'www.example.com' }] })],
    ['no question', reply({ questions: [] })], ['a query', reply({ type: 'query' })], ['a few bytes', reply({}).subarray(0, 11)],
  ])('with %s are none', (_, bytes) => {
    expect(isReplyTo(bytes, 99, asked)).toBe(false)
  })

  test('with pointers that run in a ring, forwards, or nowhere are malformed', () => {
    const head = Buffer.from(reply({}))
    head.writeUInt16BE(1, 6)
    for (const target of [head.length, head.length + 5, 0x3fff]) {
      const record = Buffer.alloc(16)
      record.writeUInt16BE(0xc000 | target, 0)
      expect(readReply(Buffer.concat([head, record]), asked)).toBeUndefined()
    }
    // A label, and a pointer back to it: longer and longer.
    const bomb = Buffer.concat([head, Buffer.from([1, 97, 0xc0, head.length]), Buffer.alloc(10)])
    expect(readReply(bomb, asked)).toBeUndefined()
  })

  test('truncated ones are only known to be so', () => {
    expect(readReply(reply({ flags: 0x0200 }).subarray(0, 40), asked)).toEqual({ rcode: 0, truncated: true, authenticData: false, answers: [], authority: [] })
  })

  test('are answers to what we ask', () => {
    const bytes = writeQuery(99, asked, { dnssecOk: true, checkingDisabled: true })
    expect(decode(bytes)).toMatchObject({ id: 99, type: 'query', flag_rd: true, flag_cd: true, questions: [{ name: 'www.Example.com', type: 'A', class: 'IN' }], additionals: [{ type: 'OPT', udpPayloadSize: 1232, flag_do: true }] })
  })
})
