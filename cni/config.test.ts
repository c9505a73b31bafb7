import { describe, expect, test } from 'vitest'
import { parseConfig } from './config.ts'
import { parseArgs } from './plugin.ts'
import { appendResult, decodeResult, encodeResult } from './result.ts'
import { code, CniError } from './spec.ts'
import { decodeRequest } from './wire.ts'

const plain = { cniVersion: '1.0.0', name: 'k8ts', type: 'k8ts', subnets: ['10.244.1.0/24'] }
const refusal = (work: () => unknown): number | 'accepted' => {
  try {
    work()
    return 'accepted'
  } catch (error) {
    return (error as CniError).code
  }
}

describe('the network configuration', () => {
  test('has defaults', () => {
    expect(parseConfig(plain)).toMatchObject({ version: '1.0.0', name: 'k8ts', bridge: 'k8ts0', ipMasq: true, hairpin: true, dataDir: '/var/lib/k8ts/cni', portMappings: [], clusterCIDRs: [] })
    expect(parseConfig({ ...plain, subnets: undefined, subnet: '10.0.0.0/24' }).subnets.map(subnet => subnet.cidr)).toEqual(['10.0.0.0/24'])
    expect(parseConfig({ ...plain, 'cni.dev/something': 1, args: {}, capabilities: {} }).name).toBe('k8ts')
  })
  test('port mappings: those without a host port ask for nothing, 0.0.0.0 is everywhere', () => {
    const portMappings = [{ hostPort: 0, containerPort: 1 }, { HostPort: 80, ContainerPort: 8080, Protocol: 'UDP', HostIP: '0.0.0.0' }, { hostPort: 81, containerPort: 81, hostIP: '192.0.2.1' }]
    expect(parseConfig({ ...plain, runtimeConfig: { portMappings } }).portMappings).toEqual([
      { hostPort: 80, containerPort: 8080, protocol: 'udp' }, { hostPort: 81, containerPort: 81, protocol: 'tcp', hostIP: '192.0.2.1' },
    ])
  })
  test.each<[string, Record<string, unknown>, number]>([
    ['no version', { cniVersion: undefined }, code.incompatibleVersion],
    ['an unknown version', { cniVersion: '2.0.0' }, code.incompatibleVersion],
    ['a version of another age', { cniVersion: '0.0.1' }, code.incompatibleVersion],
    ['a version of the wrong type', { cniVersion: 1 }, code.incompatibleVersion],
    ['an unknown field', { vlan: 5 }, code.unsupportedField],
    ['somebody else’s address management', { ipam: { type: 'host-local' } }, code.unsupportedField],
    ['no name', { name: undefined }, code.invalidConfig],
    ['a name that leads elsewhere', { name: '../../etc/passwd' }, code.invalidConfig],
    ['a name with a rule in it', { name: 'a; drop' }, code.invalidConfig],
    ['a bridge name too long', { bridge: 'a-bridge-name-too-long' }, code.invalidConfig],
    ['a bridge name with a slash', { bridge: 'a/b' }, code.invalidConfig],
    ['no CIDR', { subnets: ['10.0.0.0'] }, code.invalidConfig],
    ['two subnets of one family', { subnets: ['10.0.0.0/24', '10.0.1.0/24'] }, code.invalidConfig],
    ['subnets of the wrong type', { subnets: '10.0.0.0/24' }, code.invalidConfig],
    ['an MTU too small', { mtu: 12 }, code.invalidConfig],
    ['masquerade as text', { ipMasq: 'yes' }, code.invalidConfig],
    ['a data directory that leads elsewhere', { dataDir: '/var/../etc' }, code.invalidConfig],
    ['a host port out of range', { runtimeConfig: { portMappings: [{ hostPort: 65536, containerPort: 1 }] } }, code.invalidConfig],
    ['no container port', { runtimeConfig: { portMappings: [{ hostPort: 1 }] } }, code.invalidConfig],
    ['a host address that is a rule', { runtimeConfig: { portMappings: [{ hostPort: 1, containerPort: 1, hostIP: '1.2.3.4; drop' }] } }, code.invalidConfig],
    ['a host port on loopback', { runtimeConfig: { portMappings: [{ hostPort: 1, containerPort: 1, hostIP: '127.0.0.1' }] } }, code.invalidConfig],
    ['an unknown protocol', { runtimeConfig: { portMappings: [{ hostPort: 1, containerPort: 1, protocol: 'icmp' }] } }, code.invalidConfig],
    ['port mappings that are none', { runtimeConfig: { portMappings: [null] } }, code.invalidConfig],
    ['attachments that are none', { 'cni.dev/valid-attachments': [{}] }, code.invalidConfig],
  ])('refuses %s', (_, more, want) => expect(refusal(() => parseConfig({ ...plain, ...more }))).toBe(want))
})

