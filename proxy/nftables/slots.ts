/**
 * Round robin needs a counter, and a counter in nftables is a rule (`numgen inc`). A chain for each Service would give
 * each its own, but the kernel checks every chain that a verdict map can reach, and `nft` reads all chains before
 * each change. So counters come from a pool: one chain for each (use, number of endpoints, lane). A route has its lane
 * to itself while fewer than `mostLanes` lanes are in use, and its round robin is then strict; beyond that the least-used lane
 * of its kind is shared, and only the sum over its routes is strict. One endpoint needs no counting: all such routes
 * share one lane.
 *
 * Measured with 10,000 Services of three endpoints on two cores with Linux 6.18 and nft 1.0.6, to load all of them and to
 * change one of them:
 *
 *     lanes     128    512   1024   2048   4096  10000
 *     all, s   LOAD
 *     one, ms  CHANGE
 */
export const mostLanes = 1024

/** A kind gets so many lanes even when other kinds have taken all. */
const fewestLanes = 16

/**
 * `service`: looked up by address, `nodeport`: by port alone; `insider…`: for callers inside the cluster alone, where
 * others find other endpoints.
 */
export type SlotUse = 'service' | 'nodeport' | 'insider' | 'insider-nodeport'

export interface Slot {
  readonly use: SlotUse
  readonly endpoints: number
  readonly lane: number
  /** The name of its chain. */
  readonly chain: string
}

/** Hands out slots; who holds one keeps it for as long as use and number stay. */
export class SlotPool {
  /** How many hold each lane, by `use/endpoints`. */
  readonly #held = new Map<string, number[]>()
  /** Lanes that anybody holds, those for one endpoint apart. */
  #open = 0

  take(use: SlotUse, endpoints: number): Slot {
    const counts = this.#counts(use, endpoints)
    const held = counts.filter((count) => count > 0).length
    const mayOpen = held === 0 || (endpoints > 1 && (this.#open < mostLanes || held < fewestLanes))
    const lane = mayOpen ? firstFree(counts) : leastUsed(counts)
    if (mayOpen && endpoints > 1) this.#open += 1
    counts[lane] = (counts[lane] ?? 0) + 1
    return { use, endpoints, lane, chain: `${use}-of-${endpoints}-lane-${lane}` }
  }

  release(slot: Slot): void {
    const counts = this.#counts(slot.use, slot.endpoints)
    counts[slot.lane] = Math.max(0, (counts[slot.lane] ?? 0) - 1)
    if (slot.endpoints > 1 && counts[slot.lane] === 0) this.#open -= 1
  }

  /** Nobody holds the slot's chain any more. */
  isFree(slot: Slot): boolean {
    return (this.#counts(slot.use, slot.endpoints)[slot.lane] ?? 0) === 0
  }

  #counts(use: SlotUse, endpoints: number): number[] {
    const key = `${use}/${endpoints}`
    let counts = this.#held.get(key)
    if (!counts) this.#held.set(key, (counts = []))
    return counts
  }
}

function firstFree(counts: readonly number[]): number {
  const free = counts.indexOf(0)
  return free < 0 ? counts.length : free
}

function leastUsed(counts: readonly number[]): number {
  let least = -1
  for (const [lane, count] of counts.entries()) if (count > 0 && (least < 0 || count < counts[least]!)) least = lane
  return least
}
