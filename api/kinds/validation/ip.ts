import { isIP, isIPv4, isIPv6 } from 'node:net'
import type { FieldError } from '../../errors.ts'
import { invalid } from './field.ts'

/** 4, 6, or 0 for what is no address. */
export const ipFamily = (value: string): 0 | 4 | 6 => (value.includes('%') ? 0 : isIP(value) as 0 | 4 | 6)

const ipExamples = '(e.g. 10.9.8.7 or 2001:db8::ffff)'

/** Noughts before a number (which others read as octal) and IPv4 addresses written as IPv6 would mean different things to different readers. */
export function validIP(value: string, field: string): FieldError[] {
  if (!ipFamily(value)) return [invalid(field, value, ipFamily(withoutNoughts(value)) === 4 ? 'must not have leading 0s' : `must be a valid IP address, ${ipExamples}`)]
  return isMapped(value) ? [invalid(field, value, 'must not be an IPv4-mapped IPv6 address')] : []
}

/** An IPv4 address, or the address part of a CIDR, as it was once read. */
const withoutNoughts = (value: string): string => (/^[\d.]+$/.test(value) ? value.replace(/\b0+(?=\d)/g, '') : value)
const isMapped = (value: string): boolean => value.includes(':') && canonicalIP(value).startsWith('::ffff:') && canonicalIP(value).includes('.')
export const validIPv4 = (value: string, field: string): FieldError[] => (isIPv4(value) ? [] : [invalid(field, value, 'must be a valid IPv4 address')])
export const validIPv6 = (value: string, field: string): FieldError[] => (ipFamily(value) === 6 && !isMapped(value) ? [] : [invalid(field, value, 'must be a valid IPv6 address')])

export function validCIDR(value: string, field: string): FieldError[] {
  const [address = '', bits = ''] = value.split('/')
  if (!cidrFamily(value)) {
    const once = /^\d{1,4}$/.test(bits) && cidrFamily(`${withoutNoughts(address)}/${Number(bits)}`)
    return [invalid(field, value, once ? 'must not have leading 0s in IP or prefix length' : 'must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)')]
  }
  if (isMapped(address)) return [invalid(field, value, 'must not have an IPv4-mapped IPv6 address')]
  return canonicalCIDR(value).split('/')[0] === canonicalIP(address) ? [] : [invalid(field, value, 'must not have bits set beyond the prefix length')]
}

/** The family of a CIDR, or 0 for what is none. */
export function cidrFamily(value: string): 0 | 4 | 6 {
  const [address = '', bits = '', ...rest] = value.split('/')
  const family = ipFamily(address)
  if (!family || rest.length || !/^(0|[1-9]\d{0,2})$/.test(bits)) return 0
  return Number(bits) <= (family === 4 ? 32 : 128) ? family : 0
}

/** Whether two addresses (or CIDRs) are of different families, one each. */
export const isDualStack = (values: readonly string[], family: (value: string) => number): boolean =>
  values.length === 2 && new Set(values.map(family)).size === 2

/** The sixteen-bit groups of an IPv6 address, `::` filled up and a dotted tail taken apart. */
export function ipv6Groups(value: string): number[] {
  const dotted = value.replace(/(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, a, b, c, d) => `${(+a * 256 + +b).toString(16)}:${(+c * 256 + +d).toString(16)}`)
  const [head = '', tail] = dotted.split('::')
  const groups = (text: string): number[] => (text ? text.split(':').map((group) => Number.parseInt(group, 16)) : [])
  if (tail === undefined) return groups(head)
  const front = groups(head), back = groups(tail)
  return [...front, ...Array<number>(8 - front.length - back.length).fill(0), ...back]
}

interface Special { readonly unspecified: boolean; readonly loopback: boolean; readonly linkLocal: boolean; readonly linkLocalMulticast: boolean }

const specialIPv4 = (value: string): Special => {
  const [a, b, c] = value.split('.').map(Number)
  return { unspecified: value === '0.0.0.0', loopback: a === 127, linkLocal: a === 169 && b === 254, linkLocalMulticast: a === 224 && b === 0 && c === 0 }
}

