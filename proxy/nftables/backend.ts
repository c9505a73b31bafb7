import type { Nft, NftObject } from '../../host/nft.ts'
import type { Backend, BackendOptions } from '../backend.ts'
import type { Family, ForwardingTable, RouteChanges } from '../table.ts'
import { rightElements, wrongElements, type Memory } from './affinity.ts'
import { FamilyTable, mapNames } from './family-table.ts'
import { Inspection } from './inspection.ts'
import { nftFamily } from './rows.ts'
import { tableName } from './text.ts'

export interface NftablesOptions extends BackendOptions {
  readonly nft: Pick<Nft, 'apply' | 'close' | 'deleteTable' | 'unsupported' | 'list' | 'generation'>
}

interface FamilyState {
  readonly table: FamilyTable
  readonly inspection: Inspection
  /** The kernel holds what `table` says, but for what has changed since. */
  complete: boolean
}

/** When more have lost endpoints, the table is read once: a program for each map of each would take longer. */
const fewMemories = 2

/** The nftables backend: one table a family, named `k8ts-proxy`; a change is one short transaction. */
export function createNftablesBackend({ nft, clusterCIDRs, nodePortAddresses }: NftablesOptions): Backend {
  const families = new Map<Family, FamilyState>()
  const ours = (family: Family) => `${nftFamily[family]} ${tableName}`
  /** What an earlier instance, or somebody who altered our rules, left of who belongs where. */
  const remembered = async (family: Family, table: FamilyTable) => {
    const memories = table.memories()
    if (memories.length === 0) return []
    const objects = await nft.list(`table ${ours(family)}`)
    return memories.flatMap((memory) => rightElements(memory, objects))
  }

  /** One transaction; all families hear of it. */
  async function write(text: string): Promise<void> {
    await nft.apply(text)
    for (const { inspection } of families.values()) inspection.wrote()
  }

  async function applyFamily(family: Family, { routes }: ForwardingTable, changes: RouteChanges | undefined): Promise<void> {
    let state = families.get(family)
    if (!state) {
      if (family === 'ipv6' && !(changes?.come ?? routes).some((route) => route.family === 'ipv6')) return
      const table = new FamilyTable(family, { clusterCIDRs, nodePortAddresses })
      families.set(family, (state = { table, inspection: new Inspection({ nft, family, table }), complete: false }))
    }
    const { table, inspection } = state
    await inspection.learned()
    if (changes && state.complete) table.change(changes)
    else table.update(routes)
    // Whoever wrote the table before, its callers go on to their endpoints.
    const text = state.complete ? table.deltaText() : table.fullText(await remembered(family, table))
    if (!text) return
    const before = state.complete ? undefined : await nft.generation()
    try {
      await write(text)
    } catch (error) {
      // The kernel kept what it had, which may not be what we think: next time the whole table is written.
      state.complete = false
      throw error
    }
    const shrunk = table.shrunk()
    const newChains = table.newChains()
    table.settle()
    if (!state.complete) inspection.learnAll(before)
    else inspection.learn(newChains)
    const shown = shrunk.length > fewMemories ? await nft.list(`table ${ours(family)}`) : undefined
    for (const memory of shrunk) await forgetGone(family, memory, shown)
    state.complete = true
  }

  /** Takes away callers of endpoints that are gone. Only now: the rules that might have sent more there are gone too. `seen`: a list that is good enough to begin with. */
  async function forgetGone(family: Family, memory: Memory, seen?: readonly NftObject[]): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      const shown = attempt === 1 && seen ? seen : (await Promise.all(mapNames([memory]).map((map) => nft.list(`map ${ours(family)} ${map}`)))).flat()
      const wrong = wrongElements(memory, shown)
      if (wrong.length === 0) return
      try {
        await write(wrong.map(([map, element]) => `delete element ${ours(family)} ${map} { ${element} }\n`).join(''))
        return
      } catch (error) {
        // One of them may have reached its end by itself in between.
        if (attempt === 5) throw error
      }
    }
  }

  return {
    name: 'nftables',
    supported: () => nft.unsupported(),
    async apply(table, changes) {
      for (const family of ['ipv4', 'ipv6'] as const) await applyFamily(family, table, changes)
    },
    async intact() {
      let all = true
      for (const state of families.values()) {
        if (!state.complete || await state.inspection.intact()) continue
        state.complete = false
        all = false
      }
      return all
    },
    async cleanup() {
      for (const { inspection } of families.values()) await inspection.learned()
      families.clear()
      for (const family of ['ipv4', 'ipv6'] as const) await nft.deleteTable(nftFamily[family], tableName)
      nft.close()
    },
    async stop() {
      for (const { inspection } of families.values()) await inspection.learned()
      nft.close()
    },
  }
}
