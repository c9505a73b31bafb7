import { createSocket, type Socket } from 'node:dgram'
import { connect, createServer, type AddressInfo, type Server } from 'node:net'
import { decode, encode, streamEncode, type Answer, type Packet } from 'dns-packet'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock as clock } from '../../host/clock.ts'
import { createExec } from '../../host/exec.ts'
import { createExchange } from './forward/exchange.ts'
import { createForwarder } from './forward/forwarder.ts'
import { createResolver } from './resolver.ts'
import { serveTcp } from './serve-tcp.ts'
import { serveUdp, type Served } from './serve-udp.ts'
import { exampleCluster, exampleZones, slice, service } from './testing/cluster.ts'
import { silentLog } from './testing/log.ts'

/** The resolver on sockets of loopback, asked with `dig`; upstream of it a server of ours that answers as it is told. */
const exec = createExec()
const cluster = exampleCluster()
cluster.setService(service('testns/many', { clusterIP: 'None' }))
cluster.setSlice(slice('testns/many-1', 'many', Array.from({ length: 100 }, (_, n) => `172.0.1.${n}`)))

let upstream: Awaited<ReturnType<typeof startUpstream>>
let udp: Served
let tcp: Served
let welcome = true

beforeAll(async () => {
  upstream = await startUpstream()
  const forwarder = createForwarder({ exchange: createExchange({ clock, port: upstream.port }), resolvConf: async () => 'nameserver 127.0.0.1', except: [], clock, log: silentLog, tryMs: 700, totalMs: 1500 })
  const resolve = createResolver({ cluster, zones: exampleZones, forwarder, clock, log: silentLog })
  const serving = { resolve, mayAsk: () => welcome, log: silentLog, clock, maxPerPeer: 5, idleMs: 1000 }
  udp = await serveUdp('127.0.0.1', 0, serving)
  tcp = await serveTcp('127.0.0.1', 0, serving)
})

afterAll(async () => {
  await Promise.all([udp.close(), tcp.close(), upstream.close()])
})

const dig = async (...args: string[]): Promise<string> => {
  const port = args.includes('+tcp') ? tcp.port : udp.port
  const { stdout } = await exec.run('dig', ['@127.0.0.1', '-p', String(port), '+tries=1', '+time=5', '+noidnout', ...args], { okCodes: [0, 9, 10] })
  return stdout
}

