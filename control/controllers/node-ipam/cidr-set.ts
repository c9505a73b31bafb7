import type { Cidr } from '../../../api/cidr.ts'
import { formatCidr, parseCidr } from '../../../api/cidr.ts'

/** No more shares than this are told apart, however large the network is. */
const mostShares = 2 ** 16

/** A network in equal shares. Shares are given out in turn, so that a freed one rests as long as may be. */
export class CidrSet {
  readonly #network: Cidr
  readonly #mask: number
  readonly #count: number
  readonly #used = new Set<number>()
  #next = 0

  constructor(network: Cidr, mask: number) {
    if (mask < network.prefix || mask > network.bits) throw new RangeError(`Cannot share out ${formatCidr(network)} by /${mask}`)
    this.#network = network
    this.#mask = mask
    this.#count = Math.min(mostShares, 2 ** (mask - network.prefix))
  }

  get family(): 'IPv4' | 'IPv6' {
    return this.#network.bits === 32 ? 'IPv4' : 'IPv6'
  }

  /** A share that is free, taken; `undefined` when there is none. */
  take(): string | undefined {
    if (this.#used.size >= this.#count) return undefined
    while (this.#used.has(this.#next)) this.#next = (this.#next + 1) % this.#count
    const share = this.#next
    this.#used.add(share)
    this.#next = (share + 1) % this.#count
    return formatCidr({ address: this.#network.address + (BigInt(share) << this.#size), prefix: this.#mask, bits: this.#network.bits })
  }

  /** Takes every share that the network `text` touches; one outside of ours touches none. */
  occupy(text: string): void {
    for (const share of this.#touched(text)) this.#used.add(share)
  }

  release(text: string): void {
    for (const share of this.#touched(text)) this.#used.delete(share)
  }

  get #size(): bigint {
    return BigInt(this.#network.bits - this.#mask)
  }

  #touched(text: string): number[] {
    const { address, prefix, bits } = parseCidr(text)
    if (bits !== this.#network.bits) return []
    const last = address + (1n << BigInt(bits - prefix)) - 1n
    const shareOf = (at: bigint) => Number((at - this.#network.address) >> this.#size)
    const [first, end] = [Math.max(0, shareOf(address)), Math.min(this.#count - 1, shareOf(last))]
    return first > end ? [] : Array.from({ length: end - first + 1 }, (_, i) => first + i)
  }
}
