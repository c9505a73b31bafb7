import { describe, expect, test } from 'vitest'
import { parseSubnet } from './addresses.ts'
import { planPeerRoutes } from './peer-routes.ts'

const cluster = ['10.244.0.0/16', 'fd00:244::/48'].map(cidr => parseSubnet(cidr)!)
const peer = (n: number) => ({ podCIDRs: [`10.244.${n}.0/24`], addresses: [`192.0.2.${n}`] })
const route = (to: string, via?: string) => ({ family: 'IPv4' as const, to, dev: 'eth0', ...(via !== undefined && { via }) })

describe('routes to the pods of other nodes', () => {
  test.each([
    ['a new node', [peer(2)], [], { set: [{ to: '10.244.2.0/24', via: '192.0.2.2' }], remove: [] }],
    ['nothing new', [peer(2)], [route('10.244.2.0/24', '192.0.2.2')], { set: [], remove: [] }],
    ['a node that moved', [{ ...peer(2), addresses: ['192.0.2.9'] }], [route('10.244.2.0/24', '192.0.2.2')], { set: [{ to: '10.244.2.0/24', via: '192.0.2.9' }], remove: [] }],
    ['a node that left', [], [route('10.244.2.0/24', '192.0.2.2')], { set: [], remove: [{ to: '10.244.2.0/24', via: '192.0.2.2' }] }],
    ['our own pods and other people’s routes stay', [], [route('10.244.1.0/24'), route('10.0.0.0/8', '192.0.2.1'), route('default', '192.0.2.1'), route('172.16.0.0/12', '192.0.2.1')], { set: [], remove: [] }],
    ['both families, as far as there are addresses', [{ podCIDRs: ['10.244.3.0/24', 'fd00:244:3::/64'], addresses: ['fd00::3'] }], [], { set: [{ to: 'fd00:244:3::/64', via: 'fd00::3' }], remove: [] }],
    ['a CIDR that is none', [{ podCIDRs: ['x'], addresses: ['192.0.2.2'] }], [], { set: [], remove: [] }],
  ])('%s', (_, peers, routes, want) => expect(planPeerRoutes(peers, routes, cluster)).toEqual(want))
})