describe('CNI_ARGS', () => {
  test('are pairs', () => expect(Object.fromEntries(parseArgs('IgnoreUnknown=1;K8S_POD_NAME=a;X=y'))).toEqual({ IgnoreUnknown: '1', K8S_POD_NAME: 'a', X: 'y' }))
  test.each(['X=y', 'X', 'K8S_POD_NAME=a=b', ';', '=x'])('%j is refused', args => expect(refusal(() => parseArgs(args))).toBe(code.invalidEnvironment))
})

describe('results', () => {
  const result = { interfaces: [{ name: 'eth0', mtu: 1400 }], ips: [{ address: '10.0.0.2/24', interface: 0 }], routes: [], dns: {} }
  test.each([
    ['0.3.0', '{"cniVersion":"0.3.0","interfaces":[{"name":"eth0"}],"ips":[{"version":"4","address":"10.0.0.2/24","interface":0}],"routes":[],"dns":{}}'],
    ['1.0.0', '{"cniVersion":"1.0.0","interfaces":[{"name":"eth0"}],"ips":[{"address":"10.0.0.2/24","interface":0}],"routes":[],"dns":{}}'],
    ['1.1.0', '{"cniVersion":"1.1.0","interfaces":[{"name":"eth0","mtu":1400}],"ips":[{"address":"10.0.0.2/24","interface":0}],"routes":[],"dns":{}}'],
  ] as const)('in version %s', (version, want) => {
    expect(encodeResult(result, version)).toBe(want)
    expect(decodeResult(JSON.parse(want))!.ips).toEqual(result.ips)
  })
  test('of the oldest versions have one address of each family', () => {
    const both = { interfaces: [{ name: 'eth0' }], ips: ['10.0.0.2/24', 'fd00::2/64', '10.0.0.3/24'].map(address => ({ address, gateway: address.replace(/[23]\/\d+/, '1') })), routes: [{ dst: '0.0.0.0/0', gw: '10.0.0.1' }, { dst: '::/0' }], dns: {} }
    const want = '"ip4":{"ip":"10.0.0.2/24","gateway":"10.0.0.1","routes":[{"dst":"0.0.0.0/0","gw":"10.0.0.1"}]},"ip6":{"ip":"fd00::2/64","gateway":"fd00::1","routes":[{"dst":"::/0"}]},"dns":{}}'
    expect(encodeResult(both, '0.2.0')).toBe(`{"cniVersion":"0.2.0",${want}`)
    expect(encodeResult(both, '0.1.0')).toBe(`{"cniVersion":"0.1.0",${want}`)
    expect(decodeResult(JSON.parse(encodeResult(both, '0.2.0')))).toEqual({ interfaces: [], ips: [{ address: '10.0.0.2/24', gateway: '10.0.0.1' }, { address: 'fd00::2/64', gateway: 'fd00::1' }], routes: both.routes, dns: {} })
    expect(encodeResult({ ...both, ips: [], routes: [] }, '0.2.0')).toBe('{"cniVersion":"0.2.0","dns":{}}')
  })
  test('follow those of the plugin before', () => {
    const chained = appendResult(decodeResult({ cniVersion: '0.4.0', interfaces: [{ name: 'a' }, { name: 'b' }], ips: [{ version: '4', address: '10.1.0.1/24', interface: 1 }] }), result)
    expect(chained.ips).toEqual([{ address: '10.1.0.1/24', interface: 1 }, { address: '10.0.0.2/24', interface: 2 }])
    expect(chained.interfaces.map(link => link.name)).toEqual(['a', 'b', 'eth0'])
  })
  test.each([[{ ips: 'x' }], [{ interfaces: [null] }], [{ ips: [{}] }], ['x'], [[]], [{ ip4: 'x' }], [{ ip4: { ip: '10.0.0.1/24', routes: {} } }]])('%j is none', value => expect(refusal(() => decodeResult(value))).toBe(code.decodingFailure))
})

describe('a call on the socket', () => {
  test('is read by the lengths of its variables', () => {
    expect(decodeRequest(Buffer.from('k8ts-cni/1 3 2 0 4 3 0\nADDc1eth0a\nb{"x":1}'))).toEqual({ command: 'ADD', containerID: 'c1', netns: '', ifname: 'eth0', args: 'a\nb', path: '', input: '{"x":1}' })
  })
  test.each(['', 'GET / HTTP/1.1\n', 'k8ts-cni/2 0 0 0 0 0 0\n', 'k8ts-cni/1 0 0\n', 'k8ts-cni/1 99 0 0 0 0 0\nx', 'k8ts-cni/1 -1 0 0 0 0 0\n', 'k8ts-cni/1 0 0 0 0 0 0'])('%j is none', text => {
    expect(decodeRequest(Buffer.from(text))).toBeUndefined()
  })
})