describe('dig', () => {
  test('gets records over UDP and TCP', async () => {
    expect(await dig('+short', 'svc1.testns.svc.cluster.local')).toBe('10.0.0.1\n')
    expect(await dig('+short', '+tcp', 'svc6.testns.svc.cluster.local', 'AAAA')).toBe('1234:abcd::1\n')
    expect(await dig('+short', '-x', '10.0.0.1')).toBe('svc1.testns.svc.cluster.local.\n')
    expect(await dig('+short', 'dns-version.cluster.local', 'TXT')).toBe('"1.1.0"\n')
    expect(await dig('+short', '_http._tcp.svc1.testns.svc.cluster.local', 'SRV')).toBe('0 100 80 svc1.testns.svc.cluster.local.\n')
  })

  test('gets the right codes', async () => {
    expect(await dig('svc1.testns.svc.cluster.local')).toMatch(/status: NOERROR[^]*flags: qr aa rd ra; QUERY: 1, ANSWER: 1, AUTHORITY: 0, ADDITIONAL: 1[^]*EDNS: version: 0, flags:; udp: 1232/)
    expect(await dig('svc0.testns.svc.cluster.local')).toMatch(/status: NXDOMAIN[^]*cluster\.local\.\s+5\s+IN\s+SOA/)
    expect(await dig('svc1.testns.svc.cluster.local', 'AAAA')).toMatch(/status: NOERROR[^]*ANSWER: 0[^]*SOA/)
    expect(await dig('+opcode=status', 'svc1.testns.svc.cluster.local')).toContain('status: NOTIMP')
    expect(await dig('+edns=1', '+noednsnegotiation', 'svc1.testns.svc.cluster.local')).toContain('status: BADVERS')
    expect(await dig('-c', 'CH', 'version.bind', 'TXT')).toContain('status: REFUSED')
    expect(await dig('+norecurse', 'www.example.test')).toContain('status: REFUSED')
  })

  test('keeps the case of its question, and gets DO back', async () => {
    expect(await dig('+dnssec', 'SVC1.testns.svc.CLUSTER.local')).toMatch(/flags: do; udp: 1232[^]*SVC1\.testns\.svc\.CLUSTER\.local\. 5 IN\s+A\s+10\.0\.0\.1/)
  })

  test('is sent to TCP for what is too large', async () => {
    const all = Array.from({ length: 100 }, (_, n) => `172.0.1.${n}`).sort()
    const cut = await dig('+ignore', '+noedns', 'many.testns.svc.cluster.local')
    expect(cut).toMatch(/flags: qr aa tc rd ra/)
    expect(Number(/MSG SIZE {2}rcvd: (\d+)/.exec(cut)![1])).toBeLessThanOrEqual(512)
    expect(Number(/MSG SIZE {2}rcvd: (\d+)/.exec(await dig('+ignore', '+bufsize=4096', 'many.testns.svc.cluster.local'))![1])).toBeLessThanOrEqual(1232)
    expect((await dig('+short', '+tcp', 'many.testns.svc.cluster.local')).trim().split('\n').sort()).toEqual(all)
  })

  test('starts with every address in turn', async () => {
    const firsts = new Set<string>()
    for (let turn = 0; turn < 60 && firsts.size < 4; turn += 1) firsts.add((await dig('+short', 'hdls1.testns.svc.cluster.local')).split('\n')[0]!)
    expect([...firsts].sort()).toEqual(['172.0.0.2', '172.0.0.3', '172.0.0.4', '172.0.0.5'])
  })

  test('gets what only upstream servers know, once from them and then from the cache', async () => {
    upstream.answer('www.example.test', [{ type: 'A', name: 'www.example.test', ttl: 300, data: '192.0.2.80' }])
    expect(await dig('www.example.test')).toMatch(/flags: qr rd ra; [^]*www\.example\.test\.\s+300\s+IN\s+A\s+192\.0\.2\.80/)
    expect(await dig('+short', '+tcp', 'WWW.example.test')).toBe('192.0.2.80\n')
    expect(upstream.asked('www.example.test')).toBe(1)
    upstream.answer('ext.interwebs.test', [{ type: 'A', name: 'ext.interwebs.test', ttl: 300, data: '192.0.2.81' }])
    expect(await dig('+short', 'external.testns.svc.cluster.local')).toBe('ext.interwebs.test.\n192.0.2.81\n')
    expect(await dig('nowhere.test')).toMatch(/status: NXDOMAIN[^]*SOA/)
    expect(await dig('nowhere.test')).toMatch(/status: NXDOMAIN[^]*SOA/)
    expect(upstream.asked('nowhere.test')).toBe(1)
  })

  test('gets large answers of upstream servers by TCP', async () => {
    upstream.answer('large.test', Array.from({ length: 100 }, (_, n) => ({ type: 'A' as const, name: 'large.test', ttl: 300, data: `192.0.2.${n}` })))
    expect((await dig('+short', '+tcp', 'large.test')).trim().split('\n')).toHaveLength(100)
    expect(await dig('+ignore', 'large.test')).toMatch(/flags: qr tc rd ra/)
  })

  test('is not deceived by answers that somebody else sends', async () => {
    upstream.answer('poisoned.test', [{ type: 'A', name: 'poisoned.test', ttl: 300, data: '192.0.2.82' }], { decoys: true })
    expect(await dig('+short', 'poisoned.test')).toBe('192.0.2.82\n')
  })

  test('gets SERVFAIL when upstream servers send rubbish or nothing', async () => {
    upstream.answer('rubbish.test', [], { rubbish: true })
    expect(await dig('rubbish.test')).toContain('status: SERVFAIL')
    upstream.answer('silent.test', [], { silent: true })
    expect(await dig('silent.test')).toContain('status: SERVFAIL')
    expect(upstream.asked('silent.test')).toBeGreaterThan(1)
  })

  test('gets REFUSED as a stranger, by no more bytes than were asked', async () => {
    welcome = false
    try {
      expect(await dig('svc1.testns.svc.cluster.local')).toMatch(/status: REFUSED[^]*MSG SIZE {2}rcvd: 12/)
      expect(await dig('+tcp', 'svc1.testns.svc.cluster.local')).toMatch(/no servers could be reached|connection reset|end of file/)
    } finally {
      welcome = true
    }
  })
})

const isRoot = process.getuid?.() === 0
test.skipIf(!isRoot)(`packets from port 0 are survived${isRoot ? '' : ' (skipped: needs root for raw packets)'}`, async () => {
  const query = encode({ type: 'query', id: 1, flags: 0x0100, questions: [{ name: 'svc1.testns.svc.cluster.local', type: 'A' }] })
  // AF_INET, SOCK_RAW, UDP; a header without a checksum.
  const script = 'socket(S, 2, 3, 17) or die $!; send(S, pack("nnnn", 0, $ARGV[0], 8 + length(pack("H*", $ARGV[1])), 0) . pack("H*", $ARGV[1]), 0, pack("SnC4x8", 2, 0, 127, 0, 0, 1)) or die $!'
  await exec.run('perl', ['-e', script, String(udp.port), query.toString('hex')])
  expect(await dig('+short', 'svc1.testns.svc.cluster.local')).toBe('10.0.0.1\n')
})

