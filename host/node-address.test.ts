import { describe, expect, test } from 'vitest'
import type { Link, Route } from './links.ts'
import { bestRoute, chooseNodeAddress, type NetworkView } from './node-address.ts'

const link = (name: string, kind?: string): Link =>
  ({ index: 1, name, kind, mac: undefined, mtu: 1500, up: true, loopback: name === 'lo', master: undefined, peer: undefined })
const v4 = (dev: string, address: string) => ({ dev, family: 'IPv4', address, prefix: 24, scope: 'global' } as const)
const route = (to: string, dev: string, more: Partial<Route> = {}): Route => ({ family: 'IPv4', to, dev, ...more })

const vagrant: NetworkView = {
  links: [link('lo'), link('eth0'), link('eth1'), link('docker0', 'bridge')],
  addresses: [v4('lo', '127.0.0.1'), v4('eth0', '10.0.2.15'), v4('eth1', '192.168.56.11'), v4('docker0', '172.17.0.1')],
  routes: [route('default', 'eth0', { via: '10.0.2.2', metric: 100 }), route('10.0.2.0/24', 'eth0'), route('192.168.56.0/24', 'eth1', { src: '192.168.56.11' })],
}
const plain: NetworkView = {
  links: [link('lo'), link('eth0'), link('eth1')],
  addresses: [v4('eth1', '10.9.0.5'), v4('eth0', '192.0.2.2'), v4('eth0', '192.0.2.3')],
  routes: [route('default', 'eth0', { via: '192.0.2.1', metric: 100 }), route('192.0.2.0/24', 'eth0', { src: '192.0.2.3' }), route('10.9.0.0/16', 'eth1')],
}

describe('the address of the node', () => {
  test.each([
    ['Vagrant, first node: not the NAT card', vagrant, {}, '192.168.56.11'],
    ['Vagrant, joining: the link that reaches the server', vagrant, { server: '192.168.56.10' }, '192.168.56.11'],
    ['the server is behind the default route', plain, { server: '203.0.113.9' }, '192.0.2.2'],
    ['the server is a neighbour: the source of that route', plain, { server: '192.0.2.77' }, '192.0.2.3'],
    ['the server is on another card', plain, { server: '10.9.3.3' }, '10.9.0.5'],
    ['the server is this machine', plain, { server: '10.9.0.5' }, '10.9.0.5'],
    ['the server is on loopback', plain, { server: '127.0.0.1' }, '192.0.2.2'],
    ['a plain machine: the default route', plain, {}, '192.0.2.2'],
    ['only a NAT card: better than none', { ...vagrant, links: [link('eth0')] }, {}, '10.0.2.15'],
    ['no default route', { ...plain, routes: [] }, {}, '192.0.2.2'],
    ['nothing but loopback', { ...plain, links: [link('lo')] }, {}, undefined],
    ['no IPv6', plain, { family: 'IPv6' as const }, undefined],
  ])('%s', (_, view, options, want) => expect(chooseNodeAddress(view, options)?.address).toBe(want))
})

test('the longest prefix wins, then the lowest metric', () => {
  const routes = [route('default', 'a', { metric: 2 }), route('default', 'b', { metric: 1 }), route('10.0.0.0/8', 'c'), route('10.1.0.0/16', 'd')]
  expect(bestRoute(routes, '10.1.2.3')?.dev).toBe('d')
  expect(bestRoute(routes, '10.2.2.3')?.dev).toBe('c')
  expect(bestRoute(routes, '11.0.0.1')?.dev).toBe('b')
  expect(bestRoute([], '11.0.0.1')).toBeUndefined()
})
