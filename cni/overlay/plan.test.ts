import { describe, expect, test } from 'vitest'
import type { Link, NewVxlan, Route } from '../../host/links.ts'
import { parseSubnet } from '../addresses.ts'
import { stepsOf } from './apply.ts'
import { choosePaths, type OverlayMode, type Peer } from './paths.ts'
import { planOverlay, podMtu, type OverlayPlan, type OverlayWorld } from './plan.ts'
import { tunnelMac, vxlanDefaults } from './vxlan-link.ts'

const own = ['10.244.1.0/24', 'fd00:244:1::/64'].map(cidr => parseSubnet(cidr)!)
const clusterCIDRs = ['10.244.0.0/16', 'fd00:244::/40'].map(cidr => parseSubnet(cidr)!)
const near: Peer = { name: 'n2', podCIDRs: ['10.244.2.0/24', 'fd00:244:2::/64'], addresses: ['192.0.2.2'] }
const far: Peer = { name: 'n3', podCIDRs: ['10.244.3.0/24', 'fd00:244:3::/64'], addresses: ['198.51.100.3'] }
const base: OverlayWorld = {
  links: [{ index: 2, name: 'eth0', kind: undefined, mac: '02:00:00:00:00:01', mtu: 1500, up: true, loopback: false, master: undefined, peer: undefined }],
  addresses: [], neighbours: [], forwarding: [],
  routes: [{ family: 'IPv4', to: '192.0.2.0/24', dev: 'eth0', protocol: 2 }, { family: 'IPv4', to: 'default', via: '192.0.2.254', dev: 'eth0', protocol: 3 }, { family: 'IPv4', to: '10.244.9.0/24', via: '192.0.2.9', dev: 'eth0', protocol: 4 }],
}
const plan = (peers: Peer[], world: OverlayWorld = base, mode: OverlayMode = 'auto', vxlan = vxlanDefaults) => planOverlay(choosePaths(peers, world, { mode, own, clusterCIDRs }), world, { own, vxlan })

/** The world after the plan was carried out, as the kernel would have it. */
const after = (world: OverlayWorld, done: OverlayPlan): OverlayWorld => {
  const gone = new Set(done.deleteLinks)
  const made = done.addLinks.map((link: NewVxlan): Link => ({ index: 9, name: link.name, kind: 'vxlan', mac: link.mac, mtu: link.mtu!, up: true, loopback: false, master: undefined, peer: undefined, vxlan: { vni: link.vni, port: link.port, learning: false } }))
  const setRoutes = done.setRoutes.map((route): Route => ({ ...route, family: route.to.includes(':') ? 'IPv6' : 'IPv4' }))
  return {
    ...world,
    links: [...world.links.filter(link => !gone.has(link.name)).map(link => ({ ...link, ...done.setLinks.find(({ name }) => name === link.name), up: true })), ...made],
    addresses: [...world.addresses.filter(({ dev }) => !gone.has(dev)), ...done.addAddresses.map(({ dev, cidr }) => ({ dev, family: 'IPv4' as const, address: cidr.split('/')[0]!, prefix: 32, scope: 'global' as const }))],
    routes: [...world.routes.filter(route => !gone.has(route.dev!) && !done.deleteRoutes.some(({ to, dev }) => to === route.to && dev === route.dev) && !setRoutes.some(({ to }) => to === route.to)), ...setRoutes],
    neighbours: [...world.neighbours.filter(({ dev, address }) => !gone.has(dev) && ![...done.deleteNeighbours, ...done.setNeighbours].some(other => other.dev === dev && other.address === address)), ...done.setNeighbours.map(neighbour => ({ ...neighbour, permanent: true }))],
    forwarding: [...world.forwarding.filter(({ dev, mac }) => !gone.has(dev) && ![...done.deleteForwarding, ...done.setForwarding].some(other => other.dev === dev && other.mac === mac)), ...done.setForwarding],
  }
}
const settled = (peers: Peer[], mode?: OverlayMode): OverlayWorld => after(base, plan(peers, base, mode))