describe('connections', () => {
  const open = () => new Promise<{ socket: ReturnType<typeof connect>; received: Buffer[]; closed: Promise<void> }>((resolve, reject) => {
    const received: Buffer[] = []
    const socket = connect(tcp.port, '127.0.0.1', () => resolve({ socket, received, closed }))
    const closed = new Promise<void>((done) => socket.on('close', () => done()))
    socket.on('data', (chunk) => received.push(chunk)).on('error', reject)
  })
  const ask = (id: number, name: string) => streamEncode({ type: 'query', id, flags: 0x0100, questions: [{ name, type: 'A' }] })

  test('take many queries in a row, in any pieces, and answer them all though the client ends', async () => {
    const { socket, received, closed } = await open()
    const all = Buffer.concat(Array.from({ length: 100 }, (_, id) => ask(id, id % 10 ? 'svc1.testns.svc.cluster.local' : `pipelined${id}.test`)))
    for (let at = 0; at < all.length; at += 7) socket.write(all.subarray(at, at + 7))
    socket.end()
    await closed
    const bytes = Buffer.concat(received)
    const ids: number[] = []
    for (let at = 0; at < bytes.length; at += 2 + bytes.readUInt16BE(at)) ids.push(decode(bytes.subarray(at + 2, at + 2 + bytes.readUInt16BE(at))).id!)
    expect(ids.sort((one, other) => one - other)).toEqual(Array.from({ length: 100 }, (_, id) => id))
  })

  test('that say nothing are closed', async () => {
    const { closed } = await open()
    await closed
  })

  test('that say what is no query are closed', async () => {
    const { socket, received, closed } = await open()
    socket.write(Buffer.from([0, 3, 1, 2, 3]))
    await closed
    expect(received).toEqual([])
  })

  test('of one peer are bounded', async () => {
    const all = await Promise.all(Array.from({ length: 6 }, open))
    expect(await Promise.race(all.map(({ closed }, index) => closed.then(() => index)))).toBeTypeOf('number')
    for (const { socket } of all) socket.destroy()
    await Promise.all(all.map(({ closed }) => closed))
  })
})

interface Told { readonly answers: Answer[]; readonly decoys?: boolean; readonly rubbish?: boolean; readonly silent?: boolean }

/** A name server: knows what it is told, says NXDOMAIN of the rest, and cuts off what does not fit. */
async function startUpstream() {
  const told = new Map<string, Told>()
  const counts = new Map<string, number>()
  const answerTo = (bytes: Buffer, limit: number): Buffer[] => {
    const query = decode(bytes)
    const { name = '' } = query.questions?.[0] ?? {}
    const key = name.toLowerCase()
    counts.set(key, (counts.get(key) ?? 0) + 1)
    const { answers, decoys, rubbish, silent } = told.get(key) ?? { answers: undefined }
    if (silent) return []
    const base: Packet = { type: 'response', id: query.id!, questions: query.questions! }
    const lie: Answer[] = [{ type: 'A', name, ttl: 300, data: '203.0.113.66' }]
    if (rubbish) return [Buffer.concat([encode({ ...base, answers: lie }).subarray(0, -5)])]
    const soa: Answer = { type: 'SOA', name: 'test', ttl: 60, data: { mname: 'a.test', rname: 'b.test', serial: 1, refresh: 1, retry: 1, expire: 1, minimum: 60 } }
    const truth = answers ? encode({ ...base, answers }) : encode({ ...base, flags: 3, authorities: [soa] })
    const fitting = truth.length <= limit ? truth : encode({ ...base, flags: 0x0200 })
    return decoys ? [encode({ ...base, id: query.id! ^ 1, answers: lie }), encode({ ...base, questions: [{ name: 'other.test', type: 'A' }], answers: lie }), Buffer.from('nonsense'), fitting] : [fitting]
  }
  const server: Server = createServer((socket) => {
    socket.on('error', () => undefined)
    socket.once('data', (chunk) => {
      for (const bytes of answerTo(chunk.subarray(2), 65_535)) socket.write(Buffer.concat([Buffer.from([bytes.length >> 8, bytes.length & 255]), bytes]))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  const socket: Socket = createSocket('udp4')
  socket.on('message', (bytes, peer) => {
    for (const each of answerTo(bytes, 1232)) socket.send(each, peer.port, peer.address)
  })
  await new Promise<void>((resolve, reject) => socket.once('error', reject).bind(port, '127.0.0.1', resolve))
  return {
    port,
    answer: (name: string, answers: Answer[], more: Omit<Told, 'answers'> = {}) => told.set(name, { answers, ...more }),
    asked: (name: string) => counts.get(name) ?? 0,
    close: () => Promise.all([new Promise((resolve) => server.close(resolve)), new Promise<void>((resolve) => socket.close(resolve))]),
  }
}
