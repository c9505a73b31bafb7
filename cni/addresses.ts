import { isIPv4, isIPv6 } from 'node:net'

/** Arithmetic on addresses and subnets, as big integers. Pure. */
export type Family = 'IPv4' | 'IPv6'

export interface Subnet {
  readonly family: Family
  /** As text in its canonical form, host bits zero. */
  readonly cidr: string
  readonly first: bigint
  readonly last: bigint
  readonly prefix: number
}

const bits = (family: Family): number => family === 'IPv4' ? 32 : 128

export const familyOf = (address: string): Family => address.includes(':') ? 'IPv6' : 'IPv4'

/** Text → number; `undefined` when it is no address. */
export const parseAddress = (text: string): bigint | undefined => {
  if (isIPv4(text)) return text.split('.').reduce((sum, byte) => (sum << 8n) | BigInt(byte), 0n)
  if (!isIPv6(text) || text.includes('%')) return undefined
  const dotted = /^(.*:)(\d+\.\d+\.\d+\.\d+)$/.exec(text)
  const v4 = dotted ? parseAddress(dotted[2]!)! : 0n
  const hex = dotted ? `${dotted[1]}${(v4 >> 16n).toString(16)}:${(v4 & 0xffffn).toString(16)}` : text
  const [left = '', right] = hex.split('::')
  const words = (part: string | undefined): string[] => part ? part.split(':') : []
  const [head, tail] = [words(left), words(right)]
  const all = [...head, ...Array.from({ length: 8 - head.length - tail.length }, () => '0'), ...tail]
  return all.reduce((sum, word) => (sum << 16n) | BigInt(`0x${word}`), 0n)
}

/** Number → the shortest text (RFC 5952). */
export const formatAddress = (value: bigint, family: Family): string => {
  if (family === 'IPv4') return [24n, 16n, 8n, 0n].map(shift => (value >> shift) & 255n).join('.')
  const words = Array.from({ length: 8 }, (_, n) => ((value >> BigInt(112 - n * 16)) & 0xffffn).toString(16))
  const text = words.join(':')
  const zeros = [...text.matchAll(/(?<![0-9a-f])0(?::0)+(?![0-9a-f])/g)].sort((a, b) => b[0].length - a[0].length)[0]
  if (!zeros) return text
  return `${text.slice(0, zeros.index).replace(/:$/, '')}::${text.slice(zeros.index + zeros[0].length).replace(/^:/, '')}`
}

/** `10.244.1.0/24` → subnet; `undefined` when it is none. */
export const parseSubnet = (text: string): Subnet | undefined => {
  const match = /^([^/]+)\/(\d{1,3})$/.exec(text)
  const value = match && parseAddress(match[1]!)
  if (!match || value === null || value === undefined) return undefined
  const family = familyOf(match[1]!)
  const prefix = Number(match[2])
  if (prefix > bits(family)) return undefined
  const host = (1n << BigInt(bits(family) - prefix)) - 1n
  const first = value & ~host
  return { family, cidr: `${formatAddress(first, family)}/${prefix}`, first, last: first | host, prefix }
}

/** The first usable address: the bridge's, and the pods' default gateway. */
export const gatewayOf = (subnet: Subnet): string => formatAddress(subnet.first + 1n, subnet.family)

/** The addresses pods may have: all but the network's, the gateway's and (IPv4) the broadcast address. */
export const podRange = (subnet: Subnet): { first: bigint; last: bigint; size: bigint } => {
  const first = subnet.first + 2n
  const last = subnet.family === 'IPv4' ? subnet.last - 1n : subnet.last
  return { first, last, size: last < first ? 0n : last - first + 1n }
}

export const inSubnet = (subnet: Subnet, address: string): boolean => {
  const value = parseAddress(address)
  return value !== undefined && familyOf(address) === subnet.family && value >= subnet.first && value <= subnet.last
}

/**
 * The MAC address of a pod follows from its IPv4 address: one that is handed out again comes with the same MAC, so that
 * nobody's neighbour table is ever wrong and no gratuitous ARP is needed.
 */
export const macOf = (address: string): string | undefined => {
  if (familyOf(address) !== 'IPv4') return undefined
  const value = parseAddress(address)
  if (value === undefined) return undefined
  return ['0a', '58', ...[24n, 16n, 8n, 0n].map(shift => ((value >> shift) & 255n).toString(16).padStart(2, '0'))].join(':')
}