const specialIPv6 = (value: string): Special => {
  const groups = ipv6Groups(value)
  const zeros = (count: number): boolean => groups.slice(0, count).every((group) => group === 0)
  const first = groups[0]!
  return {
    unspecified: zeros(8), loopback: zeros(7) && groups[7] === 1,
    linkLocal: (first & 0xffc0) === 0xfe80, linkLocalMulticast: (first & 0xff0f) === 0xff02,
  }
}

/** Refuses addresses that must not be endpoints or external addresses, so that a Service cannot claim a node's own ones. */
export function nonSpecialIP(value: string, field: string): FieldError[] {
  if (!ipFamily(value)) return [invalid(field, value, 'must be a valid IP address')]
  const special = isMapped(value) ? specialIPv4(canonicalIP(value).slice('::ffff:'.length)) : isIPv6(value) ? specialIPv6(value) : specialIPv4(value)
  const wrong: string[] = []
  if (special.unspecified) wrong.push(`may not be unspecified (${value})`)
  if (special.loopback) wrong.push('may not be in the loopback range (127.0.0.0/8, ::1/128)')
  if (special.linkLocal) wrong.push('may not be in the link-local range (169.254.0.0/16, fe80::/10)')
  if (special.linkLocalMulticast) wrong.push('may not be in the link-local multicast range (224.0.0.0/24, ff02::/10)')
  return wrong.map((detail) => invalid(field, value, detail))
}

/** An address as a number; bits beyond the family's length do not occur. */
export function ipNumber(value: string): bigint {
  if (isIPv4(value)) return value.split('.').reduce((sum, part) => sum * 256n + BigInt(part), 0n)
  return ipv6Groups(value).reduce((sum, group) => sum * 65536n + BigInt(group), 0n)
}

/** The one text each address has (RFC 5952): lower case, no leading noughts, the longest run of noughts left out. */
export function canonicalIP(value: string): string {
  return ipText(ipNumber(value), isIPv4(value) ? 4 : 6)
}

/** The same for an address as a number. */
export const ipText = (number: bigint, family: 4 | 6): string => (family === 4 ? ipv4Text(number) : ipv6Text(number))

const ipv4Text = (number: bigint): string => [24n, 16n, 8n, 0n].map((shift) => (number >> shift) & 255n).join('.')

function ipv6Text(number: bigint): string {
  const groups = [7n, 6n, 5n, 4n, 3n, 2n, 1n, 0n].map((index) => Number((number >> (index * 16n)) & 65535n))
  if (groups.slice(0, 5).every((group) => group === 0) && groups[5] === 0xffff) return `::ffff:${ipv4Text(number & 0xffffffffn)}`
  let start = -1, length = 1
  for (let i = 0; i < 8; i++) {
    let end = i
    while (end < 8 && groups[end] === 0) end++
    if (end - i > length) { start = i; length = end - i }
  }
  const text = (part: readonly number[]): string => part.map((group) => group.toString(16)).join(':')
  return start < 0 ? text(groups) : `${text(groups.slice(0, start))}::${text(groups.slice(start + length))}`
}

/** The network a CIDR names, with the bits behind its length cleared, in canonical form. */
export function canonicalCIDR(cidr: string): string {
  const [address = '', bits = ''] = cidr.split('/')
  const size = isIPv4(address) ? 32 : 128
  const host = BigInt(size - Number(bits))
  const network = (ipNumber(address) >> host) << host
  return `${size === 32 ? ipv4Text(network) : ipv6Text(network)}/${bits}`
}

/** Whether the first CIDR lies within the second and is smaller; both of one family. */
export function isStrictSubset(part: string, whole: string): boolean {
  const [address = '', bits = ''] = part.split('/')
  const [, wholeBits = ''] = whole.split('/')
  return Number(bits) > Number(wholeBits) && canonicalCIDR(`${address}/${wholeBits}`) === canonicalCIDR(whole)
}
