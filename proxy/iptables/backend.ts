import type { Iptables, IpFamily } from '../../host/iptables.ts'
import type { Backend, BackendOptions } from '../backend.ts'
import type { Family } from '../table.ts'
import { rulesetOf, type Ruleset } from './rules.ts'
import { cleanupText, isAsWritten, parseSaved, restoreText, savedTable } from './text.ts'

export interface IptablesOptions extends BackendOptions {
  readonly iptables: Pick<Iptables, 'restore' | 'save' | 'unsupported'>
}

const tables = ['nat', 'filter'] as const
const ipFamily: Record<Family, IpFamily> = { ipv4: 'IPv4', ipv6: 'IPv6' }

/** The iptables backend, for kernels and tools without nftables: chains named `K8TS-…` in `nat` and `filter`. */
export function createIptablesBackend({ iptables, ...surroundings }: IptablesOptions): Backend {
  /** What the kernel has; absent: not known, look before writing. */
  const written = new Map<Family, Ruleset>()
  /** IPv6 is left alone until there is something to write. */
  const begun = new Set<Family>(['ipv4'])

  return {
    name: 'iptables',
    supported: () => iptables.unsupported('IPv4'),
    async apply({ routes }) {
      for (const family of ['ipv4', 'ipv6'] as const) {
        if (!begun.has(family) && !routes.some((route) => route.family === family)) continue
        begun.add(family)
        const before = written.get(family)
        const after = rulesetOf(family, routes, surroundings)
        written.delete(family)
        // One restore for both tables: it refuses bad text before it has written any.
        const texts = await Promise.all(tables.map(async (table) =>
          restoreText(table, before?.[table], after[table], before ? undefined : parseSaved(await iptables.save(ipFamily[family], table)))))
        const text = texts.join('')
        if (text) await iptables.restore(ipFamily[family], text, { noflush: true })
        written.set(family, after)
      }
    },
    async intact() {
      let all = true
      for (const [family, ruleset] of written) {
        const text = await iptables.save(ipFamily[family])
        if (tables.every((table) => isAsWritten(table, savedTable(text, table), ruleset[table]))) continue
        written.delete(family)
        all = false
      }
      return all
    },
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
