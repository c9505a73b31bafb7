import { formatIP, parseCidr, parseIP } from '../../../api/cidr.ts'
import { Bitmap } from './bitmap.ts'
import { SparseSet } from './sparse-set.ts'

/** Why an address could not be had. */
export type IpRefusal = 'not in range' | 'taken' | 'full'

/** Ranges up to this size are a bitmap; of larger ones (IPv6) only what is taken is remembered. */
const mostBits = 24
/** Addresses of a huge range are drawn from its beginning, where they are short. All of it can be asked for. */
const mostDrawn = 2 ** 32

/**
 * The cluster IPs of a range of either family. The lower end is left to those who ask for a certain address as long as there are
 * others, so that the two rarely meet (the original's bands).
 */
export class IpPool {
  readonly cidr: string
  readonly #bits: number
  readonly #base: bigint
  /** Offset of the last address that is given out. */
  readonly #last: bigint
  readonly #taken: Pick<SparseSet, 'take' | 'release' | 'takeAny'>
  /** The first offset that is drawn, and the one behind the last. */
  readonly #band: number
  readonly #end: number

  constructor(cidr: string) {
    const { address, prefix, bits } = networkOf(cidr)
    if (bits === 32 ? prefix < 8 || prefix > 30 : prefix < 64 || prefix > 126) throw new Error(`Cannot use ${JSON.stringify(cidr)} for cluster IPs: it must be an IPv4 range between /8 and /30 or an IPv6 range between /64 and /126`)
    const size = 1n << BigInt(bits - prefix)
    this.cidr = cidr
    this.#bits = bits
    this.#base = address
    // Neither the network's own address nor, with IPv4, the broadcast address is given out.
    this.#last = bits === 32 ? size - 2n : size - 1n
    this.#taken = bits - prefix <= mostBits ? dense(Number(size)) : new SparseSet()
    this.#band = size <= 16n ? 1 : 1 + Math.min(Math.max(16, Number(size) / 16), 256)
    this.#end = Math.min(Number(this.#last) + 1, mostDrawn)
  }

  /** The first usable address: the service `kubernetes`. */
  get first(): string { return formatIP(this.#base + 1n, this.#bits) }

  holds(address: string): boolean {
    return this.#offsetOf(address) !== undefined
  }

  take(address: string): IpRefusal | undefined {
    const offset = this.#offsetOf(address)
    if (offset === undefined) return 'not in range'
    return this.#taken.take(offset) ? undefined : 'taken'
  }

  /** `random` is in [0, 1). */
  takeAny(random: number): string | undefined {
    const offset = this.#taken.takeAny(this.#band, this.#end, random) ?? this.#taken.takeAny(1, this.#band, random)
    return offset === undefined ? undefined : formatIP(this.#base + BigInt(offset), this.#bits)
  }

  release(address: string): void {
    const offset = this.#offsetOf(address)
    if (offset !== undefined) this.#taken.release(offset)
  }

  #offsetOf(address: string): bigint | undefined {
    const value = address.includes(':') === (this.#bits === 128) ? parseIP(address) : undefined
    const offset = value === undefined ? 0n : value - this.#base
    return offset >= 1n && offset <= this.#last ? offset : undefined
  }
}

function dense(size: number): Pick<SparseSet, 'take' | 'release' | 'takeAny'> {
  const bitmap = new Bitmap(size)
  return { take: (offset) => bitmap.take(Number(offset)), release: (offset) => bitmap.release(Number(offset)), takeAny: (from, to, random) => bitmap.takeAny(from, to, random) }
}

function networkOf(cidr: string): ReturnType<typeof parseCidr> {
  try {
    return parseCidr(cidr)
  } catch {
    throw new Error(`Cannot use ${JSON.stringify(cidr)} for cluster IPs: it is no network`)
  }
}
