import { describe, expect, test } from 'vitest'
import { formatCidr, parseCidr } from '../../../api/cidr.ts'
import { CidrSet } from './cidr-set.ts'

test.each([
  ['10.244.0.0/16', '10.244.0.0/16'], ['10.244.3.7/24', '10.244.3.0/24'], ['0.0.0.0/0', '0.0.0.0/0'], ['fd00::/48', 'fd00::/48'], ['FD00:0:0:1::/64', 'fd00:0:0:1::/64'],
  ['2001:db8:0:0:1:0:0:1/128', '2001:db8::1:0:0:1/128'], ['::/0', '::/0'], ['::1/128', '::1/128'], ['1:0:2:0:0:0:3:4/128', '1:0:2::3:4/128'],
])('%s is read and written as %s', (text, written) => expect(formatCidr(parseCidr(text))).toBe(written))

test.each(['10.0.0.0', '10.0.0/8', '10.0.0.256/8', '10.0.0.0/33', '::1::/64', 'fd00:/64', '1:2:3:4:5:6:7:8:9/64', '/8', ''])('%j is refused', (text) => {
  expect(() => parseCidr(text)).toThrow(RangeError)
})

describe('a network in shares', () => {
  const set = () => new CidrSet(parseCidr('10.244.0.0/22'), 24)
  test('gives each once, then none', () => {
    const shares = set()
    expect([1, 2, 3, 4, 5].map(() => shares.take())).toEqual(['10.244.0.0/24', '10.244.1.0/24', '10.244.2.0/24', '10.244.3.0/24', undefined])
  })
  test('gives a freed one again, but not before the others', () => {
    const shares = set()
    const first = shares.take()!
    shares.release(first)
    expect([1, 2, 3, 4].map(() => shares.take()).at(-1)).toBe(first)
  })
  test('leaves out what is occupied, also by other sizes', () => {
    const shares = set()
    shares.occupy('10.244.0.0/23')
    shares.occupy('10.244.2.128/25')
    shares.occupy('192.168.0.0/24')
    shares.occupy('fd00::/64')
    expect([shares.take(), shares.take()]).toEqual(['10.244.3.0/24', undefined])
  })
  test('of IPv6 is counted to 65536', () => {
    const shares = new CidrSet(parseCidr('fd00::/32'), 64)
    expect([shares.take(), shares.take(), shares.family]).toEqual(['fd00::/64', 'fd00:0:0:1::/64', 'IPv6'])
  })
  test('cannot have shares larger than itself', () => expect(() => new CidrSet(parseCidr('10.0.0.0/24'), 16)).toThrow(RangeError))
})
