import { describe, expect, test } from 'vitest'
import type { NetworkView } from '../host/node-address.ts'
import { addressOfThisMachine } from './own-address.ts'

const view = (...addresses: string[]): NetworkView => ({
  links: [{ index: 2, name: 'eth0', mtu: 1500, up: true, loopback: false, mac: '' }] as unknown as NetworkView['links'],
  addresses: addresses.map((address) => ({ dev: 'eth0', address, prefix: 64, family: address.includes(':') ? 'IPv6' : 'IPv4', scope: 'global' })) as unknown as NetworkView['addresses'],
  routes: [],
})
const both = view('192.0.2.1', '2001:db8::1')
const settled = (machine: NetworkView, over: { asked?: string; before?: string; serviceCIDR?: string }) =>
  addressOfThisMachine(machine, { asked: over.asked, before: over.before, serviceCIDR: over.serviceCIDR ?? '10.96.0.0/16,fd00:96::/112' })

describe('the addresses of a machine', () => {
  test('are those of the families that Services have, the primary first', () => {
    expect(settled(both, {})).toEqual({ nodeIP: '192.0.2.1,2001:db8::1' })
    expect(settled(both, { serviceCIDR: 'fd00:96::/112,10.96.0.0/16' })).toEqual({ nodeIP: '2001:db8::1,192.0.2.1' })
    expect(settled(both, { serviceCIDR: 'fd00:96::/112' })).toEqual({ nodeIP: '2001:db8::1' })
    expect(settled(both, { serviceCIDR: '10.96.0.0/16' })).toEqual({ nodeIP: '192.0.2.1' })
  })

  test('may lack the second family, not the first', () => {
    expect(settled(view('192.0.2.1'), {})).toEqual({ nodeIP: '192.0.2.1' })
    expect(settled(view('192.0.2.1'), { serviceCIDR: 'fd00:96::/112' }).problem).toBe('this machine has no IPv6 address that others could reach; name one with --node-ip')
  })

  test('stay what they were as long as the machine has them', () => {
    expect(settled(view('192.0.2.1', '192.0.2.9', '2001:db8::1'), { before: '192.0.2.9' })).toEqual({ nodeIP: '192.0.2.9' })
    expect(settled(view('192.0.2.1', '192.0.2.9', '2001:db8::2'), { before: '192.0.2.9,2001:db8::1' })).toEqual({ nodeIP: '192.0.2.9,2001:db8::2' })
  })

  test('are those asked for, if the machine has them', () => {
    expect(settled(both, { asked: '2001:db8::1,192.0.2.1', before: '192.0.2.1' })).toEqual({ nodeIP: '2001:db8::1,192.0.2.1' })
    expect(settled(both, { asked: '192.0.2.1,2001:db8::9' }).problem).toBe('2001:db8::9 is not an address of this machine')
  })
})
