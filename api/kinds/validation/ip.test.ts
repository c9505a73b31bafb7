import { describe, expect, test } from 'vitest'
import { cidrFamily, ipFamily, ipv6Groups, isDualStack, nonSpecialIP, validCIDR, validIP } from './ip.ts'

describe('addresses', () => {
  test.each([['10.0.0.1', 4], ['fd00::1', 6], ['::ffff:10.0.0.1', 6], ['010.0.0.1', 0], ['fe80::1%eth0', 0], ['x', 0], ['', 0]])('family of %j', (value, family) => {
    expect(ipFamily(value)).toBe(family)
  })

  test.each([['10.0.0.0/8', 4], ['fd00::/64', 6], ['10.0.0.0', 0], ['10.0.0.0/33', 0], ['10.0.0.0/08', 0], ['a/8', 0], ['10.0.0.0/8/9', 0]])('CIDR family of %j', (value, family) => {
    expect(cidrFamily(value)).toBe(family)
  })

  test('the groups of an IPv6 address', () => {
    expect(ipv6Groups('::1')).toEqual([0, 0, 0, 0, 0, 0, 0, 1])
    expect(ipv6Groups('fe80::1:2')).toEqual([0xfe80, 0, 0, 0, 0, 0, 1, 2])
    expect(ipv6Groups('::ffff:10.0.0.1')).toEqual([0, 0, 0, 0, 0, 0xffff, 0x0a00, 1])
  })

  test.each([
    ['10.0.0.1', []], ['0.0.0.0', ['may not be unspecified (0.0.0.0)']], ['127.1.2.3', ['may not be in the loopback range (127.0.0.0/8, ::1/128)']],
    ['169.254.169.254', ['may not be in the link-local range (169.254.0.0/16, fe80::/10)']], ['224.0.0.5', ['may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)']],
    ['::', ['may not be unspecified (::)']], ['::1', ['may not be in the loopback range (127.0.0.0/8, ::1/128)']], ['fe80::1', ['may not be in the link-local range (169.254.0.0/16, fe80::/10)']],
    ['::ffff:127.0.0.1', ['may not be in the loopback range (127.0.0.0/8, ::1/128)']], ['::ffff:a9fe:a9fe', ['may not be in the link-local range (169.254.0.0/16, fe80::/10)']],
    ['fd00::1', []], ['nonsense', ['must be a valid IP address']],
  ])('%s as an endpoint', (value, details) => {
    expect(nonSpecialIP(value, 'ip').map(({ detail }) => detail)).toEqual(details)
  })

  test.each([
    ['10.0.0.1', []], ['FD00:0::1', []], ['010.0.0.1', ['must not have leading 0s']], ['::ffff:10.0.0.1', ['must not be an IPv4-mapped IPv6 address']], ['10.0.0', ['must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)']],
  ])('%s as an address', (value, details) => expect(validIP(value, 'ip').map(({ detail }) => detail)).toEqual(details))

  test.each([
    ['10.0.0.0/8', []], ['fd00::/8', []], ['010.0.0.0/8', ['must not have leading 0s in IP or prefix length']], ['10.0.0.0/08', ['must not have leading 0s in IP or prefix length']], ['::ffff:10.0.0.0/104', ['must not have an IPv4-mapped IPv6 address']],
    ['10.1.0.0/8', ['must not have bits set beyond the prefix length']], ['10.0.0.0', ['must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)']],
  ])('%s as a range', (value, details) => expect(validCIDR(value, 'cidr').map(({ detail }) => detail)).toEqual(details))

  test('two families', () => {
    expect(isDualStack(['10.0.0.1', 'fd00::1'], ipFamily)).toBe(true)
    expect(isDualStack(['10.0.0.1', '10.0.0.2'], ipFamily)).toBe(false)
  })
})
