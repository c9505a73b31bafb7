import { describe, expect, test } from 'vitest'
import type { Link, Route } from '../../host/links.ts'
import { parseSubnet } from '../addresses.ts'
import { choosePaths, type NodeView, type OverlayMode, type Peer } from './paths.ts'

const link = (name: string, more: Partial<Link> = {}): Link =>
  ({ index: 1, name, kind: undefined, mac: '02:00:00:00:00:01', mtu: 1500, up: true, loopback: false, master: undefined, peer: undefined, ...more })
const route = (to: string, dev: string, via?: string): Route => ({ family: (via ?? to).includes(':') ? 'IPv6' : 'IPv4', to, dev, ...(via !== undefined && { via }) })
const view = (more: Partial<NodeView> = {}): NodeView => ({
  links: [link('eth0'), link('wg0', { mac: undefined }), link('k8ts-vxlan')],
  addresses: [{ dev: 'eth0', family: 'IPv4', address: '192.0.2.1', prefix: 24, scope: 'global' }],
  routes: [
    route('192.0.2.0/24', 'eth0'), route('2001:db8::/64', 'eth0'), route('10.7.0.0/24', 'wg0'), route('192.0.2.128/25', 'eth0', '192.0.2.254'),
    route('default', 'eth0', '192.0.2.254'), route('default', 'eth0', '2001:db8::fe'), route('10.244.0.0/16', 'k8ts-vxlan'),
  ],
  ...more,
})
const peer = (n: number, addresses: string[], podCIDRs = [`10.244.${n}.0/24`]): Peer => ({ name: `n${n}`, podCIDRs, addresses })
const subnets = (...cidrs: string[]) => cidrs.map(cidr => parseSubnet(cidr)!)
const choose = (peers: Peer[], mode: OverlayMode = 'auto', more: Partial<NodeView> = {}) =>
  choosePaths(peers, view(more), { mode, own: subnets('10.244.1.0/24', 'fd00:244:1::/64'), clusterCIDRs: subnets('10.244.0.0/16', 'fd00:244::/40') })
    .map(path => path.kind === 'direct' ? `${path.subnet.cidr} via ${path.via} dev ${path.dev}` : path.kind === 'vxlan' ? `${path.subnet.cidr} through ${path.tunnel.host} dev ${path.tunnel.dev}` : path.why)

describe('the way to a peer', () => {
  test.each<[string, Peer, OverlayMode, string]>([
    ['on our network', peer(2, ['192.0.2.2']), 'auto', '10.244.2.0/24 via 192.0.2.2 dev eth0'],
    ['on our network, but the tunnel is wanted', peer(2, ['192.0.2.2']), 'vxlan', '10.244.2.0/24 through 192.0.2.2 dev eth0'],
    ['behind a router', peer(2, ['198.51.100.2']), 'auto', '10.244.2.0/24 through 198.51.100.2 dev eth0'],
    ['behind a router, and no tunnel is wanted', peer(2, ['198.51.100.2']), 'host-gw', 'no IPv4 address of it is on a network of this node, which host-gw needs'],
    ['on our network by its second address', peer(2, ['198.51.100.2', '192.0.2.2']), 'auto', '10.244.2.0/24 via 192.0.2.2 dev eth0'],
    ['in our range, but a longer route leads to a router', peer(2, ['192.0.2.200']), 'auto', '10.244.2.0/24 through 192.0.2.200 dev eth0'],
    ['over WireGuard, which would not carry pods', peer(2, ['10.7.0.2']), 'auto', '10.244.2.0/24 through 10.7.0.2 dev wg0'],
    ['of IPv6 alone, its pods of IPv4', peer(2, ['2001:db8::2']), 'auto', '10.244.2.0/24 through 2001:db8::2 dev eth0'],
    ['whose tunnel may be of either family: IPv4', peer(2, ['2001:db8:1::2', '198.51.100.2']), 'auto', '10.244.2.0/24 through 198.51.100.2 dev eth0'],
    ['that has our own address', peer(2, ['192.0.2.1']), 'auto', 'there is no route to 192.0.2.1'],
    ['without an address', peer(2, []), 'auto', 'there is no route to it, which has no address'],
    ['whose pods are not of the cluster', peer(2, ['192.0.2.2'], ['0.0.0.0/0']), 'auto', "0.0.0.0/0 is not part of the cluster's pod network"],
    ['that claims our pods', peer(2, ['192.0.2.2'], ['10.244.0.0/16']), 'auto', "10.244.0.0/16 overlaps 10.244.1.0/24, which is another node's"],
  ])('%s', (_, of, mode, want) => expect(choose([of], mode)).toEqual([want]))

  test('both families, each by its own address where it can be', () =>
    expect(choose([peer(2, ['192.0.2.2', '2001:db8::2'], ['10.244.2.0/24', 'fd00:244:2::/64'])])).toEqual(['10.244.2.0/24 via 192.0.2.2 dev eth0', 'fd00:244:2::/64 via 2001:db8::2 dev eth0']))
  test('the first by name has a range that two claim', () =>
    expect(choose([peer(3, ['192.0.2.3'], ['10.244.2.0/24']), peer(2, ['192.0.2.2'])])).toEqual(['10.244.2.0/24 via 192.0.2.2 dev eth0', "10.244.2.0/24 overlaps 10.244.2.0/24, which is another node's"]))
  test('what is no CIDR, or of a family our pods have not, is passed over', () => {
    expect(choose([peer(2, ['192.0.2.2'], ['x', '10.244.2.0/24'])])).toHaveLength(1)
    expect(choosePaths([peer(2, ['192.0.2.2'], ['fd00:244:2::/64'])], view(), { mode: 'auto', own: subnets('10.244.1.0/24'), clusterCIDRs: subnets('fd00:244::/40') })).toEqual([])
  })
  test('a link that is down leads nowhere', () => expect(choose([peer(2, ['192.0.2.2'])], 'auto', { links: [link('eth0', { up: false })] })).toEqual(['there is no route to 192.0.2.2']))
})
