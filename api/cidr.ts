import { ipFamily, ipNumber, ipText } from './kinds/validation/ip.ts'

/** A network prefix: address as a number, so that IPv4 and IPv6 are one piece of arithmetic. */
export interface Cidr {
  readonly address: bigint
  readonly prefix: number
  /** 32 or 128. */
  readonly bits: number
}

/** Parses `10.244.0.0/16` or `fd00::/48`. Throws a `RangeError` on anything else. Host bits are cut off. */
export function parseCidr(text: string): Cidr {
  const [host = '', length = '', ...rest] = text.split('/')
  const bits = host.includes(':') ? 128 : 32
  const prefix = /^\d{1,3}$/.test(length) && rest.length === 0 ? Number(length) : -1
  if (prefix < 0 || prefix > bits) throw new RangeError(`Cannot read network ${JSON.stringify(text)}: want address/length`)
  const address = parseIP(host)
  if (address === undefined) throw new RangeError(`Cannot read network ${JSON.stringify(text)}: ${JSON.stringify(host)} is no address`)
  const size = BigInt(bits - prefix)
  return { address: (address >> size) << size, prefix, bits }
}

export const formatCidr = ({ address, prefix, bits }: Cidr): string => `${formatIP(address, bits)}/${prefix}`

/** An address as a number; `undefined` for what is none. */
export const parseIP = (text: string): bigint | undefined => (ipFamily(text) ? ipNumber(text) : undefined)

/** The text of an address of 32 or 128 bits, the one that each has (RFC 5952). */
export const formatIP = (address: bigint, bits: number): string => ipText(address, bits === 32 ? 4 : 6)

/** Whether an address, of the same family, lies in a network. */
export const holds = ({ address, prefix, bits }: Cidr, one: bigint): boolean => one >> BigInt(bits - prefix) === address >> BigInt(bits - prefix)

/** Whether the first network holds all of the second. */
export const contains = (whole: Cidr, part: Cidr): boolean => whole.bits === part.bits && whole.prefix <= part.prefix && holds(whole, part.address)

/** Whether two networks share an address. */
export const overlap = (one: Cidr, other: Cidr): boolean => contains(one, other) || contains(other, one)
