import { describe, expect, test } from 'vitest'
import { aRoute } from '../testing/objects.ts'
import type { Route } from '../table.ts'
import { plan } from './plan.ts'

const a = { ip: '10.244.0.2', port: 8080 }
const b = { ip: '10.244.1.2', port: 8080 }
const planned = (routes: readonly Route[], over: Partial<Parameters<typeof plan>[1]> = {}) => {
  const { servers, sets, addresses } = plan(routes, { family: 'ipv4', scheduler: 'rr', ownIPs: new Set(['192.0.2.1']), nodePortIPs: ['192.0.2.1', '10.244.0.1'], ...over })
  return {
    addresses: [...addresses],
    servers: Object.fromEntries([...servers].map(([server, { options, reals }]) => [server, `${options} → ${[...reals.keys()].join(' ')}`.trim()])),
    sets: Object.fromEntries([...sets].filter(([, members]) => members.size).map(([name, members]) => [name, [...members]])),
  }
}

test('a cluster IP is an address, a virtual server, and a member of the sets that rules ask', () => {
  expect(planned([aRoute({ internal: [a, b] })])).toEqual({
    addresses: ['10.96.0.10'],
    servers: { '-t 10.96.0.10:80': '-s rr → 10.244.0.2:8080 10.244.1.2:8080' },
    sets: {
      'K8TS-VIPS': ['10.96.0.10'], 'K8TS-OURS': ['10.96.0.10,tcp:80'], 'K8TS-CLUSTER': ['10.96.0.10,tcp:80'],
      'K8TS-LOOPBACK': ['10.244.0.2,tcp:8080,10.244.0.2', '10.244.1.2,tcp:8080,10.244.1.2'],
    },
  })
})

test('the same in IPv6, in the words in which the tools show it', () => {
  const v6 = aRoute({ family: 'ipv6', protocol: 'UDP', port: 53, clusterIP: 'FD00:96:0::A', internal: [{ ip: 'fd00:244:0::2', port: 8053 }], external: [], insiders: [] })
  const { servers, sets } = planned([v6, aRoute()], { family: 'ipv6', scheduler: 'wlc', nodePortIPs: [] })
  expect(servers).toEqual({ '-u [fd00:96::a]:53': '-s wlc → [fd00:244::2]:8053' })
  expect(sets['K8TS6-LOOPBACK']).toEqual(['fd00:244::2,udp:8053,fd00:244::2'])
})

describe('where there is no endpoint', () => {
  test('callers are refused; the virtual server is there for connections that outlive their endpoint', () => {
    const { servers, sets } = planned([aRoute({ internal: [], external: [], insiders: [], nodePort: 30_080 })])
    expect(servers).toEqual({ '-t 10.96.0.10:80': '-s rr →', '-t 192.0.2.1:30080': '-s rr →', '-t 10.244.0.1:30080': '-s rr →' })
    expect(sets['K8TS-REFUSED']).toEqual(['10.96.0.10,tcp:80', '192.0.2.1,tcp:30080', '10.244.0.1,tcp:30080'])
  })

  test('silence is not a virtual server\'s to give', () => {
    const { servers, sets } = planned([aRoute({ internal: [], dropInternal: true })])
    expect(servers).toEqual({})
    expect(sets).toMatchObject({ 'K8TS-DROPPED': ['10.96.0.10,tcp:80'], 'K8TS-OURS': ['10.96.0.10,tcp:80'] })
  })
})

describe('addresses outside', () => {
  test('are masqueraded under policy Cluster', () => {
    const { servers, sets } = planned([aRoute({ externalIPs: ['198.51.100.1'], loadBalancerIPs: ['198.51.100.2'], nodePort: 30_080 })], { nodePortIPs: ['192.0.2.1'] })
    expect(Object.keys(servers)).toEqual(['-t 10.96.0.10:80', '-t 198.51.100.1:80', '-t 198.51.100.2:80', '-t 192.0.2.1:30080'])
    expect(sets['K8TS-MASQUERADE']).toEqual(['198.51.100.1,tcp:80', '198.51.100.2,tcp:80', '192.0.2.1,tcp:30080'])
    expect(sets['K8TS-INSIDERS']).toBeUndefined()
  })

  test('policy Local: callers inside have a virtual server of their own, by mark', () => {
    const { servers, sets } = planned([aRoute({ loadBalancerIPs: ['198.51.100.2'], internal: [a, b], external: [a], insiders: [a, b], masqueradeExternal: false })])
    const [, mark] = /skbmark (0x[0-9a-f]+)$/.exec(sets['K8TS-INSIDERS']![0]!)!
    expect(Number(mark) & 0xc000).toBe(0)
    expect(sets['K8TS-INSIDERS']).toEqual([`198.51.100.2,tcp:80 skbmark ${mark}`])
    expect(servers).toMatchObject({ '-t 198.51.100.2:80': '-s rr → 10.244.0.2:8080', [`-f ${Number(mark)}`]: '-s rr → 10.244.0.2:8080 10.244.1.2:8080' })
    expect(sets['K8TS-MASQUERADE']).toBeUndefined()
  })

  test('source ranges fence the load balancer and nothing else', () => {
    const { sets } = planned([aRoute({ externalIPs: ['198.51.100.1'], loadBalancerIPs: ['198.51.100.2'], loadBalancerSourceRanges: ['192.0.2.0/24', '203.0.113.7'] })])
    expect(sets).toMatchObject({ 'K8TS-FENCED': ['198.51.100.2,tcp:80'], 'K8TS-SOURCES': ['198.51.100.2,tcp:80,192.0.2.0/24', '198.51.100.2,tcp:80,203.0.113.7'] })
    expect(planned([aRoute({ loadBalancerIPs: ['198.51.100.2'], loadBalancerSourceRanges: ['0.0.0.0/0'] })]).sets['K8TS-FENCED']).toBeUndefined()
  })

  test('one that is the node\'s own stays where it is, and its other ports with it', () => {
    const { addresses, servers, sets } = planned([aRoute({ loadBalancerIPs: ['192.0.2.1'] })])
    expect(addresses).toEqual(['10.96.0.10'])
    expect(sets['K8TS-VIPS']).toEqual(['10.96.0.10'])
    expect(servers['-t 192.0.2.1:80']).toBeDefined()
  })

  test('two claims of one address and port: the first has it', () => {
    const { servers, sets } = planned([
      aRoute({ id: 'default/a:/tcp', externalIPs: ['198.51.100.1'] }),
      aRoute({ id: 'default/b:/tcp', clusterIP: '10.96.0.11', externalIPs: ['198.51.100.1'], external: [b], insiders: [b], masqueradeExternal: false }),
    ])
    expect(servers['-t 198.51.100.1:80']).toBe('-s rr → 10.244.0.2:8080')
    expect(sets['K8TS-MASQUERADE']).toEqual(['198.51.100.1,tcp:80'])
  })
})

test('affinity is persistence', () => {
  expect(planned([aRoute({ affinitySeconds: 10_800 })]).servers['-t 10.96.0.10:80']).toBe('-s rr -p 10800 → 10.244.0.2:8080')
})
