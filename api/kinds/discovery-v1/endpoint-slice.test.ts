import { describe, expect, test } from 'vitest'
import { endpoints } from '../core-v1/endpoints.ts'
import { failures } from '../testing.ts'
import { endpointSlices } from './endpoint-slice.ts'

type Addressed = [family: 'IPv4' | 'IPv6', address: string, refused: string[]]

/** What nobody may make a node send traffic to. */
const hostile: Addressed[] = [
  ['IPv4', '127.0.0.1', ['may not be in the loopback range (127.0.0.0/8, ::1/128)']],
  ['IPv4', '127.99.0.1', ['may not be in the loopback range (127.0.0.0/8, ::1/128)']],
  ['IPv4', '0.0.0.0', ['may not be unspecified (0.0.0.0)']],
  ['IPv4', '169.254.169.254', ['may not be in the link-local range (169.254.0.0/16, fe80::/10)']],
  ['IPv4', '224.0.0.1', ['may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)']],
  ['IPv6', '::1', ['may not be in the loopback range (127.0.0.0/8, ::1/128)']],
  ['IPv6', '0:0:0:0:0:0:0:1', ['may not be in the loopback range (127.0.0.0/8, ::1/128)']],
  ['IPv6', '::', ['may not be unspecified (::)']],
  ['IPv6', 'fe80::1', ['may not be in the link-local range (169.254.0.0/16, fe80::/10)']],
  ['IPv6', 'FEBF::1', ['may not be in the link-local range (169.254.0.0/16, fe80::/10)']],
  ['IPv6', 'ff02::fb', ['may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)']],
]
/** Texts that others may read as another address, or as a command. */
const malformed: Addressed[] = [
  ['IPv4', '010.0.0.1', ['must be a valid IPv4 address']], ['IPv4', '10.0.0.1 accept', ['must be a valid IPv4 address']], ['IPv4', '10.0.0.1\nflush ruleset', ['must be a valid IPv4 address']],
  ['IPv4', '10.0.0.0/8', ['must be a valid IPv4 address']], ['IPv4', '0x7f000001', ['must be a valid IPv4 address']], ['IPv4', '', ['must be a valid IPv4 address']],
  ['IPv6', 'fe80::1%eth0', ['must be a valid IPv6 address']], ['IPv6', '::ffff:127.0.0.1', ['must be a valid IPv6 address']], ['IPv6', '::ffff:10.0.0.1', ['must be a valid IPv6 address']], ['IPv6', '10.0.0.1', ['must be a valid IPv6 address']],
]

describe('an address of a slice', () => {
  const slice = (addressType: string, address: string) => failures(endpointSlices, { addressType, endpoints: [{ addresses: [address] }] })
  test.each(hostile)('%s %j is refused', (family, address, refused) => {
    expect(slice(family, address)).toEqual(refused.map((detail) => `endpoints[0].addresses[0]: Invalid value: ${JSON.stringify(address)}: ${detail}`))
  })
  test.each(malformed)('%s %j is none', (family, address, refused) => {
    expect(slice(family, address)).toEqual(expect.arrayContaining(refused.map((detail) => `endpoints[0].addresses[0]: Invalid value: ${JSON.stringify(address)}: ${detail}`)))
  })
  test.each([['IPv4', '10.0.0.1'], ['IPv4', '8.8.8.8'], ['IPv6', 'fd00::1'], ['IPv6', 'FD00:0::1'], ['FQDN', 'db.example.com'], ['FQDN', 'db.example.com.']])('%s %s is well', (type, address) => expect(slice(type, address)).toEqual([]))
  test.each(['localhost', 'a b.example.com', '-.example.com', 'x;reboot.example.com'])('%j is no name', (name) => expect(slice('FQDN', name)).toHaveLength(1))
})

describe('an address of Endpoints', () => {
  const refusals = (ip: string) => failures(endpoints, { subsets: [{ addresses: [{ ip }], ports: [{ port: 80 }] }] })
  test.each(hostile)('%s %j is refused', (_, ip, refused) => {
    expect(refusals(ip)).toEqual(refused.map((detail) => `subsets[0].addresses[0].ip: Invalid value: ${JSON.stringify(ip)}: ${detail}`))
  })
  test.each(malformed.filter(([family, address]) => family === 'IPv4' || address.includes(':')))('%s %j is none', (_, ip) => expect(refusals(ip)).not.toEqual([]))
})

describe('a slice', () => {
  const crowd = (count: number) => Array.from({ length: count }, (_, i) => ({ addresses: [`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`] }))
  test('has a thousand endpoints at most, of a hundred addresses each', () => {
    expect(failures(endpointSlices, { addressType: 'IPv4', endpoints: crowd(1000) })).toEqual([])
    expect(failures(endpointSlices, { addressType: 'IPv4', endpoints: crowd(1001) })).toEqual(['endpoints: Too many: 1001: must have at most 1000 items'])
    expect(failures(endpointSlices, { addressType: 'IPv4', endpoints: [{ addresses: crowd(100).flatMap(({ addresses }) => addresses) }] })).toEqual([])
    expect(failures(endpointSlices, { addressType: 'IPv4', endpoints: [{ addresses: crowd(101).flatMap(({ addresses }) => addresses) }] })).toEqual(['endpoints[0].addresses: Too many: 101: must have at most 100 items'])
  })

  test('has ports of different names, of protocols there are', () => {
    const ports = (...list: object[]) => failures(endpointSlices, { addressType: 'IPv4', ports: list })
    expect(ports({ name: 'a', port: 80 }, { name: 'b', port: 80 }, { name: 'c', port: 80, protocol: 'SCTP' })).toEqual([])
    expect(ports({ name: 'a', port: 80 }, { name: 'a', port: 81 })).toEqual(['ports[1].name: Duplicate value: "a"'])
    expect(ports({ name: 'a', port: 80, protocol: 'ICMP' })).toEqual(['ports[0].protocol: Unsupported value: "ICMP": supported values: "SCTP", "TCP", "UDP"'])
    expect(ports({ name: '"} drop {"', port: 80 })).toHaveLength(1)
  })

  test('names hosts, nodes and zones by names', () => {
    const endpoint = (more: object) => failures(endpointSlices, { addressType: 'IPv4', endpoints: [{ addresses: ['10.0.0.1'], ...more }] }).map((text) => text.split(':')[0])
    expect(endpoint({ hostname: 'a.b' })).toEqual(['endpoints[0].hostname'])
    expect(endpoint({ nodeName: 'n1\n' })).toEqual(['endpoints[0].nodeName'])
    expect(endpoint({ hints: { forZones: Array.from({ length: 9 }, (_, i) => ({ name: `z${i}` })) } })).toEqual(['endpoints[0].hints.forZones'])
    expect(endpoint({ hints: { forZones: [{ name: 'a b' }], forNodes: [{ name: '..' }] } })).toEqual(['endpoints[0].hints.forZones[0].name', 'endpoints[0].hints.forNodes[0].name'])
  })
})
