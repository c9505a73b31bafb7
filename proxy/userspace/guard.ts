import type { Iptables, IpFamily } from '../../host/iptables.ts'
import type { Nft } from '../../host/nft.ts'
import { nftFamily } from '../nftables/rows.ts'
import type { Family } from '../table.ts'

/**
 * Keeps the listeners' address shut for all that does not come through a Service: a packet passes when it was translated,
 * and was first sent to another address. So nobody gets round `loadBalancerSourceRanges` or a policy by guessing a port.
 */
export interface Guard {
  /** Writes the rules anew. */
  ensure(family: Family, ip: string): Promise<void>
  /** The rules are still as `ensure` wrote them. */
  intact(family: Family): Promise<boolean>
  /** Takes them away, whoever wrote them; absence is fine. */
  remove(): Promise<void>
}

const families = ['ipv4', 'ipv6'] as const satisfies Family[]
const guardTable = 'k8ts-proxy-userspace'

/** A table of its own, beside that of the backend below. */
export function createNftGuard(nft: Pick<Nft, 'apply' | 'text' | 'deleteTable'>): Guard {
  const written = new Map<Family, string>()
  const read = (family: Family) => nft.text(`table ${nftFamily[family]} ${guardTable}`)
  return {
    async ensure(family, ip) {
      const table = `${nftFamily[family]} ${guardTable}`
      const to = `${nftFamily[family]} daddr ${ip}`
      await nft.apply([
        `add table ${table}`, `delete table ${table}`, `table ${table} {`,
        '  chain input {', '    type filter hook input priority -120;',
        `    ${to} ct status dnat ct original ${to.replace('daddr', 'daddr !=')} accept`,
        // ICMP passes: this node's own calls have this address as their source, and must hear the refusal. Never with a TCP reset: that goes back over a bridge without being translated.
        `    ${to} meta l4proto { tcp, udp } reject`, '  }', '}', '',
      ].join('\n'))
      written.set(family, await read(family))
    },
    intact: async (family) => written.has(family) && (await read(family)) === written.get(family),
    async remove() {
      written.clear()
      for (const family of families) await nft.deleteTable(nftFamily[family], guardTable)
    },
  }
}

const chain = 'K8TS-USERSPACE'
const ipFamily: Readonly<Record<Family, IpFamily>> = { ipv4: 'IPv4', ipv6: 'IPv6' }

/** A chain of its own in `filter`, first in INPUT. */
export function createIptablesGuard(iptables: Pick<Iptables, 'restore' | 'save' | 'unsupported'>): Guard {
  const written = new Map<Family, string>()
  const saved = async (family: Family) => (await iptables.save(ipFamily[family], 'filter')).split('\n').filter((line) => line.includes(chain) && line.startsWith('-A '))
  const write = (family: Family, lines: readonly string[]) => iptables.restore(ipFamily[family], ['*filter', ...lines, 'COMMIT', ''].join('\n'), { noflush: true })
  const withoutJumps = async (family: Family) => (await saved(family)).filter((line) => !line.startsWith(`-A ${chain} `)).map((line) => line.replace('-A', '-D'))
  return {
    async ensure(family, ip) {
      const all = `${ip}/${family === 'ipv6' ? 128 : 32}`
      await write(family, [
        `:${chain} - [0:0]`, ...await withoutJumps(family),
        `-A ${chain} -m conntrack --ctstate DNAT ! --ctorigdst ${all} -j RETURN`,
        `-A ${chain} -p tcp -j REJECT`, `-A ${chain} -p udp -j REJECT`,
        `-I INPUT -d ${all} -j ${chain}`,
      ])
      written.set(family, (await saved(family)).join('\n'))
    },
    intact: async (family) => written.has(family) && (await saved(family)).join('\n') === written.get(family),
    async remove() {
      written.clear()
      for (const family of families) {
        if (await iptables.unsupported(ipFamily[family])) continue
        if (!(await iptables.save(ipFamily[family], 'filter')).includes(`:${chain} `)) continue
        await write(family, [`:${chain} - [0:0]`, ...await withoutJumps(family), `-X ${chain}`])
      }
    },
  }
}
