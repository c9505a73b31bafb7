import type { Iptables, IpFamily } from '../../host/iptables.ts'
import type { Backend, BackendOptions } from '../backend.ts'
import type { Family, ForwardingTable, RouteChanges } from '../table.ts'
import { RuleTable } from './rule-table.ts'
import { cleanupText, isAsWritten, parseSaved, restoreText, savedTable } from './text.ts'

export interface IptablesOptions extends BackendOptions {
  readonly iptables: Pick<Iptables, 'restore' | 'save' | 'unsupported'>
}

const tables = ['nat', 'filter'] as const
const ipFamily: Record<Family, IpFamily> = { ipv4: 'IPv4', ipv6: 'IPv6' }

interface FamilyState {
  table: RuleTable
  /** The kernel holds what `table` has settled; else look before writing. */
  isKnown: boolean
}

/** The iptables backend, for kernels and tools without nftables: chains named `K8TS-…` in `nat` and `filter`. */
export function createIptablesBackend({ iptables, ...surroundings }: IptablesOptions): Backend {
  const families = new Map<Family, FamilyState>()

  async function applyFamily(family: Family, { routes }: ForwardingTable, changes: RouteChanges | undefined): Promise<void> {
    let state = families.get(family)
    if (!state) {
      // IPv6 is left alone until there is something to write.
      if (family === 'ipv6' && !(changes?.come ?? routes).some((route) => route.family === family)) return
      families.set(family, (state = { table: new RuleTable(family, surroundings), isKnown: false }))
    }
    const { isKnown } = state
    if (!isKnown) state.table = new RuleTable(family, surroundings)
    const { table } = state
    if (changes && isKnown) table.change(changes)
    else table.update(routes)
    state.isKnown = false
    // One restore for both tables: it refuses bad text before it has written any.
    const texts = await Promise.all(tables.map(async (name) =>
      restoreText(name, table.pending(name), isKnown ? undefined : parseSaved(await iptables.save(ipFamily[family], name)))))
    const text = texts.join('')
    if (text) await iptables.restore(ipFamily[family], text, { noflush: true })
    table.settle()
    state.isKnown = true
  }

  return {
    name: 'iptables',
    supported: () => iptables.unsupported('IPv4'),
    async apply(table, changes) {
      for (const family of ['ipv4', 'ipv6'] as const) await applyFamily(family, table, changes)
    },
    async intact() {
      let all = true
      for (const [family, state] of families) {
        if (!state.isKnown) continue
        const text = await iptables.save(ipFamily[family])
        if (tables.every((table) => isAsWritten(table, savedTable(text, table), state.table.settled[table]))) continue
        state.isKnown = false
        all = false
      }
      return all
    },
    async cleanup() {
      families.clear()
      for (const family of ['IPv4', 'IPv6'] as const) {
        if (await iptables.unsupported(family)) continue
        const texts = await Promise.all(tables.map(async (table) => cleanupText(table, parseSaved(await iptables.save(family, table)))))
        const text = texts.join('')
        if (text) await iptables.restore(family, text, { noflush: true })
      }
    },
  }
}
