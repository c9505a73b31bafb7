import { describe, expect, test } from 'vitest'
import { rcodes, types } from '../message.ts'
import { nameText } from '../names.ts'
import { exampleCluster, exampleZones, service, slice } from '../testing/cluster.ts'
import { question, recordText } from '../testing/text.ts'
import { answerFromCluster } from './answer.ts'

const cluster = exampleCluster()
const soa = expect.stringMatching(/^cluster\.local\. 5 SOA ns\.dns\.cluster\.local\. hostmaster\.cluster\.local\. \d+ 7200 1800 86400 5$/) as string
const rcodeName = (code: number) => Object.entries(rcodes).find(([, number]) => number === code)![0]

function ask(name: string, type: keyof typeof types, { chance = 0, of = cluster } = {}) {
  const found = answerFromCluster(question(name, type), of, exampleZones, chance)
  if (!found) return undefined
  return {
    rcode: rcodeName(found.rcode), aa: found.authoritative, follow: found.follow && nameText(found.follow),
    answers: found.answers.map(recordText), authority: found.authority.map(recordText), additional: found.additional.map(recordText),
  }
}

const svc = 'testns.svc.cluster.local'

/** Name, type, then what stands in the answer; `also`: in the additional section. */
const found: readonly [name: string, type: keyof typeof types, answers: readonly string[], also?: readonly string[]][] = [
  // Specification 2.2
  ['dns-version.cluster.local', 'TXT', ['dns-version.cluster.local. 28800 TXT "1.1.0"']],
  // 2.3: Services with cluster IP
  [`svc1.${svc}`, 'A', [`svc1.${svc}. 5 A 10.0.0.1`]],
  [`SVC1.TestNS.svc.Cluster.local`, 'A', [`svc1.${svc}. 5 A 10.0.0.1`]],
  [`svcempty.${svc}`, 'A', [`svcempty.${svc}. 5 A 10.0.0.9`]],
  [`svc6.${svc}`, 'AAAA', [`svc6.${svc}. 5 AAAA 1234:abcd::1`]],
  [`svc-dual-stack.${svc}`, 'A', [`svc-dual-stack.${svc}. 5 A 10.0.0.3`]],
  [`svc-dual-stack.${svc}`, 'AAAA', [`svc-dual-stack.${svc}. 5 AAAA 10::3`]],
  [`_http._tcp.svc1.${svc}`, 'SRV', [`_http._tcp.svc1.${svc}. 5 SRV 0 100 80 svc1.${svc}.`], [`svc1.${svc}. 5 A 10.0.0.1`]],
  [`_http._tcp.svc6.${svc}`, 'SRV', [`_http._tcp.svc6.${svc}. 5 SRV 0 100 80 svc6.${svc}.`], [`svc6.${svc}. 5 AAAA 1234:abcd::1`]],
  [`svc1.${svc}`, 'SRV', [`svc1.${svc}. 5 SRV 0 100 80 svc1.${svc}.`], [`svc1.${svc}. 5 A 10.0.0.1`]],
  [`unnamed.${svc}`, 'SRV', [`unnamed.${svc}. 5 SRV 0 100 443 unnamed.${svc}.`], [`unnamed.${svc}. 5 A 10.0.0.4`]],
  [`svc-dual-stack.${svc}`, 'SRV', [`svc-dual-stack.${svc}. 5 SRV 0 100 80 svc-dual-stack.${svc}.`], [`svc-dual-stack.${svc}. 5 A 10.0.0.3`, `svc-dual-stack.${svc}. 5 AAAA 10::3`]],
  ['1.0.0.10.in-addr.arpa', 'PTR', [`1.0.0.10.in-addr.arpa. 5 PTR svc1.${svc}.`]],
  ['1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.c.b.a.4.3.2.1.ip6.arpa', 'PTR', [`1.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.0.d.c.b.a.4.3.2.1.ip6.arpa. 5 PTR svc6.${svc}.`]],
  // 2.4: headless Services
  [`hdls1.${svc}`, 'A', ['2', '3', '4', '5'].map((last) => `hdls1.${svc}. 5 A 172.0.0.${last}`)],
  [`hdls1.${svc}`, 'AAAA', ['1', '2'].map((last) => `hdls1.${svc}. 5 AAAA 5678:abcd::${last}`)],
  [`hdlsprtls.${svc}`, 'A', [`hdlsprtls.${svc}. 5 A 172.0.0.20`]],
  [`172-0-0-2.hdls1.${svc}`, 'A', [`172-0-0-2.hdls1.${svc}. 5 A 172.0.0.2`]],
  [`172-0-0-20.hdlsprtls.${svc}`, 'A', [`172-0-0-20.hdlsprtls.${svc}. 5 A 172.0.0.20`]],
  [`5678-abcd--2.hdls1.${svc}`, 'AAAA', [`5678-abcd--2.hdls1.${svc}. 5 AAAA 5678:abcd::2`]],
  [`dup-name.hdls1.${svc}`, 'A', ['4', '5'].map((last) => `dup-name.hdls1.${svc}. 5 A 172.0.0.${last}`)],
  // Endpoints of other Services have names too, as CoreDNS has it.
  [`ep1a.svc1.${svc}`, 'A', [`ep1a.svc1.${svc}. 5 A 172.0.0.1`]],
  [`_http._tcp.hdls1.${svc}`, 'SRV',
    ['172-0-0-2', '172-0-0-3', 'dup-name', '5678-abcd--1', '5678-abcd--2'].map((host) => `_http._tcp.hdls1.${svc}. 5 SRV 0 20 80 ${host}.hdls1.${svc}.`),
    [`172-0-0-2.hdls1.${svc}. 5 A 172.0.0.2`, `172-0-0-3.hdls1.${svc}. 5 A 172.0.0.3`, `dup-name.hdls1.${svc}. 5 A 172.0.0.4`, `dup-name.hdls1.${svc}. 5 A 172.0.0.5`,
      `5678-abcd--1.hdls1.${svc}. 5 AAAA 5678:abcd::1`, `5678-abcd--2.hdls1.${svc}. 5 AAAA 5678:abcd::2`]],
  ['4.0.0.172.in-addr.arpa', 'PTR', [`4.0.0.172.in-addr.arpa. 5 PTR dup-name.hdls1.${svc}.`]],
  ['1.0.0.172.in-addr.arpa', 'PTR', [`1.0.0.172.in-addr.arpa. 5 PTR ep1a.svc1.${svc}.`]],
  // 2.5: names of others
  [`external.${svc}`, 'CNAME', [`external.${svc}. 5 CNAME ext.interwebs.test.`]],
  [`external-to-service.${svc}`, 'A', [`external-to-service.${svc}. 5 CNAME svc1.${svc}.`, `svc1.${svc}. 5 A 10.0.0.1`]],
  [`external-to-service.${svc}`, 'CNAME', [`external-to-service.${svc}. 5 CNAME svc1.${svc}.`]],
  [`ring1.${svc}`, 'A', [`ring1.${svc}. 5 CNAME ring2.${svc}.`, `ring2.${svc}. 5 CNAME ring1.${svc}.`]],
  // Pods, by the arithmetic of the name
  ['10-240-0-1.podns.pod.cluster.local', 'A', ['10-240-0-1.podns.pod.cluster.local. 5 A 10.240.0.1']],
  ['172-0-0-2.podns.pod.cluster.local', 'A', ['172-0-0-2.podns.pod.cluster.local. 5 A 172.0.0.2']],
  ['fd00--1-5.podns.pod.cluster.local', 'AAAA', ['fd00--1-5.podns.pod.cluster.local. 5 AAAA fd00::1:5']],
  // The zone itself
  ['cluster.local', 'NS', ['cluster.local. 5 NS ns.dns.cluster.local.'], ['ns.dns.cluster.local. 5 A 10.0.0.10', 'ns.dns.cluster.local. 5 AAAA fd00:1::a']],
  ['ns.dns.cluster.local', 'A', ['ns.dns.cluster.local. 5 A 10.0.0.10']],
  ['0.10.in-addr.arpa', 'NS', ['0.10.in-addr.arpa. 5 NS ns.dns.0.10.in-addr.arpa.']],
  // RFC 8482
  [`svc1.${svc}`, 'ANY', [`svc1.${svc}. 3600 HINFO "RFC8482\\u0000"`]],
  [`external.${svc}`, 'ANY', [`external.${svc}. 5 CNAME ext.interwebs.test.`]],
]

