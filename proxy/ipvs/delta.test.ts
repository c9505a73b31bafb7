import { describe, expect, test } from 'vitest'
import { aRoute } from '../testing/objects.ts'
import type { Route } from '../table.ts'
import { delta, lingeringIn, release, sameState } from './delta.ts'
import { ownServers, parseConnections, parseServers, parseSets, type KernelState } from './kernel-state.ts'
import { plan } from './plan.ts'

const a = { ip: '10.244.0.2', port: 8080 }
const b = { ip: '10.244.1.2', port: 8080 }
const nothing: KernelState = { servers: new Map(), sets: new Map(), addresses: new Set() }
const stateOf = (...routes: Route[]) => plan(routes, { family: 'ipv4', scheduler: 'rr', ownIPs: new Set(), nodePortIPs: [] })
const lines = (text: string) => text.split('\n').filter(Boolean)

describe('one state after another', () => {
  const one = stateOf(aRoute({ internal: [a] }))

  test('from nothing: sets first, then virtual servers, then addresses', () => {
    const { widen, servers, addresses, narrow } = delta('ipv4', nothing, stateOf(aRoute({ internal: [a, b] })))
    expect(lines(widen)).toContain('create K8TS-OURS hash:ip,port family inet maxelem 1048576')
    expect(lines(widen)).toContain('add K8TS-OURS 10.96.0.10,tcp:80')
    // The kernel puts the newest first.
    expect(lines(servers)).toEqual(['-A -t 10.96.0.10:80 -s rr', '-a -t 10.96.0.10:80 -r 10.244.1.2:8080 -m -w 1', '-a -t 10.96.0.10:80 -r 10.244.0.2:8080 -m -w 1'])
    expect(addresses).toEqual({ add: ['10.96.0.10'], remove: [] })
    expect(narrow).toBe('')
  })

  test('the same again is nothing', () => {
    const { widen, servers, addresses, narrow, forget } = delta('ipv4', one, stateOf(aRoute({ internal: [a] })))
    expect([widen, servers, narrow, ...addresses.add, ...addresses.remove, ...forget]).toEqual(['', '', ''])
  })

  test('a Service that is gone takes its address with it', () => {
    const { servers, addresses, narrow } = delta('ipv4', one, stateOf())
    expect(lines(servers)).toEqual(['-D -t 10.96.0.10:80'])
    expect(addresses.remove).toEqual(['10.96.0.10'])
    expect(lines(narrow)).toContain('del K8TS-VIPS 10.96.0.10')
  })

  test('affinity is edited, and connections stay', () => {
    expect(lines(delta('ipv4', one, stateOf(aRoute({ internal: [a], affinitySeconds: 60 }))).servers)).toEqual(['-E -t 10.96.0.10:80 -s rr -p 60'])
  })

  test('another mark of the same place is written over the old one', () => {
    const local = aRoute({ loadBalancerIPs: ['198.51.100.2'], external: [a], insiders: [a, b] })
    const { widen, narrow } = delta('ipv4', stateOf(local), stateOf({ ...local, id: 'default/other:/tcp' }))
    expect(lines(widen)[0]).toMatch(/^add K8TS-INSIDERS 198\.51\.100\.2,tcp:80 skbmark 0x/)
    expect(narrow).toBe('')
  })
})

describe('a real server that is given up', () => {
  const two = stateOf(aRoute({ internal: [a, b] }))

  test('lingers with weight 0, once, until it is released; taken back it has its weight again', () => {
    const first = delta('ipv4', two, stateOf(aRoute({ internal: [a] })))
    expect(lines(first.servers)).toEqual(['-e -t 10.96.0.10:80 -r 10.244.1.2:8080 -m -w 0'])
    expect(lingeringIn(first.after)).toEqual([{ server: '-t 10.96.0.10:80', real: '10.244.1.2:8080' }])
    expect(delta('ipv4', first.after, stateOf(aRoute({ internal: [a] }))).servers).toBe('')
    expect(lines(delta('ipv4', first.after, two).servers)).toEqual(['-e -t 10.96.0.10:80 -r 10.244.1.2:8080 -m -w 1'])
    const { lines: released, after } = release(first.after, lingeringIn(first.after))
    expect(lines(released)).toEqual(['-d -t 10.96.0.10:80 -r 10.244.1.2:8080'])
    expect(lingeringIn(after)).toEqual([])
    expect(first.forget).toEqual([])
  })

  test('the last one too: its connections go on, new ones are refused', () => {
    const { servers, after } = delta('ipv4', two, stateOf(aRoute({ internal: [] })))
    expect(lines(servers)).toHaveLength(2)
    expect([...after.sets.get('K8TS-REFUSED')!]).toEqual(['10.96.0.10,tcp:80'])
  })

  test('of UDP goes at once, and the flows to it are forgotten', () => {
    const udp = (...internal: Route['internal'][number][]) => stateOf(aRoute({ protocol: 'UDP', internal }))
    const { servers, forget } = delta('ipv4', udp(a, b), udp(a))
    expect(lines(servers)).toEqual(['-d -u 10.96.0.10:80 -r 10.244.1.2:8080'])
    expect(forget).toEqual(['10.96.0.10,udp:80'])
    expect(delta('ipv4', udp(), udp(a)).forget).toEqual(['10.96.0.10,udp:80'])
    expect(delta('ipv4', udp(), udp()).forget).toEqual([])
    expect(delta('ipv4', udp(a), udp(a, b)).forget).toEqual([])
  })

  test('flows of callers inside the cluster are found at every address at which they are told apart', () => {
    const route = (insiders: Route['insiders']) => stateOf(aRoute({ protocol: 'UDP', internal: [a], external: [a], insiders, externalIPs: ['198.51.100.1'], loadBalancerIPs: ['198.51.100.2'] }))
    expect(delta('ipv4', route([a, b]), route([b])).forget).toEqual(['198.51.100.1,udp:80', '198.51.100.2,udp:80'])
  })
})

