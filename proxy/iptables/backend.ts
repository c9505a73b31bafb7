import type { Iptables, IpFamily } from '../../host/iptables.ts'
import type { Backend, BackendOptions } from '../backend.ts'
import type { Family } from '../table.ts'
import { rulesetOf, type Ruleset } from './rules.ts'
import { cleanupText, parseSaved, restoreText } from './text.ts'

export interface IptablesOptions extends BackendOptions {
  readonly iptables: Pick<Iptables, 'restore' | 'save' | 'unsupported'>
}

const tables = ['nat', 'filter'] as const
const ipFamily: Record<Family, IpFamily> = { ipv4: 'IPv4', ipv6: 'IPv6' }

/** The iptables backend, for kernels and tools without nftables: chains named `K8TS-…` in `nat` and `filter`. */
export function createIptablesBackend({ iptables, clusterCIDRs }: IptablesOptions): Backend {
  /** What the kernel has; absent: not known, look before writing. */
  const written = new Map<Family, Ruleset>()

  return {
    name: 'iptables',
    supported: () => iptables.unsupported('IPv4'),
    async apply({ routes }) {
      for (const family of ['ipv4', 'ipv6'] as const) {
        if (family === 'ipv6' && !written.has(family) && !routes.some((route) => route.family === 'ipv6')) continue
        const before = written.get(family)
        const after = rulesetOf(family, routes, clusterCIDRs)
        written.delete(family)
        // One restore for both tables: it refuses bad text before it has written any.
        const texts = await Promise.all(tables.map(async (table) =>
          restoreText(table, before?.[table], after[table], before ? undefined : parseSaved(await iptables.save(ipFamily[family], table)))))
        const text = texts.join('')
        if (text) await iptables.restore(ipFamily[family], text, { noflush: true })
        written.set(family, after)
      }
    },
    intact: async () => true,
    async cleanup() {
      written.clear()
      for (const family of ['IPv4', 'IPv6'] as const) {
        if (await iptables.unsupported(family)) continue
        const texts = await Promise.all(tables.map(async (table) => cleanupText(table, parseSaved(await iptables.save(family, table)))))
        const text = texts.join('')
        if (text) await iptables.restore(family, text, { noflush: true })
      }
    },
  }
}
