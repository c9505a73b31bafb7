import type { Family, Route, RouteChanges } from '../table.ts'
import { fixedChains, partsOf, servicesChain, toNetwork, type FixedChain, type Part, type Ruleset, type Surroundings, type Table } from './rules.ts'

/** What must be written to one table: chains with all their lines, and chains that go. */
export interface TableChange {
  readonly changed: ReadonlyMap<string, readonly string[]>
  readonly gone: readonly string[]
}

interface SharedChain {
  /** Lines by the id of their route. */
  readonly parts: Map<string, string[]>
  readonly network: string | undefined
}

/** The rules of one family, kept between calls: a change costs the chains in which it has lines. */
export class RuleTable {
  readonly #family: Family
  readonly #clusterCIDRs: readonly string[]
  readonly #fixed: Readonly<Record<Table, ReadonlyMap<string, FixedChain>>>
  readonly #held = new Map<string, { readonly route: Route; readonly parts: readonly Part[] }>()
  readonly #chains: Readonly<Record<Table, Map<string, SharedChain>>> = { nat: new Map(), filter: new Map() }
  /** The lines of each chain as of the last `settle`, and the chains that may have others since. */
  readonly #settled: Readonly<Record<Table, Map<string, readonly string[]>>> = { nat: new Map(), filter: new Map() }
  readonly #touched: Readonly<Record<Table, Set<string>>>
  #pending: { [table in Table]?: TableChange } = {}

  constructor(family: Family, surroundings: Surroundings) {
    this.#family = family
    this.#clusterCIDRs = surroundings.clusterCIDRs
    this.#fixed = fixedChains(family, surroundings)
    this.#touched = { nat: new Set(this.#fixed.nat.keys()), filter: new Set(this.#fixed.filter.keys()) }
  }

  /** Takes over all routes of this family; others are passed over. */
  update(routes: readonly Route[]): void {
    const ids = new Set(routes.map(({ id }) => id))
    this.change({ gone: [...this.#held.values()].map(({ route }) => route).filter(({ id }) => !ids.has(id)), come: routes })
  }

  /** Takes over what has changed since. */
  change({ gone, come }: RouteChanges): void {
    this.#pending = {}
    for (const { id } of gone) this.#drop(id)
    for (const route of come) {
      if (route.family !== this.#family || this.#held.get(route.id)?.route === route) continue
      this.#drop(route.id)
      const parts = partsOf(route, this.#clusterCIDRs)
      this.#held.set(route.id, { route, parts })
      for (const part of parts) this.#put(route.id, part)
    }
  }

  /** Chains with other lines than at the last `settle`. */
  pending(table: Table): TableChange {
    return (this.#pending[table] ??= this.#compare(table))
  }

  #compare(table: Table): TableChange {
    const changed = new Map<string, readonly string[]>()
    const gone: string[] = []
    for (const name of this.#touched[table]) {
      const [before, after] = [this.#settled[table].get(name), this.#linesOf(table, name)]
      if (after && !(before && sameLines(before, after))) changed.set(name, after)
      if (before && !after) gone.push(name)
    }
    return { changed, gone }
  }

  /** The kernel took what was pending. */
  settle(): void {
    for (const table of ['nat', 'filter'] as const) {
      const { changed, gone } = this.pending(table)
      for (const [name, lines] of changed) this.#settled[table].set(name, lines)
      for (const name of gone) this.#settled[table].delete(name)
      this.#touched[table].clear()
      delete this.#pending[table]
    }
  }

  /** All chains as of the last `settle`. */
  get settled(): Ruleset {
    return this.#settled
  }

  #put(id: string, { table, chain: name, lines, network }: Part): void {
    let chain = this.#chains[table].get(name)
    if (!chain) {
      this.#chains[table].set(name, (chain = { parts: new Map(), network }))
      if (network !== undefined) this.#touched[table].add(servicesChain)
    }
    const mine = chain.parts.get(id)
    if (mine) mine.push(...lines)
    else chain.parts.set(id, [...lines])
    this.#touched[table].add(name)
  }

  #drop(id: string): void {
    for (const { table, chain: name } of this.#held.get(id)?.parts ?? []) {
      const chain = this.#chains[table].get(name)
      if (!chain?.parts.delete(id)) continue // it had several parts there
      this.#touched[table].add(name)
      if (chain.parts.size > 0) continue
      this.#chains[table].delete(name)
      if (chain.network !== undefined) this.#touched[table].add(servicesChain)
    }
    this.#held.delete(id)
  }

  /** Undefined: there is no such chain. Routes in the order of their ids, of which the first wins; what several say alike stands once. */
  #linesOf(table: Table, name: string): readonly string[] | undefined {
    const [fixed, shared] = [this.#fixed[table].get(name), this.#chains[table].get(name)]
    if (!fixed && !shared) return undefined
    const lines = [...(shared?.parts ?? [])].sort(([a], [b]) => (a < b ? -1 : 1)).flatMap(([, part]) => part)
    return [...(fixed?.before ?? []), ...(name === servicesChain ? this.#networks() : new Set(lines)), ...(fixed?.after ?? [])]
  }

  #networks(): string[] {
    return [...this.#chains.nat].flatMap(([name, { network }]) => (network === undefined ? [] : [toNetwork(network, name)])).sort()
  }
}

const sameLines = (a: readonly string[], b: readonly string[]): boolean => a.length === b.length && a.every((line, index) => line === b[index])