describe('what the tools show', () => {
  const saved = `-A -t 10.96.0.10:80 -s rr -p 100
-a -t 10.96.0.10:80 -r 10.244.0.2:8080 -m -w 1
-a -t 10.96.0.10:80 -r 10.244.1.2:8080 -m -w 0
-A -u [fd00:96::1]:53 -s wlc
-a -u [fd00:96::1]:53 -r [fd00::1]:8053 -m -w 1
-A -t 192.0.2.9:80 -s rr
-A -f 1258291201 -s rr
-A -f 1258291202 -6 -s rr -p 10
-a -f 1258291202 -6 -r [fd00::1]:8080 -m -w 1
-A -f 7 -s rr
`
  const sets = `create K8TS-OURS hash:ip,port family inet hashsize 1024 maxelem 1048576 bucketsize 12 initval 0xcc49a661
add K8TS-OURS 10.96.0.10,tcp:80
create K8TS6-OURS hash:ip,port family inet6 hashsize 1024 maxelem 1048576 bucketsize 12 initval 0xb6ef458b
add K8TS6-OURS fd00:96::1,udp:53
create K8TS-INSIDERS hash:ip,port family inet hashsize 1024 maxelem 65536 skbinfo bucketsize 12 initval 0xc8238e32
add K8TS-INSIDERS 198.51.100.2,tcp:80 skbmark 0x4b000001
create K8TS6-INSIDERS hash:ip,port family inet6 hashsize 1024 maxelem 65536 skbinfo bucketsize 12 initval 0xc8238e32
add K8TS6-INSIDERS 2001:db8::1,tcp:80 skbmark 0x4b000002
create OTHERS hash:ip family inet hashsize 1024 maxelem 65536 bucketsize 12 initval 0x4a421507
add OTHERS 10.96.0.1
`

  test('ours are told from those of others', () => {
    const all = parseServers(saved)
    expect([...ownServers(parseSets(sets, 'ipv4'), 'ipv4')]).toEqual(['-t 10.96.0.10:80', '-f 1258291201'])
    expect([...ownServers(parseSets(sets, 'ipv6'), 'ipv6')]).toEqual(['-u [fd00:96::1]:53', '-f 1258291202 -6'])
    expect([...parseSets(sets, 'ipv4').keys()]).toEqual(['K8TS-OURS', 'K8TS-INSIDERS'])
    expect(all.get('-t 10.96.0.10:80')).toEqual({ options: '-s rr -p 100', reals: new Map([['10.244.0.2:8080', 1], ['10.244.1.2:8080', 0]]) })
  })

  test('connections are counted, those that close too', () => {
    const counted = parseConnections(`IP Virtual Server version 1.2.1 (size=4096)
Prot LocalAddress:Port Scheduler Flags
  -> RemoteAddress:Port Forward Weight ActiveConn InActConn
TCP  0A60000A:0050 rr persistent 25000 FFFFFFFF
  -> 0AF40002:1F90      Masq    0      2          3         
UDP  [fd00:0096:0000:0000:0000:0000:0000:0001]:0035 rr 
  -> [fd00:0000:0000:0000:0000:0000:0000:000a]:1F75      Masq    1      0          4         
FWM  4B000002 rr persistent 2500 FFFFFFFF
  -> [fd00:0000:0000:0000:0000:0000:0000:0001]:1F90      Masq    1      0          0         
FWM  4B000001 rr 
  -> 0AF40002:1F90      Masq    1      7          0         
`)
    expect([...counted].map(([server, reals]) => [server, ...reals])).toEqual([
      ['-t 10.96.0.10:80', ['10.244.0.2:8080', 5]], ['-u [fd00:96::1]:53', ['[fd00::a]:8053', 4]],
      ['-f 1258291202 -6', ['[fd00::1]:8080', 0]], ['-f 1258291201', ['10.244.0.2:8080', 7]],
    ])
  })

  test('a state is itself, and no other', () => {
    const one = stateOf(aRoute())
    expect(sameState(one, stateOf(aRoute()))).toBe(true)
    expect(sameState(one, stateOf(aRoute({ internal: [b] })))).toBe(false)
    expect(sameState(one, { ...one, addresses: new Set() })).toBe(false)
    expect(sameState(one, { ...one, sets: new Map([...one.sets].slice(1)) })).toBe(false)
  })
})
