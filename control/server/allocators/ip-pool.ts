import { Bitmap } from './bitmap.ts'

/** Why an address could not be had. */
export type IpRefusal = 'not in range' | 'taken' | 'full'

/**
 * The cluster IPs of an IPv4 range. The lower end is left to those who ask for a certain address as long as there are
 * others, so that the two rarely meet (the original's bands).
 */
export class IpPool {
  readonly #base: number
  readonly #bitmap: Bitmap
  readonly #band: number

  constructor(cidr: string) {
    const [address = '', bits = ''] = cidr.split('/')
    const prefix = Number(bits)
    const base = numberOf(address)
    if (base === undefined || !/^\d+$/.test(bits) || prefix < 8 || prefix > 30) throw new Error(`Cannot use ${JSON.stringify(cidr)} for cluster IPs: it must be an IPv4 range between /8 and /30`)
    const size = 2 ** (32 - prefix)
    this.#base = base - base % size
    this.#bitmap = new Bitmap(size)
    // Neither the network's own address nor the broadcast address is given out.
    this.#bitmap.take(0)
    this.#bitmap.take(size - 1)
    this.#band = size < 32 ? 0 : Math.min(Math.max(16, size / 16), 256)
  }

  /** The first usable address: the service `kubernetes`. */
  get first(): string { return textOf(this.#base + 1) }

  take(address: string): IpRefusal | undefined {
    const index = this.#indexOf(address)
    if (index === undefined || index === 0 || index === this.#bitmap.size - 1) return 'not in range'
    return this.#bitmap.take(index) ? undefined : 'taken'
  }

  takeAny(random: number): string | undefined {
    const index = this.#bitmap.takeAny(this.#band, this.#bitmap.size, random) ?? this.#bitmap.takeAny(0, this.#band, random)
    return index === undefined ? undefined : textOf(this.#base + index)
  }

  release(address: string): void {
    const index = this.#indexOf(address)
    if (index !== undefined && index > 0 && index < this.#bitmap.size - 1) this.#bitmap.release(index)
  }

  #indexOf(address: string): number | undefined {
    const value = numberOf(address)
    if (value === undefined) return undefined
    const index = value - this.#base
    return index >= 0 && index < this.#bitmap.size ? index : undefined
  }
}

function numberOf(address: string): number | undefined {
  const parts = /^(\d{1,3})\.(\d{1,3})\.(\d{1,3})\.(\d{1,3})$/.exec(address)?.slice(1).map(Number)
  return parts?.every((part) => part < 256) ? parts.reduce((sum, part) => sum * 256 + part, 0) : undefined
}

const textOf = (value: number): string => [24, 16, 8, 0].map((shift) => Math.floor(value / 2 ** shift) % 256).join('.')
