import type { Family, Route } from '../table.ts'
import { RowStore } from './row-store.ts'
import { rowsOf, type Rows, type RouteSlots } from './rows.ts'
import { SlotPool, type Slot } from './slots.ts'
import { deltaText, fullText } from './text.ts'

/**
 * What one family's kernel table is to hold, and the text that gets it there. Kept between calls, so that a change
 * costs what changed; a route that is the same object as before costs one comparison.
 */
export class FamilyTable {
  readonly #family: Family
  readonly #clusterCIDRs: readonly string[]
  readonly #pool = new SlotPool()
  readonly #rows = new RowStore()
  readonly #routes = new Map<string, { readonly route: Route; readonly slots: RouteSlots; readonly rows: Rows }>()
  /** Chains the kernel has. */
  #chains = new Map<string, Slot>()
  #wanted = new Map<string, Slot>()

  constructor(family: Family, clusterCIDRs: readonly string[]) {
    this.#family = family
    this.#clusterCIDRs = clusterCIDRs
  }

  /** Takes over the routes of this family; others are passed over. */
  update(routes: readonly Route[]): void {
    const seen = new Set<string>()
    for (const route of routes) {
      if (route.family !== this.#family) continue
      seen.add(route.id)
      const known = this.#routes.get(route.id)
      if (known?.route === route) continue
      if (known) this.#drop(route.id)
      this.#take(route)
    }
    if (seen.size !== this.#routes.size) for (const id of [...this.#routes.keys()]) if (!seen.has(id)) this.#drop(id)
  }

  fullText(): string {
    return fullText(this.#family, this.#wanted.values(), this.#rows.all(), this.#clusterCIDRs)
  }

  deltaText(): string {
    const newSlots = [...this.#wanted.values()].filter((slot) => !this.#chains.has(slot.chain))
    const oldSlots = [...this.#chains.values()].filter((slot) => !this.#wanted.has(slot.chain))
    return deltaText(this.#family, { newSlots, oldSlots, ...this.#rows.pending() })
  }

  /** The kernel took the text. */
  settle(): void {
    this.#chains = new Map(this.#wanted)
    this.#rows.settle()
  }

  #take(route: Route): void {
    const take = (use: Slot['use'], endpoints: number, wanted = true) => (wanted && endpoints > 0 ? this.#hold(this.#pool.take(use, endpoints)) : undefined)
    const slots: RouteSlots = {
      internal: take('service', route.internal.length),
      external: take('service', route.external.length, route.externalIPs.length + route.loadBalancerIPs.length > 0),
      nodePort: take(route.masqueradeExternal ? 'nodeport' : 'nodeport-local', route.external.length, route.nodePort !== undefined),
    }
    const rows = rowsOf(route, slots)
    this.#rows.add(route.id, rows)
    this.#routes.set(route.id, { route, slots, rows })
  }

  #drop(id: string): void {
    const { slots, rows } = this.#routes.get(id)!
    this.#rows.remove(id, rows)
    for (const slot of [slots.internal, slots.external, slots.nodePort]) if (slot) this.#letGo(slot)
    this.#routes.delete(id)
  }

  #hold(slot: Slot): Slot {
    this.#wanted.set(slot.chain, slot)
    return slot
  }

  #letGo(slot: Slot): void {
    this.#pool.release(slot)
    if (this.#pool.isFree(slot)) this.#wanted.delete(slot.chain)
  }
}
