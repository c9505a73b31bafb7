import { masqueradeMark } from '../backend.ts'
import type { Family } from '../table.ts'
import type { Rows, RowStore } from './row-store.ts'
import { dataOf, elementsOf, nftFamily, setNames, type SetName } from './rows.ts'
import { mapsOf, type Memory } from './affinity.ts'
import { sparedRules, type Chain } from './chains.ts'

/** The name of our table in each family. Nothing outside it is ever touched. */
export const tableName = 'k8ts-proxy'

/** What the table's fixed rules depend on. */
export interface Surroundings {
  readonly clusterCIDRs: readonly string[]
  /** CIDRs of the addresses that answer node ports; empty: all but loopback. */
  readonly nodePortAddresses: readonly string[]
}

/** A step from one state of a family's table to the next. */
export interface Change {
  readonly chains: { readonly come: readonly Chain[]; readonly gone: readonly string[] }
  readonly memories: { readonly come: readonly Memory[]; readonly gone: readonly string[] }
  readonly newRows: Rows
  readonly oldRows: Rows
}

/** All that comes and goes of a family's table. `remembered`: elements of memories to begin with, by map. */
export interface Contents {
  readonly chains: Iterable<Chain>
  readonly memories: Iterable<Memory>
  readonly rows: Pick<RowStore, 'rowsIn'>
  readonly remembered: readonly (readonly [map: string, element: string])[]
}

/** A transaction that replaces the whole table, whatever it held. */
export function fullText(family: Family, { chains, memories, rows, remembered }: Contents, surroundings: Surroundings): string {
  const table = `${nftFamily[family]} ${tableName}`
  const lines = [`add table ${table}`, `delete table ${table}`, `table ${table} {`, ...sets(family), ...fixedChains(family, surroundings), '}', ...spare(table, family)]
  for (const memory of memories) lines.push(...addMemory(table, family, memory))
  for (const chain of chains) lines.push(...addChain(table, chain))
  for (const set of setNames) lines.push(...elements('add', table, set, rows.rowsIn(set)))
  for (const [map, element] of remembered) lines.push(`add element ${table} ${map} { ${element} }`)
  return lines.join('\n') + '\n'
}

/** A transaction with the change alone; empty text when there is none. Deletes come first, so that a row may come back with another value. */
export function deltaText(family: Family, { chains, memories, oldRows, newRows }: Change): string {
  const table = `${nftFamily[family]} ${tableName}`
  const lines: string[] = []
  for (const memory of memories.come) lines.push(...addMemory(table, family, memory))
  if (chains.come.length) lines.push(...spare(table, family))
  for (const chain of chains.come) lines.push(...addChain(table, chain))
  for (const [set, entries] of oldRows) lines.push(...elements('delete', table, set, entries))
  for (const [set, entries] of newRows) lines.push(...elements('add', table, set, entries))
  for (const name of chains.gone) lines.push(`delete chain ${table} ${name}`)
  for (const name of memories.gone) lines.push(`delete map ${table} ${name}-ips`, `delete map ${table} ${name}-ports`)
  return lines.length ? lines.join('\n') + '\n' : ''
}

/**
 * nft 1.0.6 puts `meta l4proto tcp` before the first rule of a transaction that looks into a map declared by
 * `typeof … tcp dport`, and so shuts UDP out of it; and no other declaration can be read back. So rules that are thrown
 * away at once come first.
 */
const spare = (table: string, family: Family): string[] => [...sparedRules(family).map((rule) => `add rule ${table} spare ${rule}`), `flush chain ${table} spare`]

function addMemory(table: string, family: Family, memory: Memory): string[] {
  const address = addressType[family]
  const { ips, ports } = mapsOf(memory)
  const add = (name: string, data: string) => `add map ${table} ${name} { type ${address} : ${data}; size ${rememberedCallers}; flags dynamic,timeout; }`
  return [add(ips, address), add(ports, 'inet_service')]
}

/** As many callers as one route remembers; those beyond go round robin. */
const rememberedCallers = 1_000_000
const addressType: Readonly<Record<Family, string>> = { ipv4: 'ipv4_addr', ipv6: 'ipv6_addr' }

const rowsPerLine = 500

function* elements(verb: 'add' | 'delete', table: string, set: SetName, rows: Iterable<readonly [key: string, value: string]>): Generator<string> {
  let [line, count] = ['', 0]
  for (const [key, value] of rows) {
    const data = verb === 'add' && dataOf(set, value)
    for (const element of elementsOf(set, key, value)) {
      line += `${line && ', '}${element}${data ? ` : ${data}` : ''}`
      count += 1
    }
    if (count < rowsPerLine) continue
    yield `${verb} element ${table} ${set} { ${line} }`
    line = ''
    count = 0
  }
  if (line) yield `${verb} element ${table} ${set} { ${line} }`
}

const addChain = (table: string, { name, rules }: Chain): string[] => [`add chain ${table} ${name}`, ...rules.map((rule) => `add rule ${table} ${name} ${rule}`)]