test.each(found)('%s %s is there', (name, type, answers, also = []) => {
  expect(ask(name, type)).toEqual({ rcode: 'NOERROR', aa: true, follow: undefined, answers, authority: [], additional: also })
})

test('the zone has its SOA', () => {
  expect(ask('cluster.local', 'SOA')).toMatchObject({ rcode: 'NOERROR', answers: [soa], authority: [] })
})

test.each([
  [`svc1.${svc}`, 'AAAA'], [`svc6.${svc}`, 'A'], [`svc1.${svc}`, 'TXT'], [`svc1.${svc}`, 'SOA'], [`svc1.${svc}`, 'NS'], [`svc1.${svc}`, 'PTR'], [`svc1.${svc}`, 'CNAME'],
  [`hdlsprtls.${svc}`, 'AAAA'], [`hdlsprtls.${svc}`, 'SRV'], [`_http._tcp.svc1.${svc}`, 'A'], [`dup-name.hdls1.${svc}`, 'AAAA'],
  ['svc.cluster.local', 'A'], ['svc.cluster.local', 'NS'], ['pod.cluster.local', 'A'], [svc, 'A'], [svc, 'NS'], ['podns.pod.cluster.local', 'A'], ['dns.cluster.local', 'A'],
  ['cluster.local', 'A'], ['cluster.local', 'AAAA'], ['cluster.local', 'SRV'], ['cluster.local', 'HINFO'], ['dns-version.cluster.local', 'A'],
  // Only deeper names have records: there is something below.
  [`_tcp.svc1.${svc}`, 'A'], [`_tcp.hdls1.${svc}`, 'SRV'],
  ['10-240-0-1.podns.pod.cluster.local', 'AAAA'],
] as const)('%s has no %s, but exists', (name, type) => {
  expect(ask(name, type)).toEqual({ rcode: 'NOERROR', aa: true, follow: undefined, answers: [], authority: [soa], additional: [] })
})

