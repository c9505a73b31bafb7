import type { Nft } from '../../host/nft.ts'
import type { Backend, BackendOptions } from '../backend.ts'
import type { Family, ForwardingTable } from '../table.ts'
import { FamilyTable } from './family-table.ts'
import { nftFamily } from './rows.ts'
import { tableName } from './text.ts'

export interface NftablesOptions extends BackendOptions {
  readonly nft: Pick<Nft, 'apply' | 'deleteTable' | 'unsupported'>
}

/** The nftables backend: one table a family, named `k8ts-proxy`; a change is one short transaction. */
export function createNftablesBackend({ nft, clusterCIDRs }: NftablesOptions): Backend {
  const families = new Map<Family, { readonly table: FamilyTable; complete: boolean }>()

  async function applyFamily(family: Family, { routes }: ForwardingTable): Promise<void> {
    let state = families.get(family)
    if (!state) {
      if (family === 'ipv6' && !routes.some((route) => route.family === 'ipv6')) return
      families.set(family, (state = { table: new FamilyTable(family, clusterCIDRs), complete: false }))
    }
    state.table.update(routes)
    const text = state.complete ? state.table.deltaText() : state.table.fullText()
    if (!text) return
    try {
      await nft.apply(text)
    } catch (error) {
      // The kernel kept what it had, which may not be what we think: next time the whole table is written.
      state.complete = false
      throw error
    }
    state.complete = true
    state.table.settle()
  }

  return {
    name: 'nftables',
    supported: () => nft.unsupported(),
    async apply(table) {
      for (const family of ['ipv4', 'ipv6'] as const) await applyFamily(family, table)
    },
    intact: async () => true,
    async cleanup() {
      families.clear()
      for (const family of ['ipv4', 'ipv6'] as const) await nft.deleteTable(nftFamily[family], tableName)
    },
  }
}