describe('what is to be done', () => {
  test('for a peer on our network and one beyond: one link, one neighbour a family, one forwarding entry, one route a subnet', () => {
    const [mac, dev] = ['0a:58:0a:f4:03:00', 'k8ts-vxlan']
    expect(plan([{ ...near, podCIDRs: ['10.244.2.0/24'] }, far])).toEqual({
      deleteLinks: [], setLinks: [], deleteRoutes: [], deleteNeighbours: [], deleteForwarding: [],
      addLinks: [{ name: dev, underlay: 'IPv4', vni: 244, port: 8472, learning: false, mac: '0a:58:0a:f4:01:00', mtu: 1450, up: true }],
      addAddresses: [{ dev, cidr: '10.244.1.0/32' }],
      setForwarding: [{ dev, mac, host: '198.51.100.3' }],
      setNeighbours: [{ dev, address: '10.244.3.0', mac }, { dev, address: 'fe80::858:aff:fef4:300', mac }],
      setRoutes: [
        { to: '10.244.2.0/24', via: '192.0.2.2', dev: 'eth0', protocol: 244 },
        { to: '10.244.3.0/24', via: '10.244.3.0', dev, protocol: 244, src: '10.244.1.1', onlink: true },
        { to: 'fd00:244:3::/64', via: 'fe80::858:aff:fef4:300', dev, protocol: 244, src: 'fd00:244:1::1' },
      ],
    })
  })
  test.each<[string, Peer[], OverlayMode]>([['auto', [near, far], 'auto'], ['vxlan', [near, far], 'vxlan'], ['host-gw', [near], 'host-gw'], ['no peers', [], 'auto']])('nothing, once it is done (%s)', (_, peers, mode) =>
    expect(stepsOf(plan(peers, settled(peers, mode), mode))).toBe(0))
  test('no link for a tunnel that nobody can use', () => expect(plan([near, far], base, 'host-gw')).toMatchObject({ addLinks: [], setRoutes: [{ to: '10.244.2.0/24' }] }))
  test('a link for the tunnel also where all are near: a peer may see it otherwise', () => expect(plan([{ ...near, podCIDRs: ['10.244.2.0/24'] }])).toMatchObject({ addLinks: [{ name: 'k8ts-vxlan' }], setForwarding: [] }))
  test('all of it goes with the peers, and nothing of others', () => {
    const world = settled([near, far])
    const last = plan([], world)
    expect(last).toMatchObject({ deleteLinks: ['k8ts-vxlan'], deleteRoutes: [{ to: '10.244.2.0/24' }], setRoutes: [] })
    expect(after(world, last)).toEqual(base)
  })
  test('a node that moved, near and far: replaced in place', () => {
    expect(plan([{ ...near, podCIDRs: ['10.244.2.0/24'], addresses: ['192.0.2.7'] }, { ...far, addresses: ['198.51.100.7'] }], settled([{ ...near, podCIDRs: ['10.244.2.0/24'] }, far]))).toEqual({
      deleteLinks: [], addLinks: [], setLinks: [], addAddresses: [], deleteRoutes: [], deleteNeighbours: [], deleteForwarding: [], setNeighbours: [],
      setForwarding: [{ dev: 'k8ts-vxlan', mac: '0a:58:0a:f4:03:00', host: '198.51.100.7' }],
      setRoutes: [{ to: '10.244.2.0/24', via: '192.0.2.7', dev: 'eth0', protocol: 244 }],
    })
  })
  test('from direct to the tunnel and back: the route is replaced, never missing', () => {
    const tunnelled = plan([near], settled([near]), 'vxlan')
    expect(tunnelled).toMatchObject({ deleteRoutes: [], setRoutes: [{ to: '10.244.2.0/24', dev: 'k8ts-vxlan' }] })
    expect(plan([near], settled([near], 'vxlan'))).toMatchObject({ deleteRoutes: [], setRoutes: [{ to: '10.244.2.0/24', via: '192.0.2.2', dev: 'eth0' }] })
  })
  test('a second route of ours beside the right one goes', () => {
    const world = settled([near])
    const twice = { ...world, routes: [...world.routes, { family: 'IPv4', to: '10.244.2.0/24', via: '192.0.2.66', dev: 'eth0', metric: 7, protocol: 244 } as Route] }
    expect(plan([near], twice)).toMatchObject({ setRoutes: [], deleteRoutes: [{ to: '10.244.2.0/24', via: '192.0.2.66', metric: 7 }] })
  })
  test('a link with other numbers is made anew, with all that led over it', () => {
    const again = plan([far], settled([far]), 'auto', { vni: 7, port: 4789 })
    expect(again).toMatchObject({ deleteLinks: ['k8ts-vxlan'], addLinks: [{ vni: 7, port: 4789 }], deleteRoutes: [], setForwarding: [{}], setNeighbours: [{}, {}] })
    expect(again.setRoutes).toHaveLength(2)
  })
  test('a peer of IPv6 alone has a link of its own beside that of IPv4', () => {
    const world: OverlayWorld = { ...base, routes: [...base.routes, { family: 'IPv6', to: 'default', via: 'fe80::1', dev: 'eth0', protocol: 3 }] }
    const six: Peer = { name: 'n4', podCIDRs: ['10.244.4.0/24'], addresses: ['2001:db8::4'] }
    expect(plan([far, six], world).addLinks).toMatchObject([{ name: 'k8ts-vxlan', mtu: 1450 }, { name: 'k8ts-vxlan6', underlay: 'IPv6', mtu: 1430 }])
    expect(plan([six], world).setRoutes).toMatchObject([{ to: '10.244.4.0/24', dev: 'k8ts-vxlan6' }])
  })
})

