import type { Family, Route, RouteChanges } from '../table.ts'
import { mapsOf, memoriesOf, type Memory } from './affinity.ts'
import { affineChain, memoryChain, slotChain, type Chain } from './chains.ts'
import { RowStore } from './row-store.ts'
import { hasInsiders, rowsOf, type RouteChains } from './rows.ts'
import { SlotPool, type Slot, type SlotUse } from './slots.ts'
import { deltaText, fullText, type Surroundings } from './text.ts'
import { Wanted } from './wanted.ts'

interface Held { readonly route: Route; readonly serving: RouteChains; readonly slots: readonly Slot[]; readonly chains: readonly string[]; readonly memories: readonly Memory[] }

/**
 * What one family's kernel table is to hold, and the text that gets it there. Kept between calls, so that a change
 * costs what changed.
 */
export class FamilyTable {
  readonly #family: Family
  readonly #surroundings: Surroundings
  readonly #pool = new SlotPool()
  readonly #rows = new RowStore()
  readonly #routes = new Map<string, Held>()
  readonly #chains = new Wanted<Chain>()
  readonly #memories = new Wanted<Memory>()
  /** Routes whose callers may be remembered to belong to endpoints that are gone. */
  readonly #shrunk = new Set<string>()

  constructor(family: Family, surroundings: Surroundings) {
    this.#family = family
    this.#surroundings = surroundings
  }

  /** Takes over all routes of this family; others are passed over. One that is the same object as before costs one comparison. */
  update(routes: readonly Route[]): void {
    const mine = routes.filter((route) => route.family === this.#family)
    const ids = new Set(mine.map(({ id }) => id))
    if ([...this.#routes.keys()].some((id) => !ids.has(id))) this.change({ gone: [...this.#routes.values()].map(({ route }) => route).filter(({ id }) => !ids.has(id)), come: [] })
    this.change({ gone: [], come: mine })
  }

  /** Takes over what has changed since. */
  change({ gone, come }: RouteChanges): void {
    const replaced = new Set(come.map(({ id }) => id))
    for (const { id } of gone) if (!replaced.has(id) && this.#routes.has(id)) this.#drop(id)
    for (const route of come) {
      if (route.family !== this.#family) continue
      const known = this.#routes.get(route.id)
      if (known?.route === route) continue
      if (known) this.#drop(route.id)
      this.#take(route)
    }
  }

  /** `remembered`: elements of memories to begin with, by map. */
  fullText(remembered: readonly (readonly [map: string, element: string])[] = []): string {
    return fullText(this.#family, { chains: this.#chains.all.values(), memories: this.#memories.all.values(), rows: this.#rows, remembered }, this.#surroundings)
  }

  deltaText(): string {
    return deltaText(this.#family, { chains: this.#chains.pending(), memories: this.#memories.pending(), ...this.#rows.pending() })
  }

  /** Chains that the kernel does not have yet. */
  newChains(): readonly Chain[] {
    return this.#chains.pending().come
  }

  get chains(): ReadonlyMap<string, Chain> {
    return this.#chains.all
  }

  get rows(): RowStore {
    return this.#rows
  }

  /** All that is remembered of callers. */
  memories(): Memory[] {
    return [...this.#routes.values()].flatMap((held) => held.memories)
  }

  /** Memories of routes that lost an endpoint since `settle`. */
  shrunk(): Memory[] {
    return [...this.#shrunk].flatMap((id) => this.#routes.get(id)?.memories ?? [])
  }

  /** The kernel took the text. */
  settle(): void {
    this.#chains.settle()
    this.#memories.settle()
    this.#rows.settle()
    this.#shrunk.clear()
  }

  #take(route: Route): void {
    const slots: Slot[] = []
    const made: Chain[] = []
    const memories = memoriesOf(route)
    const take = (role: string, use: SlotUse, endpoints: number, wanted: boolean): string | undefined => {
      if (!wanted || endpoints === 0) return undefined
      const { clusterCIDRs } = this.#surroundings
      const memory = role === 'internal' ? memories.inner : memories.outer
      if (memory) {
        made.push(affineChain(role, use, route, memory, endpoints, this.#family, clusterCIDRs))
        return made.at(-1)!.name
      }
      const slot = this.#pool.take(use, endpoints)
      slots.push(slot)
      this.#chains.want(slot.chain, () => slotChain(slot, this.#family, clusterCIDRs))
      return slot.chain
    }
    const outer = route.externalIPs.length + route.loadBalancerIPs.length > 0
    const nodePort = route.nodePort !== undefined
    const serving: RouteChains = {
      internal: take('internal', 'service', route.internal.length, true),
      external: take('external', 'service', route.external.length, outer),
      nodePort: take('nodeport', 'nodeport', route.external.length, nodePort),
      insiders: take('insiders', 'insider', route.insiders.length, outer && hasInsiders(route)),
      insidersNodePort: take('insiders-nodeport', 'insider-nodeport', route.insiders.length, nodePort && hasInsiders(route)),
    }
    for (const memory of [memories.inner, memories.outer]) {
      if (!memory) continue
      this.#memories.want(memory.name, () => memory)
      made.push(memoryChain(route, memory, route.affinitySeconds!, this.#family))
    }
    for (const chain of made) this.#chains.want(chain.name, () => chain)
    this.#rows.add(route.id, rowsOf(route, serving))
    this.#routes.set(route.id, { route, serving, slots, chains: made.map(({ name }) => name), memories: Object.values(memories) })
  }

  #drop(id: string): void {
    const { route, serving, slots, chains, memories } = this.#routes.get(id)!
    this.#rows.remove(id, rowsOf(route, serving))
    for (const slot of slots) {
      this.#pool.release(slot)
      if (this.#pool.isFree(slot)) this.#chains.drop(slot.chain)
    }
    for (const name of chains) this.#chains.drop(name)
    for (const { name } of memories) this.#memories.drop(name)
    if (memories.length) this.#shrunk.add(id)
    this.#routes.delete(id)
  }
}

/** The maps of some memories, by name. */
export const mapNames = (memories: Iterable<Memory>): string[] => [...memories].flatMap((memory) => Object.values(mapsOf(memory)))
