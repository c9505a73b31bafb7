import { expect, test } from 'vitest'
import { canonicalIP, disjoint } from './cidr.ts'

test.each([
  ['10.0.0.1', '10.0.0.1'], ['FD00:0:0::0001', 'fd00::1'], ['::ffff:10.0.0.1', '::ffff:10.0.0.1'],
  ['10.0.0.01', undefined], ['2001:db8::1%eth0', undefined], ['web', undefined], ['', undefined],
])('%s is written %s', (ip, written) => expect(canonicalIP(ip)).toBe(written))

test.each([
  ['nested', 'ipv4', ['10.0.0.0/8', '10.1.2.0/24', '192.0.2.7/32', '192.0.2.7/32'], ['10.0.0.0/8', '192.0.2.7']],
  ['everything', 'ipv4', ['10.0.0.0/8', '0.0.0.0/0'], ['0.0.0.0/0']],
  ['host bits', 'ipv4', ['10.0.0.5/24'], ['10.0.0.0/24']],
  ['other families and nonsense', 'ipv4', ['fd00::/8', '10.0.0.0/33', '10.0.0.0', '10.0.0.0/8/8', ' 10.0.0.0/8 '], ['10.0.0.0/8']],
  ['IPv6', 'ipv6', ['FD00:0244::1/32', 'fd00:244:1::/64', '::/128', '2001:db8::5/127'], ['2001:db8::4/127', '::', 'fd00:244::/32']],
  ['all of IPv6', 'ipv6', ['::/0', 'fd00::/8'], ['::/0']],
] as const)('networks that do not overlap: %s', (_, family, given, kept) => expect(disjoint(given, family)).toEqual(kept))