describe('the MTU of pods', () => {
  const mtu = (peers: Peer[], mode: OverlayMode = 'auto', world = base) => podMtu(choosePaths(peers, world, { mode, own, clusterCIDRs }), world, mode)
  test.each<[string, Peer[], OverlayMode, number]>([
    ['alone: that of the uplink', [], 'auto', 1500],
    ['alone, but the tunnel is for all to come', [], 'vxlan', 1450],
    ['neighbours only', [{ ...near, podCIDRs: ['10.244.2.0/24'] }], 'auto', 1500],
    ['one beyond', [near, far], 'auto', 1450],
    ['one beyond that cannot be reached', [{ ...near, podCIDRs: ['10.244.2.0/24'] }, far], 'host-gw', 1500],
  ])('%s', (_, peers, mode, want) => expect(mtu(peers, mode)).toBe(want))
  test('the narrowest way counts, also when it is not that of the default route', () => {
    const world: OverlayWorld = { ...base, links: [...base.links, { ...base.links[0]!, name: 'eth1', mtu: 1400 }], routes: [...base.routes, { family: 'IPv4', to: '198.51.100.0/24', dev: 'eth1', via: '203.0.113.1' }] }
    expect(mtu([far], 'auto', world)).toBe(1350)
  })
  test('nobody knows where no way leads out', () => expect(podMtu([], { links: [], addresses: [], routes: [] }, 'auto')).toBeUndefined())
})

test.each([
  [['10.244.3.0/24'], '0a:58:0a:f4:03:00'], [['fd00:244:3::/64', '10.244.3.0/24'], '0a:58:0a:f4:03:00'],
  [['fd00:10:244:3::/64'], '0a:59:02:44:00:03'], [['fd00:10:244:4::/64'], '0a:59:02:44:00:04'], [['x'], undefined], [[], undefined],
])('the tunnel of %j has MAC %s', (cidrs, want) => expect(tunnelMac(cidrs)).toBe(want))