test.each([
  [`svc0.${svc}`, 'A'], [`svc0.${svc}`, 'AAAA'], [`svc0.${svc}`, 'SRV'], [`svc0.${svc}`, 'ANY'], ['svc0.svc-nons.svc.cluster.local', 'A'], ['svc0.svc-nons.svc.cluster.local', 'TXT'],
  [`bogusendpoint.hdls1.${svc}`, 'A'], [`bogusendpoint.svc0.${svc}`, 'A'], [`172-0-0-99.hdls1.${svc}`, 'A'],
  ['foo.cluster.local', 'NS'], ['foo.svc.cluster.local', 'NS'], ['foo.pod.cluster.local', 'A'],
  [`_https._tcp.svc1.${svc}`, 'SRV'], [`_http._udp.svc1.${svc}`, 'SRV'], [`_udp.svc1.${svc}`, 'A'], [`__._tcp.unnamed.${svc}`, 'SRV'], [`http.tcp.svc1.${svc}`, 'A'],
  [`a._http._tcp.svc1.${svc}`, 'SRV'], [`a.ep1a.svc1.${svc}`, 'A'],
  // Without a ready endpoint a headless Service does not exist (2.4.1).
  [`hdlsnone.${svc}`, 'A'], [`_http._tcp.hdlsnone.${svc}`, 'SRV'],
  // Nothing stands below the name of others, and an address is no name.
  [`endpoint.external.${svc}`, 'CNAME'], [`subdomain.subdomain.external.${svc}`, 'CNAME'], [`_http._tcp.external.${svc}`, 'SRV'], [`external-address.${svc}`, 'A'],
  ['blah.podns.pod.cluster.local', 'A'], ['blah.podns.pod.cluster.local', 'HINFO'], ['10-240-0-1.pod-nons.pod.cluster.local', 'A'], ['a.10-240-0-1.podns.pod.cluster.local', 'A'],
  ['256-1-1-1.podns.pod.cluster.local', 'A'], ['127-0-0-1.podns.pod.cluster.local', 'A'], ['8-8-8-8.podns.pod.cluster.local', 'A'],
  ['example.org.cluster.local', 'PTR'], ['100.0.0.10.cluster.local', 'PTR'], ['a.dns-version.cluster.local', 'TXT'], ['a.ns.dns.cluster.local', 'A'],
] as const)('%s %s does not exist', (name, type) => {
  expect(ask(name, type)).toEqual({ rcode: 'NXDOMAIN', aa: true, follow: undefined, answers: [], authority: [soa], additional: [] })
})

