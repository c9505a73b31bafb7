import { describe, expect, test } from 'vitest'
import { formatAddress, gatewayOf, macOf, parseAddress, parseSubnet, podRange, type Subnet } from './addresses.ts'
import { emptyState, freeAddresses, hostPortHolder, reserve, withAttachment, withoutAttachment, type Attachment, type NetworkState } from './ipam.ts'

const subnet = (text: string): Subnet => parseSubnet(text)!
const pod = (n: number, addresses: string[], ports: Attachment['ports'] = []): Attachment =>
  ({ containerID: `c${n}`, ifname: 'eth0', netns: '', veth: `v${n}`, addresses, ports })

/** Adds pods one after the other until the subnet is full or `count` is reached; gives what was handed out. */
const fill = (subnets: Subnet[], count: number, state: NetworkState = emptyState) => {
  const given: string[][] = []
  for (let n = 0; n < count; n++) {
    const reserved = reserve(state, subnets)
    if (!reserved) break
    given.push(reserved.addresses)
    state = withAttachment(state, pod(n, reserved.addresses), reserved.last)
  }
  return { state, given }
}

describe('handing out addresses', () => {
  test('neither network, gateway nor broadcast', () => {
    const { given } = fill([subnet('10.0.0.0/29')], 100)
    expect(given.flat()).toEqual(['10.0.0.2', '10.0.0.3', '10.0.0.4', '10.0.0.5', '10.0.0.6'])
  })
  test('one of each family', () => {
    expect(fill([subnet('10.0.0.0/24'), subnet('fd00::/64')], 2).given).toEqual([['10.0.0.2', 'fd00::2'], ['10.0.0.3', 'fd00::3']])
  })
  test('a released address rests until the others are used up', () => {
    const subnets = [subnet('10.0.0.0/29')]
    let { state } = fill(subnets, 3)
    state = withoutAttachment(state, { containerID: 'c0', ifname: 'eth0' })
    const order = ['10.0.0.5', '10.0.0.6', '10.0.0.2']
    for (const want of order) {
      const reserved = reserve(state, subnets)!
      expect(reserved.addresses).toEqual([want])
      state = withAttachment(state, pod(Number(want.at(-1)) + 10, reserved.addresses), reserved.last)
    }
    expect(reserve(state, subnets)).toBeUndefined()
    expect(freeAddresses(state, subnets)).toBe(0n)
  })
  test('a subnet too small for any pod is full', () => {
    for (const text of ['10.0.0.0/31', '10.0.0.0/32', 'fd00::/128']) expect(reserve(emptyState, [subnet(text)])).toBeUndefined()
  })
  test('a vast subnet costs no more than a small one', () => {
    const { state } = fill([subnet('fd00::/48')], 200)
    expect(reserve(state, [subnet('fd00::/48')])!.addresses).toEqual(['fd00::ca'])
  })
  test('a subnet that was exchanged begins anew', () => {
    const { state } = fill([subnet('10.0.0.0/24')], 3)
    expect(reserve(state, [subnet('10.0.1.0/24')])!.addresses).toEqual(['10.0.1.2'])
  })
  test('a memory that makes no sense does no harm', () => {
    const state = { ...emptyState, last: { '10.0.0.0/29': '10.0.0.7', '10.0.1.0/29': 'nonsense' } }
    expect(reserve(state, [subnet('10.0.0.0/29')])!.addresses).toEqual(['10.0.0.3'])
    expect(reserve(state, [subnet('10.0.1.0/29')])!.addresses).toEqual(['10.0.1.2'])
  })
})

test.each([
  ['another port', { hostPort: 81, containerPort: 1, protocol: 'tcp' as const }, false],
  ['another protocol', { hostPort: 80, containerPort: 1, protocol: 'udp' as const }, false],
  ['the same', { hostPort: 80, containerPort: 1, protocol: 'tcp' as const }, true],
  ['one address of it', { hostPort: 80, containerPort: 1, protocol: 'tcp' as const, hostIP: '192.0.2.1' }, true],
])('host port 80 is held against %s', (_, port, want) => {
  const state = withAttachment(emptyState, pod(0, ['10.0.0.2'], [{ hostPort: 80, containerPort: 80, protocol: 'tcp' }]))
  expect(hostPortHolder(state, { containerID: 'other', ifname: 'eth0' }, [port])?.holder.containerID).toBe(want ? 'c0' : undefined)
  expect(hostPortHolder(state, { containerID: 'c0', ifname: 'eth0' }, [port])).toBeUndefined()
})

describe('addresses', () => {
  test.each(['0.0.0.0', '10.244.1.5', '255.255.255.255', '::', '::1', 'fd00:244::5', '1:2:3:4:5:6:7:8', 'fd00:0:0:1::', '1::2:0:0:3:4'])('%s there and back', text => {
    expect(formatAddress(parseAddress(text)!, text.includes(':') ? 'IPv6' : 'IPv4')).toBe(text)
  })
  test.each(['', '10.0.0', '10.0.0.256', '01.2.3.4', 'fe80::1%eth0', 'x', '1::2::3', '../etc'])('%j is none', text => expect(parseAddress(text)).toBeUndefined())
  test.each(['10.0.0.0', '10.0.0.0/33', '10.0.0.0/-1', '10.0.0.0/8x', 'fd00::/129', '/24', '10.0.0.0/24/1'])('%j is no subnet', text => expect(parseSubnet(text)).toBeUndefined())
  test('a subnet', () => {
    expect(subnet('10.244.1.77/24').cidr).toBe('10.244.1.0/24')
    expect(gatewayOf(subnet('10.244.1.77/24'))).toBe('10.244.1.1')
    expect(podRange(subnet('10.244.1.0/24')).size).toBe(253n)
    expect(macOf('10.244.1.5')).toBe('0a:58:0a:f4:01:05')
    expect(macOf('fd00::1')).toBeUndefined()
  })
})