function sets(family: Family): string[] {
  const address = addressType[family]
  const ip = nftFamily[family]
  const [service, nodePort] = [`${address} . inet_proto . inet_service`, 'inet_proto . inet_service']
  const verdicts = (name: SetName, key: string) => `  map ${name} { type ${key} : verdict; }`
  const endpoints = (name: SetName, key: string) => `  map ${name} { typeof ${key} . numgen inc mod 65536 : ${ip} daddr . tcp dport; }`
  return [
    verdicts('service-ips', service), verdicts('insider-ips', service), verdicts('no-endpoint-ips', service), verdicts('affine-ips', service),
    verdicts('service-nodeports', nodePort), verdicts('insider-nodeports', nodePort), verdicts('no-endpoint-nodeports', nodePort), verdicts('affine-nodeports', nodePort),
    endpoints('service-endpoints', `${ip} daddr . meta l4proto . th dport`), endpoints('insider-endpoints', `${ip} daddr . meta l4proto . th dport`),
    endpoints('nodeport-endpoints', 'meta l4proto . th dport'), endpoints('insider-nodeport-endpoints', 'meta l4proto . th dport'),
    `  set cluster-ips { type ${address}; }`,
    `  set masquerade-ips { type ${service}; }`,
    `  set masquerade-nodeports { type ${nodePort}; }`,
    `  set hairpins { type ${address} . ${address}; }`,
    `  set fenced-ips { type ${service}; }`,
    `  set allowed-sources { type ${service} . ${address}; flags interval; }`,
  ]
}

function fixedChains(family: Family, { clusterCIDRs, nodePortAddresses }: Surroundings): string[] {
  const ip = nftFamily[family]
  const service = `${ip} daddr . meta l4proto . th dport`
  const local = nodePortMatch(family, nodePortAddresses)
  const nodePort = local && `${local} meta l4proto . th dport`
  const inside = ofFamily(clusterCIDRs, family)
  const mark = `0x${masqueradeMark.toString(16)}`
  const chain = (name: string, ...rules: (string | false)[]) => [`  chain ${name} {`, ...rules.filter((rule) => rule !== false).map((rule) => `    ${rule}`), '  }']
  const begun = (protocol: string, key: string, map: SetName) => `meta l4proto ${protocol} ${key}meta l4proto . ct original proto-dst vmap @${map}`
  return [
    ...chain('refuse', 'reject'),
    ...chain('discard', 'drop'),
    ...chain('spare'),
    ...chain('mark-for-masquerade', `meta mark set meta mark | ${mark}`),
    ...chain('services',
      `${service} @fenced-ips ${service} . ${ip} saddr != @allowed-sources drop`,
      inside.length > 0 && `${ip} daddr @cluster-ips ${ip} saddr != { ${inside.join(', ')} } jump mark-for-masquerade`,
      `${service} vmap @insider-ips`,
      `${service} @masquerade-ips jump mark-for-masquerade`,
      `${service} vmap @service-ips`,
      nodePort !== undefined && `${local} jump nodeports`),
    ...chain('nodeports',
      'meta l4proto . th dport vmap @insider-nodeports',
      'meta l4proto . th dport @masquerade-nodeports jump mark-for-masquerade',
      'meta l4proto . th dport vmap @service-nodeports'),
    ...chain('prerouting', 'type nat hook prerouting priority dstnat;', 'jump services'),
    ...chain('output', 'type nat hook output priority -100;', 'jump services'),
    ...chain('postrouting', 'type nat hook postrouting priority srcnat;',
      `meta mark & ${mark} != 0 meta mark set meta mark ^ ${mark} masquerade fully-random`,
      `ct status dnat ${ip} saddr . ${ip} daddr @hairpins masquerade fully-random`),
    // Refusals are only possible in filter hooks. On the way in and through they come after translation, and so do those
    // for what this node sends: what still carries a Service's address then was not translated.
    ...chain('no-endpoints', `${service} vmap @no-endpoint-ips`, nodePort !== undefined && `${nodePort} vmap @no-endpoint-nodeports`),
    ...chain('filter-input', 'type filter hook input priority -110;', 'ct state new jump no-endpoints'),
    ...chain('filter-forward', 'type filter hook forward priority -110;', 'ct state new jump no-endpoints', `${ip} daddr @cluster-ips reject`),
    ...chain('filter-output', 'type filter hook output priority -90;', 'ct state new jump no-endpoints', `${ip} daddr @cluster-ips reject`),
    // Who went where is known when it is settled: an expression cannot put what a map answers into another map.
    ...chain('learn', ...['tcp', 'udp', 'sctp'].flatMap((protocol) => [begun(protocol, `ct original ${ip} daddr . `, 'affine-ips'), begun(protocol, '', 'affine-nodeports')])),
    ...chain('learn-input', 'type filter hook input priority 90;', 'ct state new ct status dnat jump learn'),
    ...chain('learn-postrouting', 'type filter hook postrouting priority srcnat - 10;', 'ct state new ct status dnat jump learn'),
  ]
}

/** Matches packets to the node's own addresses that answer node ports; undefined: none of this family does. */
function nodePortMatch(family: Family, chosen: readonly string[]): string | undefined {
  const ip = nftFamily[family]
  const notLoopback = `${ip} daddr != ${family === 'ipv4' ? '127.0.0.0/8' : '::1'}`
  if (chosen.length === 0) return `fib daddr type local ${notLoopback}`
  const mine = ofFamily(chosen, family)
  return mine.length ? `${ip} daddr { ${mine.join(', ')} } fib daddr type local ${notLoopback}` : undefined
}

export const ofFamily = (cidrs: readonly string[], family: Family): string[] => cidrs.filter((cidr) => cidr.includes(':') === (family === 'ipv6'))
