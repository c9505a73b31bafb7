import { isIPv4 } from 'node:net'
import { parseCidr, parseIP } from '../../api/cidr.ts'
import type { Bytes, Name } from './message.ts'
import { join } from './names.ts'

/** The 4 or 16 bytes of an address in text; undefined when it is none. */
export function addressBytes(text: string): Bytes | undefined {
  if (isIPv4(text)) return String.fromCharCode(...text.split('.').map(Number))
  const number = text.includes(':') ? parseIP(text) : undefined
  return number === undefined ? undefined : bytesOf(number, 16)
}

function bytesOf(number: bigint, length: number): Bytes {
  let bytes = ''
  for (let at = length - 1; at >= 0; at -= 1) bytes += String.fromCharCode(Number((number >> BigInt(at * 8)) & 255n))
  return bytes
}

/** A network as bytes: an address is in it when its first `prefix` bits are those of `base`. */
export interface Network {
  readonly base: Bytes
  readonly prefix: number
}

/** Throws a `RangeError` on what is no CIDR. */
export function network(cidr: string): Network {
  const { address, bits, prefix } = parseCidr(cidr)
  return { base: bytesOf(address, bits / 8), prefix }
}

export function contains({ base, prefix }: Network, address: Bytes): boolean {
  if (address.length !== base.length) return false
  const whole = prefix >> 3
  if (!address.startsWith(base.slice(0, whole))) return false
  const rest = prefix & 7
  return rest === 0 || (address.charCodeAt(whole) ^ base.charCodeAt(whole)) >> (8 - rest) === 0
}

/** Labels below `in-addr.arpa` (a byte each) or `ip6.arpa` (a nibble each), of the first so many of an address. */
export const reverseLabels = (address: Bytes): string[] =>
  (address.length === 4
    ? [...address].map((char) => String(char.charCodeAt(0)))
    : [...address].flatMap((char) => [char.charCodeAt(0) >> 4, char.charCodeAt(0) & 15].map((nibble) => nibble.toString(16)))).reverse()

export const reverseName = (address: Bytes): Name => join([...reverseLabels(address), address.length === 4 ? 'in-addr' : 'ip6', 'arpa'])

/**
 * What a name below `in-addr.arpa` or `ip6.arpa` says, by its labels in lower case: the beginning of an address, which is
 * whole when all labels are there. Undefined when it is no such name.
 */
export function parseReverse(labels: readonly string[]): { readonly family: 4 | 6; readonly parts: readonly number[]; readonly address: Bytes | undefined } | undefined {
  if (labels.at(-1) !== 'arpa') return undefined
  const family = labels.at(-2) === 'in-addr' ? 4 : labels.at(-2) === 'ip6' ? 6 : undefined
  if (!family) return undefined
  const pattern = family === 4 ? /^(0|[1-9]\d{0,2})$/ : /^[0-9a-f]$/
  const texts = labels.slice(0, -2).reverse()
  if (texts.length > (family === 4 ? 4 : 32) || !texts.every((text) => pattern.test(text))) return undefined
  const parts = texts.map((text) => Number.parseInt(text, family === 4 ? 10 : 16))
  if (parts.some((part) => part > 255)) return undefined
  return { family, parts, address: wholeAddress(family, parts) }
}

function wholeAddress(family: 4 | 6, parts: readonly number[]): Bytes | undefined {
  if (family === 4) return parts.length === 4 ? String.fromCharCode(...parts) : undefined
  if (parts.length !== 32) return undefined
  return String.fromCharCode(...Array.from({ length: 16 }, (_, at) => parts[at * 2]! * 16 + parts[at * 2 + 1]!))
}
