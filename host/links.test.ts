import { readFile } from 'node:fs/promises'
import { afterEach, beforeEach, describe, expect, test } from 'vitest'
import { createExec } from './exec.ts'
import { ipBytes, ipText } from './ip-bytes.ts'
import { openIpLinks } from './ip-links.ts'
import type { LinkError, Links, OpenLinks } from './links.ts'
import { openNetlinkLinks } from './netlink/netlink-links.ts'
import { createTestNamespaces, namespacesUnavailable, type TestNamespace } from './testing/namespaces.ts'

const code = (run: Promise<unknown>): Promise<string> => run.then(() => 'ok', error => (error as LinkError).code)
const implementations: readonly (readonly [string, OpenLinks])[] = [['rtnetlink', openNetlinkLinks], ['ip command', openIpLinks({ exec: createExec() })]]

const skip = namespacesUnavailable()
describe.skipIf(skip).each(implementations)(`links by %s${skip ? ` (${skip})` : ''}`, (name, open) => {
  const namespaces = createTestNamespaces(name === 'rtnetlink' ? 'nl' : 'ip')
  let node: TestNamespace
  let pod: TestNamespace
  let links: Links
  let inside: Links
  beforeEach(async () => {
    [node, pod] = [await namespaces.create('node'), await namespaces.create('pod')]
    links = open(node.path)
    inside = open(pod.path)
  })
  afterEach(async () => {
    links.close()
    inside.close()
    await namespaces.close()
  })

  test('works in the namespace it was opened in, and leaves ours alone', async () => {
    expect((await links.list()).map(({ name, loopback, up }) => ({ name, loopback, up }))).toEqual([{ name: 'lo', loopback: true, up: true }])
    await links.addBridge({ name: 'd0', up: true })
    expect((await links.list()).map(link => link.name)).toEqual(['lo', 'd0'])
    expect((await inside.list()).map(link => link.name)).toEqual(['lo'])
    expect(await readFile('/proc/thread-self/net/dev', 'utf8')).not.toContain('d0:')
  })

  test('a veth whose peer is born in the pod, on a bridge', async () => {
    await links.addBridge({ name: 'br0', mac: '0a:58:0a:f4:00:01', mtu: 1400, up: true })
    await links.addVeth({ name: 'v0', mtu: 1400, up: true, master: 'br0', peer: { name: 'eth0', netns: pod.path, mac: '0a:58:0a:f4:00:02' } })
    await inside.set('eth0', { up: true })
    await links.set('v0', { hairpin: true })
    const bridge = await links.get('br0')
    const outer = await links.get('v0')
    const inner = await inside.get('eth0')
    expect(bridge).toMatchObject({ kind: 'bridge', mac: '0a:58:0a:f4:00:01', mtu: 1400, up: true, master: undefined, peer: undefined })
    expect(outer).toMatchObject({ kind: 'veth', up: true, master: bridge!.index, peer: inner!.index })
    expect(inner).toMatchObject({ kind: 'veth', up: true, mac: '0a:58:0a:f4:00:02', mtu: 1400, peer: outer!.index })
    expect(await node.sh('bridge -d link show dev v0')).toContain('hairpin on')
    expect(await code(links.addVeth({ name: 'v1', peer: { name: 'eth0', netns: pod.path } }))).toBe('EEXIST')
    expect(await links.get('v1')).toBeUndefined()
    expect(await links.delete('v0')).toBe(true)
    expect(await links.delete('v0')).toBe(false)
    expect(await inside.get('eth0')).toBeUndefined()
  })

  test('changes a link', async () => {
    await links.addBridge({ name: 'br0' })
    await links.addVeth({ name: 'd0', peer: { name: 'd1' } })
    await links.set('d0', { up: true, mtu: 1234, mac: '02:00:00:00:00:09', master: 'br0' })
    expect(await links.get('d0')).toMatchObject({ up: true, mtu: 1234, mac: '02:00:00:00:00:09', master: (await links.get('br0'))!.index })
    await links.set('d0', { master: null, up: false })
    expect(await links.get('d0')).toMatchObject({ up: false, master: undefined })
    expect(await code(links.set('none', { up: true }))).toBe('ENODEV')
  })

  test('addresses of both families', async () => {
    await links.addBridge({ name: 'd0', up: true })
    await links.addAddress('d0', '10.1.0.1/24')
    await links.addAddress('d0', 'fd00:1::1/64')
    const found = (await links.addresses('d0')).filter(address => address.scope === 'global')
    expect(found).toEqual([
      { dev: 'd0', family: 'IPv4', address: '10.1.0.1', prefix: 24, scope: 'global' },
      { dev: 'd0', family: 'IPv6', address: 'fd00:1::1', prefix: 64, scope: 'global' },
    ])
    expect(await code(links.addAddress('d0', '10.1.0.1/24'))).toBe('EEXIST')
    expect(await code(links.addAddress('none', '10.1.0.1/24'))).toBe('ENODEV')
    expect((await links.addresses()).some(address => address.dev === 'lo' && address.address === '127.0.0.1' && address.scope === 'host')).toBe(true)
    expect(await links.deleteAddress('d0', '10.1.0.1/24')).toBe(true)
    expect(await links.deleteAddress('d0', '10.1.0.1/24')).toBe(false)
  })

  test('routes of both families', async () => {
    await links.addBridge({ name: 'd0', up: true })
    await links.addAddress('d0', '10.1.0.1/24')
    await links.addAddress('d0', 'fd00:1::1/64')
    await links.setRoute({ to: 'default', via: '10.1.0.254', metric: 7 })
    await links.setRoute({ to: '10.9.0.0/16', via: '10.1.0.2', dev: 'd0', src: '10.1.0.1' })
    await links.setRoute({ to: '10.9.0.0/16', via: '10.1.0.3', dev: 'd0' })
    await links.setRoute({ to: '10.8.0.1/32', dev: 'd0' })
    await links.setRoute({ to: 'default', via: 'fd00:1::fe', dev: 'd0' })
    const listed = await links.routes()
    expect(listed.find(route => route.to === '10.9.0.0/16')?.protocol).toBe(3)
    expect(listed.find(route => route.to === '10.1.0.0/24')?.protocol).toBe(2)
    const routes = listed.map(({ protocol: _, ...route }) => route)
    expect(routes).toContainEqual({ family: 'IPv4', to: 'default', via: '10.1.0.254', dev: 'd0', metric: 7 })
    expect(routes).toContainEqual({ family: 'IPv4', to: '10.9.0.0/16', via: '10.1.0.3', dev: 'd0' })
    expect(routes).toContainEqual({ family: 'IPv4', to: '10.8.0.1/32', dev: 'd0' })
    expect(routes).toContainEqual({ family: 'IPv4', to: '10.1.0.0/24', dev: 'd0', src: '10.1.0.1' })
    expect(routes).toContainEqual({ family: 'IPv6', to: 'default', via: 'fd00:1::fe', dev: 'd0', metric: 1024 })
    expect(routes.filter(route => route.to === '10.9.0.0/16')).toHaveLength(1)
    expect(await code(links.setRoute({ to: 'default', via: '192.0.2.1' }))).toBe('ENETUNREACH')
    await links.setRoute({ to: '10.6.0.0/24', via: '10.6.0.0', dev: 'd0', src: '10.1.0.1', onlink: true, protocol: 99 })
    await links.setRoute({ to: 'fd00:6::/64', via: 'fe80::6', dev: 'd0', src: 'fd00:1::1', protocol: 99 })
    const tagged = (await links.routes()).filter(route => route.protocol === 99)
    expect(tagged).toEqual([
      { family: 'IPv4', to: '10.6.0.0/24', via: '10.6.0.0', dev: 'd0', src: '10.1.0.1', onlink: true, protocol: 99 },
      { family: 'IPv6', to: 'fd00:6::/64', via: 'fe80::6', dev: 'd0', src: 'fd00:1::1', metric: 1024, protocol: 99 },
    ])
    for (const route of tagged) expect(await links.deleteRoute(route)).toBe(true)
    expect(await links.deleteRoute({ to: '10.9.0.0/16' })).toBe(true)
    expect(await links.deleteRoute({ to: '10.9.0.0/16' })).toBe(false)
    expect(await links.deleteRoute({ to: '10.9.0.0/16', dev: 'none' })).toBe(false)
  })

  test('lists every next hop of a route', async () => {
    await links.addBridge({ name: 'd0', up: true })
    await links.addAddress('d0', '10.1.0.1/24')
    await node.sh('ip route add 10.7.0.0/16 nexthop via 10.1.0.2 nexthop via 10.1.0.3')
    expect((await links.routes()).filter(route => route.to === '10.7.0.0/16').map(route => route.via)).toEqual(['10.1.0.2', '10.1.0.3'])
  })

  test('neighbours', async () => {
    await links.addBridge({ name: 'd0', up: true })
    await links.addAddress('d0', '10.1.0.1/24')
    await links.setNeighbour({ dev: 'd0', address: '10.1.0.2', mac: '02:00:00:00:00:02' })
    await links.setNeighbour({ dev: 'd0', address: '10.1.0.2', mac: '02:00:00:00:00:03' })
    expect(await links.neighbours('d0')).toContainEqual({ dev: 'd0', address: '10.1.0.2', mac: '02:00:00:00:00:03', permanent: true })
    expect(await links.deleteNeighbour({ dev: 'd0', address: '10.1.0.2' })).toBe(true)
    expect((await links.neighbours('d0')).filter(neighbour => neighbour.permanent && neighbour.address === '10.1.0.2')).toEqual([])
    expect(await links.deleteNeighbour({ dev: 'none', address: '10.1.0.2' })).toBe(false)
  })

  test.each([['IPv4', '192.0.2.1', '192.0.2.2', 'fd00::2'], ['IPv6', 'fd00::1', 'fd00::2', '192.0.2.2']] as const)('vxlan over %s, and what is behind which host', async (underlay, host, moved, other) => {
    await links.addVxlan({ name: 'vx0', vni: 244, port: 8472, learning: false, underlay, mac: '0a:58:0a:f4:01:00', mtu: 1400, up: true })
    expect(await links.get('vx0')).toMatchObject({ kind: 'vxlan', mtu: 1400, mac: '0a:58:0a:f4:01:00', up: true, vxlan: { vni: 244, port: 8472, learning: false } })
    expect((await links.list()).find(link => link.name === 'vx0')?.vxlan).toEqual({ vni: 244, port: 8472, learning: false })
    expect(await code(links.addVxlan({ name: 'vx1', vni: 244, port: 8472, learning: false, underlay }))).toBe('EEXIST')
    const mac = '0a:58:0a:f4:02:00'
    await links.setForwarding({ dev: 'vx0', mac, host })
    await links.setForwarding({ dev: 'vx0', mac, host: moved })
    expect(await links.forwarding('vx0')).toEqual([{ dev: 'vx0', mac, host: moved }])
    expect(await code(links.setForwarding({ dev: 'vx0', mac, host: other }))).toBe('EAFNOSUPPORT')
    expect(await links.deleteForwarding({ dev: 'vx0', mac, host: moved })).toBe(true)
    expect(await links.deleteForwarding({ dev: 'vx0', mac, host: moved })).toBe(false)
    expect(await links.deleteForwarding({ dev: 'none', mac, host: moved })).toBe(false)
    expect(await links.forwarding('vx0')).toEqual([])
    expect(await links.forwarding('none')).toEqual([])
    expect(await links.delete('vx0')).toBe(true)
  })

  test('bad names and namespaces are refused, and nothing is made', async () => {
    expect(await code(links.addBridge({ name: 'a-name-that-is-too-long' }))).toBe('EINVAL')
    expect(await code(links.addBridge({ name: '../etc' }))).toBe('EINVAL')
    expect(await code(links.addVeth({ name: 'v0', peer: { name: 'eth0', netns: '/nonexistent/netns' } }))).not.toBe('ok')
    expect((await links.list()).map(link => link.name)).toEqual(['lo'])
  })

  test('many at once', async () => {
    await links.addBridge({ name: 'br0', up: true })
    await Promise.all(Array.from({ length: 20 }, (_, n) => links.addVeth({ name: `v${n}`, master: 'br0', peer: { name: `p${n}`, netns: pod.path } })))
    expect((await inside.list()).filter(link => link.kind === 'veth')).toHaveLength(20)
    expect((await Promise.all(Array.from({ length: 20 }, (_, n) => links.delete(`v${n}`)))).every(Boolean)).toBe(true)
  })
})

test.each([
  ['10.0.0.1', '10.0.0.1'], ['::', '::'], ['::1', '::1'], ['fd00::', 'fd00::'], ['FD00:0:0:1:0:0:0:2', 'fd00:0:0:1::2'],
  ['1:0:2:0:3:0:4:0', '1:0:2:0:3:0:4:0'], ['::ffff:10.0.0.1', '::ffff:a00:1'], ['64:ff9b::192.0.2.1', '64:ff9b::c000:201'], ['1:2:3:4:5:6:10.0.0.1', '1:2:3:4:5:6:a00:1'],
  ['10:0:0:0:0:0:0:10', '10::10'],
])('address %s is written %s', (given, want) => expect(ipText(ipBytes(given))).toBe(want))
test.each(['', 'x', '10.0.0', '10.0.0.256', 'fe80::1%eth0', '1::2::3'])('%j is no address', given => expect(() => ipBytes(given)).toThrow(TypeError))