test.each(['example.com', 'local', 'xcluster.local', 'cluster.local.example.com', '', '8.8.8.8.in-addr.arpa', '1.in-addr.arpa', '1.1.1.1.1.in-addr.arpa', 'x.in-addr.arpa'])('%j is not ours', (name) => {
  expect(ask(name, 'A')).toBeUndefined()
})

test('a label that holds the bytes of our zone is not in our zone', () => {
  const key = `\x0f\x07cluster\x05local\x00\0`
  expect(answerFromCluster({ name: key, key, type: types.A, class: 1 }, cluster, exampleZones, 0)).toBeUndefined()
})

test('a name of others is followed by whoever can', () => {
  expect(ask(`external.${svc}`, 'A')).toMatchObject({ rcode: 'NOERROR', answers: [`external.${svc}. 5 CNAME ext.interwebs.test.`], follow: 'ext.interwebs.test.' })
})

test('a CNAME to what does not exist says so (RFC 6604)', () => {
  expect(ask(`external-to-nothing.${svc}`, 'A')).toMatchObject({ rcode: 'NXDOMAIN', answers: [`external-to-nothing.${svc}. 5 CNAME nothing.${svc}.`], authority: [soa] })
})

describe('addresses', () => {
  test('of the cluster’s networks have no names elsewhere', () => {
    expect(ask('7.0.0.10.in-addr.arpa', 'PTR')).toMatchObject({ rcode: 'NXDOMAIN', authority: [expect.stringMatching(/^0\.10\.in-addr\.arpa\. 5 SOA/)] })
    expect(ask('0.0.10.in-addr.arpa', 'PTR')).toMatchObject({ rcode: 'NOERROR', answers: [], authority: [expect.stringMatching(/^0\.10\.in-addr\.arpa\. 5 SOA/)] })
  })

  test('of a network that ends within a byte belong to the zone of that byte', () => {
    expect(ask('7.7.15.172.in-addr.arpa', 'PTR')).toBeUndefined()
    expect(ask('7.15.0.172.in-addr.arpa', 'PTR')).toMatchObject({ rcode: 'NXDOMAIN', authority: [expect.stringMatching(/^15\.0\.172\.in-addr\.arpa\. 5 SOA/)] })
    expect(ask('7.16.0.172.in-addr.arpa', 'PTR')).toBeUndefined()
  })

  test('elsewhere are ours when we know them', () => {
    const own = exampleCluster()
    own.setSlice(slice('testns/svc1-2', 'svc1', ['203.0.113.7']))
    expect(ask('7.113.0.203.in-addr.arpa', 'PTR', { of: own })).toMatchObject({ answers: [`7.113.0.203.in-addr.arpa. 5 PTR 203-0-113-7.svc1.${svc}.`] })
    expect(ask('8.113.0.203.in-addr.arpa', 'PTR', { of: own })).toBeUndefined()
  })

  test('of an endpoint of two Services have two names', () => {
    const own = exampleCluster()
    own.setSlice(slice('testns/hdlsprtls-2', 'hdlsprtls', [{ addresses: ['172.0.0.1'], hostname: 'ep1a' }]))
    expect(ask('1.0.0.172.in-addr.arpa', 'PTR', { of: own })?.answers).toEqual([`1.0.0.172.in-addr.arpa. 5 PTR ep1a.svc1.${svc}.`, `1.0.0.172.in-addr.arpa. 5 PTR ep1a.hdlsprtls.${svc}.`])
  })

  test('come in turn', () => {
    const first = [0, 0.26, 0.51, 0.76, 0.999].map((chance) => ask(`hdls1.${svc}`, 'A', { chance })!.answers)
    expect(first.map(([line]) => line!.at(-1))).toEqual(['2', '3', '4', '5', '5'])
    for (const each of first) expect([...each].sort()).toEqual(first[0])
  })
})

describe('while objects are still missing', () => {
  const half = exampleCluster()
  half.complete = false

  test('what is there is answered', () => {
    expect(ask(`svc1.${svc}`, 'A', { of: half })).toMatchObject({ rcode: 'NOERROR', answers: [`svc1.${svc}. 5 A 10.0.0.1`] })
  })

  test.each([`svc0.${svc}`, '7.0.0.10.in-addr.arpa'])('of what is not, nothing is said: %s', (name) => {
    expect(ask(name, 'PTR', { of: half })).toMatchObject({ rcode: 'SERVFAIL', authority: [] })
  })
})

