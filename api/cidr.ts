/** A network prefix: address as a number, so that IPv4 and IPv6 are one piece of arithmetic. */
export interface Cidr {
  readonly address: bigint
  readonly prefix: number
  /** 32 or 128. */
  readonly bits: number
}

/** Parses `10.244.0.0/16` or `fd00::/48`. Throws a `RangeError` on anything else. Host bits are cut off. */
export function parseCidr(text: string): Cidr {
  const [host = '', length = ''] = text.split('/')
  const bits = host.includes(':') ? 128 : 32
  const prefix = /^\d{1,3}$/.test(length) ? Number(length) : -1
  if (prefix < 0 || prefix > bits) throw new RangeError(`Cannot read network ${JSON.stringify(text)}: want address/length`)
  const address = bits === 32 ? parseIPv4(host) : parseIPv6(host)
  if (address === undefined) throw new RangeError(`Cannot read network ${JSON.stringify(text)}: ${JSON.stringify(host)} is no address`)
  const size = BigInt(bits - prefix)
  return { address: (address >> size) << size, prefix, bits }
}

export const formatCidr = ({ address, prefix, bits }: Cidr): string => `${formatIP(address, bits)}/${prefix}`

/** Whether two networks share an address. */
export function overlap(one: Cidr, other: Cidr): boolean {
  const hostBits = BigInt(one.bits - Math.min(one.prefix, other.prefix))
  return one.bits === other.bits && one.address >> hostBits === other.address >> hostBits
}

/** Whether an address, of the same family, lies in a network. */
export const holds = ({ address, prefix, bits }: Cidr, one: bigint): boolean => one >> BigInt(bits - prefix) === address >> BigInt(bits - prefix)

/** Whether the first network holds all of the second. */
export const contains = (whole: Cidr, part: Cidr): boolean => whole.bits === part.bits && whole.prefix <= part.prefix && holds(whole, part.address)

function parseIPv4(text: string): bigint | undefined {
  const parts = text.split('.')
  if (parts.length !== 4 || !parts.every((part) => /^(0|[1-9]\d{0,2})$/.test(part) && Number(part) < 256)) return undefined
  return parts.reduce((sum, part) => sum * 256n + BigInt(part), 0n)
}

function parseIPv6(text: string): bigint | undefined {
  const halves = text.split('::')
  if (halves.length > 2) return undefined
  const [head = [], tail = []] = halves.map((half) => (half === '' ? [] : half.split(':')))
  const missing = 8 - head.length - tail.length
  if (halves.length === 1 ? missing !== 0 : missing < 1) return undefined
  const groups = [...head, ...Array<string>(missing).fill('0'), ...tail]
  if (!groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group))) return undefined
  return groups.reduce((sum, group) => sum * 65536n + BigInt(`0x${group}`), 0n)
}

/** An address as a number; `undefined` for what is none. */
export const parseIP = (text: string): bigint | undefined => (text.includes(':') ? parseIPv6(text) : parseIPv4(text))

/** The text of an address of 32 or 128 bits, the one that each has (RFC 5952). */
export const formatIP = (address: bigint, bits: number): string => (bits === 32 ? formatIPv4(address) : formatIPv6(address))

const formatIPv4 = (address: bigint): string => [24n, 16n, 8n, 0n].map((shift) => (address >> shift) & 255n).join('.')

/** RFC 5952: lower case, the first longest run of zero groups as `::`. */
function formatIPv6(address: bigint): string {
  const groups = Array.from({ length: 8 }, (_, i) => ((address >> BigInt(112 - 16 * i)) & 65535n).toString(16))
  const runs = [...groups.join(':').matchAll(/(?<![^:])0(?::0)+(?![^:])/g)].sort((a, b) => b[0].length - a[0].length)
  const longest = runs[0]
  if (!longest) return groups.join(':')
  const text = groups.join(':')
  return `${text.slice(0, longest.index).replace(/:$/, '')}::${text.slice(longest.index + longest[0].length).replace(/^:/, '')}`
}
