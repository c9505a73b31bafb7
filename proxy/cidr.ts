import { isIP, SocketAddress } from 'node:net'
import type { Family } from './table.ts'

export const familyOf = (ip: string): Family | undefined => ({ 0: undefined, 4: 'ipv4' as const, 6: 'ipv6' as const })[isIP(ip) as 0 | 4 | 6]

/** The address as everybody writes it (RFC 5952), so that the same one is always the same text; undefined for what is none, or has a zone. */
export function canonicalIP(ip: string): string | undefined {
  const family = familyOf(ip)
  if (!family || ip.includes('%')) return undefined
  return family === 'ipv4' ? ip : new SocketAddress({ address: ip, family }).address
}

/**
 * The networks of one family that cover the same addresses as those given and do not overlap, in canonical form, a single
 * address without its length. What is no CIDR of this family is left out.
 */
export function disjoint(cidrs: readonly string[], family: Family): string[] {
  const kept: string[] = []
  // The widest first: what begins like one that is kept lies in it. Networks nest, or have nothing in common.
  for (const network of cidrs.flatMap((cidr) => prefixOf(cidr, family) ?? []).sort((a, b) => a.length - b.length)) {
    if (!kept.some((wide) => network.startsWith(wide))) kept.push(network)
  }
  return kept.map((prefix) => cidrOf(prefix, family)).sort()
}

const bitsOf = { ipv4: 32, ipv6: 128 } as const

/** The bits that addresses of the network have in common, as text of zeros and ones. */
function prefixOf(cidr: string, family: Family): string | undefined {
  const [ip = '', length = '', ...rest] = cidr.trim().split('/')
  if (familyOf(ip) !== family || ip.includes('%') || rest.length || !/^\d{1,3}$/.test(length) || Number(length) > bitsOf[family]) return undefined
  return groupsOf(ip, family).map((group) => group.toString(2).padStart(family === 'ipv4' ? 8 : 16, '0')).join('').slice(0, Number(length))
}

function groupsOf(ip: string, family: Family): number[] {
  if (family === 'ipv4') return ip.split('.').map(Number)
  const [head = '', tail] = canonicalIP(ip)!.replace(/:(\d+)\.(\d+)\.(\d+)\.(\d+)$/, (_, ...bytes: string[]) => {
    const [a, b, c, d] = bytes.map(Number) as [number, number, number, number]
    return `:${(a * 256 + b).toString(16)}:${(c * 256 + d).toString(16)}`
  }).split('::')
  const numbers = (part: string | undefined) => (part ? part.split(':').map((group) => Number.parseInt(group, 16)) : [])
  const [front, back] = [numbers(head), numbers(tail)]
  return [...front, ...Array.from({ length: 8 - front.length - back.length }, () => 0), ...back]
}

function cidrOf(prefix: string, family: Family): string {
  const size = family === 'ipv4' ? 8 : 16
  const groups = prefix.padEnd(bitsOf[family], '0').match(new RegExp(`.{${size}}`, 'g'))!.map((bits) => Number.parseInt(bits, 2))
  const ip = family === 'ipv4' ? groups.join('.') : canonicalIP(groups.map((group) => group.toString(16)).join(':'))!
  return prefix.length === bitsOf[family] ? ip : `${ip}/${prefix.length}`
}