describe('changes', () => {
  test('of a Service, its slices and namespaces are seen at once', () => {
    const own = exampleCluster()
    const serial = own.serial
    const a = (name: string) => ask(`${name}.${svc}`, 'A', { of: own })
    const last = (name: string) => a(name)?.answers.map((line) => line.split(' ').at(-1))
    expect(last('svc1')).toEqual(['10.0.0.1'])
    own.setService(service('testns/svc1', { clusterIP: '10.0.0.77' }))
    expect(last('svc1')).toEqual(['10.0.0.77'])
    expect(ask('1.0.0.10.in-addr.arpa', 'PTR', { of: own })).toMatchObject({ rcode: 'NXDOMAIN' })
    expect(ask('77.0.0.10.in-addr.arpa', 'PTR', { of: own })).toMatchObject({ rcode: 'NOERROR' })
    own.deleteService(service('testns/svc1', {}))
    expect(a('svc1')).toMatchObject({ rcode: 'NXDOMAIN' })
    expect(ask('77.0.0.10.in-addr.arpa', 'PTR', { of: own })).toMatchObject({ rcode: 'NXDOMAIN' })

    expect(last('hdlsprtls')).toEqual(['172.0.0.20'])
    const moved = slice('testns/hdlsprtls-1', 'hdlsnone', ['172.0.0.21'])
    own.setSlice(moved, slice('testns/hdlsprtls-1', 'hdlsprtls', []))
    expect(a('hdlsprtls')).toMatchObject({ rcode: 'NXDOMAIN' })
    expect(last('hdlsnone')).toEqual(['172.0.0.21'])
    expect(ask('21.0.0.172.in-addr.arpa', 'PTR', { of: own })?.answers).toEqual([`21.0.0.172.in-addr.arpa. 5 PTR 172-0-0-21.hdlsnone.${svc}.`])
    own.deleteSlice(moved)
    expect(a('hdlsnone')).toMatchObject({ rcode: 'NXDOMAIN' })
    expect(ask('21.0.0.172.in-addr.arpa', 'PTR', { of: own })).toMatchObject({ rcode: 'NXDOMAIN' })

    expect(ask('new.svc.cluster.local', 'A', { of: own })).toMatchObject({ rcode: 'NXDOMAIN' })
    own.setNamespace('new')
    expect(ask('new.svc.cluster.local', 'A', { of: own })).toMatchObject({ rcode: 'NOERROR' })
    own.deleteNamespace('new')
    expect(ask('new.svc.cluster.local', 'A', { of: own })).toMatchObject({ rcode: 'NXDOMAIN' })
    expect(own.serial).toBeGreaterThan(serial)
  })

  test('an endpoint in two slices at once stays while one of them goes', () => {
    const own = exampleCluster()
    const second = slice('testns/hdlsprtls-2', 'hdlsprtls', ['172.0.0.20'], [])
    own.setSlice(second)
    own.deleteSlice(second)
    expect(ask('20.0.0.172.in-addr.arpa', 'PTR', { of: own })?.answers).toEqual([`20.0.0.172.in-addr.arpa. 5 PTR 172-0-0-20.hdlsprtls.${svc}.`])
  })

  test('hostile slices and names make no records, and nothing breaks', () => {
    const own = exampleCluster()
    own.setService(service('testns/bad', { clusterIP: 'None', ports: [{ name: 'HTTP', protocol: 'TCP', port: 80 }] }))
    own.setService(service('testns/bad-name', { type: 'ExternalName', externalName: `${'a'.repeat(64)}.example` }))
    own.setSlice(slice('testns/bad-1', 'bad', [{ addresses: ['not an address', '10.1.2.3'], hostname: 'a.b' }, { addresses: ['10.1.2.4'], hostname: 'x'.repeat(64) }, { addresses: ['10.1.2.5'], hostname: 'Fine' }], [{ name: 'HTTP', port: 80, protocol: 'TCP' }]))
    expect(ask(`bad.${svc}`, 'A', { of: own })?.answers).toEqual([`bad.${svc}. 5 A 10.1.2.5`])
    expect(ask(`_http._tcp.bad.${svc}`, 'SRV', { of: own })?.answers).toEqual([`_http._tcp.bad.${svc}. 5 SRV 0 100 80 fine.bad.${svc}.`])
    expect(ask(`bad-name.${svc}`, 'A', { of: own })).toMatchObject({ rcode: 'NXDOMAIN' })
  })
})
