/**
 * Round robin needs a counter, and a counter in nftables is a rule (`numgen inc`). A chain for each Service would give
 * each its own, but the kernel re-checks every chain that a verdict map can reach: 10,000 chains take 20 seconds to
 * load where 128 take one. So counters come from a pool: one chain for each (use, number of endpoints, lane). A route
 * has its lane to itself while there are fewer than `lanes` routes with the same number of endpoints, and its round
 * robin is then strict; beyond that the least-used lane is shared, and only the sum over its routes is strict. One
 * endpoint needs no counting: all such routes share one lane.
 */
export const lanes = 128

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

  take(use: SlotUse, endpoints: number): Slot {
    const counts = this.#counts(use, endpoints)
    let lane = 0
    const most = endpoints === 1 ? 1 : lanes
    for (let candidate = 0; candidate < most && (counts[lane] ?? 0) > 0; candidate++) if ((counts[candidate] ?? 0) < (counts[lane] ?? 0)) lane = candidate
    counts[lane] = (counts[lane] ?? 0) + 1
    return { use, endpoints, lane, chain: `${use}-of-${endpoints}-lane-${lane}` }
  }

  release(slot: Slot): void {
    const counts = this.#counts(slot.use, slot.endpoints)
    counts[slot.lane] = Math.max(0, (counts[slot.lane] ?? 0) - 1)
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
