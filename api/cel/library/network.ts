import { isIP } from 'node:net'
import { ipv6Groups } from '../../kinds/validation/ip.ts'
import { scanning } from '../functions.ts'
import type { Library } from '../functions.ts'
import { Opaque, failure } from '../values.ts'

/** An address as a number, with its family. */
interface Address { readonly family: 4 | 6; readonly bits: bigint }
interface Prefix { readonly address: Address; readonly length: number }

function parseAddress(text: string): Address {
  if (text.includes('%') && isIP(text) > 0) throw failure(`IP address ${JSON.stringify(text)} with zone value is not allowed`)
  const family = isIP(text)
  if (family === 0) throw failure(`IP Address ${JSON.stringify(text)} parse error during conversion from string: ParseAddr(${JSON.stringify(text)}): unable to parse IP`)
  const address = family === 4 ? { family: 4 as const, bits: v4Bits(text) } : { family: 6 as const, bits: v6Bits(text) }
  if (isMapped(address)) throw failure(`IPv4-mapped IPv6 address ${JSON.stringify(text)} is not allowed`)
  return address
}

const v4Bits = (text: string): bigint => text.split('.').reduce((bits, part) => bits * 256n + BigInt(part), 0n)
const v6Bits = (text: string): bigint => ipv6Groups(text).reduce((bits, group) => bits * 65536n + BigInt(group), 0n)
const isMapped = ({ family, bits }: Address): boolean => family === 6 && bits >> 32n === 0xffffn

function parsePrefix(text: string): Prefix {
  const match = /^([^/]+)\/(0|[1-9]\d{0,2})$/.exec(text)
  const family = match ? isIP(match[1]!) : 0
  if (!match || family === 0 || match[1]!.includes('%') || Number(match[2]) > (family === 4 ? 32 : 128)) {
    const detail = `netip.ParsePrefix(${JSON.stringify(text)}): ${text.includes('/') ? 'bad bits or address' : "no '/'"}`
    throw failure(`network address parse error during conversion from string: network address parse error during conversion from string: ${detail}`)
  }
  return { address: parseAddress(match[1]!), length: Number(match[2]) }
}

function succeeds(parse: (text: string) => unknown, text: string): boolean {
  try {
    parse(text)
    return true
  } catch {
    return false
  }
}

/** The canonical text (RFC 5952). */
function print({ family, bits }: Address): string {
  if (family === 4) return [24n, 16n, 8n, 0n].map((shift) => (bits >> shift) & 255n).join('.')
  const groups = Array.from({ length: 8 }, (_, i) => ((bits >> BigInt(112 - 16 * i)) & 65535n).toString(16))
  const run = longestZeros(groups)
  if (run.length < 2) return groups.join(':')
  return `${groups.slice(0, run.start).join(':')}::${groups.slice(run.start + run.length).join(':')}`
}

function longestZeros(groups: readonly string[]): { start: number; length: number } {
  let best = { start: 0, length: 0 }
  for (let start = 0; start < 8; start++) {
    let length = 0
    while (groups[start + length] === '0') length++
    if (length > best.length) best = { start, length }
  }
  return best
}

const width = (address: Address): number => (address.family === 4 ? 32 : 128)
const network = (address: Address, length: number): bigint => (address.bits >> BigInt(width(address) - length)) << BigInt(width(address) - length)
const ipValue = (address: Address): Opaque<Address> => new Opaque('net.IP', address, `${address.family}/${address.bits}`)
const cidrValue = (prefix: Prefix): Opaque<Prefix> => new Opaque('net.CIDR', prefix, `${print(prefix.address)}/${prefix.length}`)
const within = (address: Address, text: string): boolean => {
  const { address: base, length } = parsePrefix(text)
  return base.family === address.family && network(address, length) === network(base, length)
}
const either = (address: Address, v4: string, v6: string): boolean => within(address, address.family === 4 ? v4 : v6)
const isUnspecified = (a: Address): boolean => a.bits === 0n
const isLoopback = (a: Address): boolean => either(a, '127.0.0.0/8', '::1/128')
const isLinkLocalUnicast = (a: Address): boolean => either(a, '169.254.0.0/16', 'fe80::/10')
const isMulticast = (a: Address): boolean => either(a, '224.0.0.0/4', 'ff00::/8')
const isLinkLocalMulticast = (a: Address): boolean => (a.family === 4 ? within(a, '224.0.0.0/24') : ((a.bits >> 112n) & 0xff0fn) === 0xff02n)
const isGlobalUnicast = (a: Address): boolean => !isUnspecified(a) && !isLoopback(a) && !isMulticast(a) && !isLinkLocalUnicast(a) && !(a.family === 4 && a.bits === 0xffffffffn)
const containsIP = (prefix: Prefix, address: Address): boolean => prefix.address.family === address.family && network(address, prefix.length) === network(prefix.address, prefix.length)
const containsCIDR = (a: Prefix, b: Prefix): boolean => a.length <= b.length && containsIP(a, b.address)

/** Kubernetes' libraries of addresses and networks: `cidr('10.0.0.0/8').containsIP(ip('10.1.2.3'))`. */
export const networks: Library = {
  'ip(string): ip': scanning(([text]) => ipValue(parseAddress(text))),
  'isIP(string): bool': scanning(([text]) => succeeds(parseAddress, text)),
  'ip.isCanonical(string): bool': scanning(([text]) => print(parseAddress(text)) === text),
  'string(ip): string': ([a]) => print(a.value),
  'ip::family(): int': ([a]) => BigInt(a.value.family),
  'ip::isUnspecified(): bool': ([a]) => isUnspecified(a.value),
  'ip::isLoopback(): bool': ([a]) => isLoopback(a.value),
  'ip::isLinkLocalMulticast(): bool': ([a]) => isLinkLocalMulticast(a.value),
  'ip::isLinkLocalUnicast(): bool': ([a]) => isLinkLocalUnicast(a.value),
  'ip::isGlobalUnicast(): bool': ([a]) => isGlobalUnicast(a.value),
  'cidr(string): cidr': scanning(([text]) => cidrValue(parsePrefix(text))),
  'isCIDR(string): bool': scanning(([text]) => succeeds(parsePrefix, text)),
  'string(cidr): string': ([a]) => String(a.key),
  'cidr::containsIP(string): bool': ([a, text]) => containsIP(a.value, parseAddress(text)),
  'cidr::containsIP(ip): bool': ([a, b]) => containsIP(a.value, b.value),
  'cidr::containsCIDR(string): bool': ([a, text]) => containsCIDR(a.value, parsePrefix(text)),
  'cidr::containsCIDR(cidr): bool': ([a, b]) => containsCIDR(a.value, b.value),
  'cidr::ip(): ip': ([a]) => ipValue(a.value.address),
  'cidr::prefixLength(): int': ([a]) => BigInt(a.value.length),
  'cidr::masked(): cidr': ([{ value: { address, length } }]) => cidrValue({ address: { ...address, bits: network(address, length) }, length }),
}

