import { describe, expect, test } from 'vitest'
import type { Route } from '../table.ts'
import { aRoute } from '../testing/objects.ts'
import { createRandomCluster, seed } from '../testing/random.ts'
import { RuleTable } from './rule-table.ts'
import type { Ruleset, Table } from './rules.ts'
import { restoreText } from './text.ts'

const surroundings = { clusterCIDRs: ['10.244.0.0/16', 'fd00:244::/32'], nodePortAddresses: [] }
const a = { ip: '10.244.0.2', port: 8080 }
const b = { ip: '10.244.0.3', port: 8080 }
const tables = ['nat', 'filter'] as const

const settled = (...routes: Route[]): RuleTable => {
  const table = new RuleTable('ipv4', surroundings)
  table.update(routes)
  table.settle()
  return table
}
const named = (text: string): string[] => [...text.matchAll(/^:(K8TS-\w+)/gm)].map(([, kind]) => kind!)
/** The lines of a chain, with what is drawn from names made short. */
const linesOf = (ruleset: Ruleset, chain: string): string[] => [...ruleset.nat, ...ruleset.filter]
  .filter(([name]) => name.startsWith(chain)).flatMap(([, lines]) => lines.map((line) => line.replaceAll(/(K8TS-(?:NET|SVC|EXT|INS|SEP))-\w+/g, '$1').replace(/ -m comment --comment "[^"]*"/, '')))

describe('the rules of one Service', () => {
  test('callers of the cluster IP are told apart by where they come from, and take turns', () => {
    const { settled: rules } = settled(aRoute({ internal: [a, b] }))
    expect(linesOf(rules, 'K8TS-SERVICES')).toEqual(['-d 10.96.0.0/24 -j K8TS-NET', '! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j K8TS-NODEPORTS'])
    expect(linesOf(rules, 'K8TS-NET')).toEqual(['-d 10.96.0.10/32 -p tcp -m tcp --dport 80 -j K8TS-FROM-OUTSIDE', '-d 10.96.0.10/32 -p tcp -m tcp --dport 80 -j K8TS-SVC'])
    expect(linesOf(rules, 'K8TS-SVC')).toEqual(['-p tcp -m statistic --mode nth --every 2 --packet 0 -j DNAT --to-destination 10.244.0.2:8080', '-p tcp -j DNAT --to-destination 10.244.0.3:8080'])
    expect(linesOf(rules, 'K8TS-REFUSE')).toEqual(['! -d 127.0.0.0/8 -m addrtype --dst-type LOCAL -j K8TS-REFUSE-NODEPORTS'])
  })

  test('without endpoints all ways are refused', () => {
    const { settled: rules } = settled(aRoute({ internal: [], external: [], insiders: [], nodePort: 30080, externalIPs: ['198.51.100.7'] }))
    expect(linesOf(rules, 'K8TS-NET')).toEqual([])
    expect(linesOf(rules, 'K8TS-REFUSE').filter((line) => line.includes('REJECT'))).toEqual([
      '-d 10.96.0.10/32 -p tcp -m tcp --dport 80 -j REJECT --reject-with icmp-port-unreachable', '-d 198.51.100.7/32 -p tcp -m tcp --dport 80 -j REJECT --reject-with icmp-port-unreachable',
      '-p tcp -m tcp --dport 30080 -j REJECT --reject-with icmp-port-unreachable',
    ])
  })

  test('callers who are remembered come before the turns, each endpoint once, whichever way they come', () => {
    const { settled: rules } = settled(aRoute({ internal: [a, b], external: [a, b], nodePort: 30080, affinitySeconds: 60 }))
    expect(linesOf(rules, 'K8TS-SVC').map((line) => line.replace(/--name K8TS-SEP --mask \S+ --rsource/, '…'))).toEqual([
      '-m recent --rcheck --seconds 60 --reap … -j K8TS-SEP', '-m recent --rcheck --seconds 60 --reap … -j K8TS-SEP', '-m statistic --mode nth --every 2 --packet 0 -j K8TS-SEP', '-j K8TS-SEP',
    ])
    expect(linesOf(rules, 'K8TS-SEP')).toHaveLength(2)
  })

  test('IPv6 addresses are told apart by 256 as well', () => {
    const table = new RuleTable('ipv6', surroundings)
    table.update([aRoute({ family: 'ipv6', clusterIP: 'fd00:96::1234', internal: [{ ip: 'fd00:244::2', port: 8080 }] })])
    expect([...table.pending('nat').changed.get('K8TS-SERVICES')!][0]).toMatch(/^-d fd00:96::1200\/120 -j K8TS-NET-/)
  })
})

describe('a change names only the chains whose lines changed', () => {
  const web = aRoute({ internal: [a] })
  const near = aRoute({ id: 'default/near:http/tcp', clusterIP: '10.96.0.11', internal: [a] })
  const far = aRoute({ id: 'default/far:http/tcp', clusterIP: '10.97.0.1', internal: [a] })
  const text = (table: RuleTable): string => tables.map((name) => restoreText(name, table.pending(name))).join('')

  test('nothing changed: nothing', () => {
    const table = settled(web, near)
    table.change({ gone: [], come: [] })
    table.update([web, near])
    expect(text(table)).toBe('')
  })

  test('another endpoint: the chain of that Service', () => {
    const table = settled(web, near, far)
    table.change({ gone: [web], come: [aRoute({ internal: [a, b] })] })
    expect(named(text(table))).toEqual(['K8TS-SVC', 'K8TS-POSTROUTING'])
  })

  test('the first endpoint: the network of its address, and who is refused; not the list of networks', () => {
    const table = settled(aRoute({ internal: [], external: [] }), near, far)
    table.change({ gone: [], come: [aRoute({ internal: [a] })] })
    expect(named(text(table)).sort()).toEqual(['K8TS-NET', 'K8TS-REFUSE', 'K8TS-SVC'])
  })

  test('a Service goes: what others need stays; with the last of its network the network goes too', () => {
    const table = settled(web, near, far)
    table.change({ gone: [web], come: [] })
    expect(text(table)).toMatch(/-X K8TS-SVC-\w+\nCOMMIT\n$/)
    expect(named(text(table))).toEqual(['K8TS-NET', 'K8TS-SVC'])
    table.settle()
    table.change({ gone: [far], come: [] })
    expect([...text(table).matchAll(/^-X (K8TS-\w+)/gm)].map(([, kind]) => kind).sort()).toEqual(['K8TS-NET', 'K8TS-SVC'])
    expect(named(text(table))).toContain('K8TS-SERVICES')
  })
})

test.for(['ipv4', 'ipv6'] as const)(`%s: whatever changes, changes lead where the whole table leads, and each step is written (seed ${seed})`, (family) => {
  const cluster = createRandomCluster(seed + 2)
  const table = new RuleTable(family, surroundings)
  const kernel: Record<Table, Map<string, string[]>> = { nat: new Map(), filter: new Map() }
  for (let step = 0; step < 120; step++) {
    cluster.act()
    const { table: wanted, changes } = cluster.tracker.update()
    if (step % 50 === 49) table.update(wanted.routes)
    else table.change(changes)
    for (const name of tables) restore(kernel[name], restoreText(name, table.pending(name)))
    table.settle()
    const whole = new RuleTable(family, surroundings)
    whole.update(wanted.routes)
    whole.settle()
    for (const name of tables) {
      expect(sorted(table.settled[name]), `step ${step}`).toEqual(sorted(whole.settled[name]))
      expect(sorted(kernel[name]), `step ${step}`).toEqual(sorted(whole.settled[name]))
    }
  }
})

const sorted = (chains: ReadonlyMap<string, readonly string[]>) => [...chains].sort(([one], [other]) => (one < other ? -1 : 1))

/** What `iptables-restore --noflush` does, which refuses to jump to a chain that is not there, and to delete one to which somebody jumps. */
function restore(chains: Map<string, string[]>, text: string): void {
  for (const line of text.split('\n')) {
    const [, name = ''] = line.split(/[: ]/)
    if (line.startsWith(':')) chains.set(name, [])
    if (line.startsWith('-A')) chains.get(name)!.push(line.slice(`-A ${name} `.length))
    if (line.startsWith('-X')) chains.delete(name)
  }
  for (const target of [...chains.values()].flat().flatMap((line) => / -j (K8TS-\S+)/.exec(line)?.[1] ?? [])) {
    if (!chains.has(target)) throw new Error(`jump to ${target}, which is not there`)
  }
}
