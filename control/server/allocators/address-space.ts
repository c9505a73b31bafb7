import { canonicalIP } from '../../../api/kinds/validation/ip.ts'
import { IpPool } from './ip-pool.ts'
import type { IpRefusal } from './ip-pool.ts'
import { familyOf } from './service-families.ts'
import type { Family } from './service-families.ts'

/**
 * The cluster IPs of all ranges of the cluster. Ranges may overlap, come and go; an address that is held stays held whatever
 * becomes of its range.
 */
export class AddressSpace {
  readonly #pools = new Map<string, IpPool>()
  readonly #held = new Set<string>()

  /** Throws a sentence for what can be no range of cluster IPs. */
  add(cidr: string): void {
    if (this.#pools.has(cidr)) return
    const pool = new IpPool(cidr)
    for (const address of this.#held) pool.take(address)
    this.#pools.set(cidr, pool)
  }

  remove(cidr: string): void {
    this.#pools.delete(cidr)
  }

  take(address: string): IpRefusal | undefined {
    const text = canonicalIP(address)
    if (![...this.#pools.values()].some((pool) => pool.holds(text))) return 'not in range'
    if (this.#held.has(text)) return 'taken'
    this.#hold(text)
    return undefined
  }

  /** Holds an address that is in use already, wherever it lies. */
  occupy(address: string): void {
    this.#hold(canonicalIP(address))
  }

  takeAny(family: Family, random: number): string | undefined {
    for (const pool of this.#pools.values()) {
      const address = familyOf(pool.cidr) === family ? pool.takeAny(random) : undefined
      if (address === undefined) continue
      this.#hold(address)
      return address
    }
    return undefined
  }

  release(address: string): void {
    const text = canonicalIP(address)
    this.#held.delete(text)
    for (const pool of this.#pools.values()) pool.release(text)
  }

  #hold(address: string): void {
    this.#held.add(address)
    for (const pool of this.#pools.values()) pool.take(address)
  }
}
