import { masqueradeMark } from '../backend.ts'
import type { Family } from '../table.ts'
import type { Rows, SetName } from './rows.ts'
import { nftFamily } from './rows.ts'
import type { Slot } from './slots.ts'

/** The name of our table in each family. Nothing outside it is ever touched. */
export const tableName = 'k8ts-proxy'

/** A step from one state of a family's table to the next. */
export interface Change {
  readonly newSlots: readonly Slot[]
  readonly newRows: Rows
  readonly oldRows: Rows
  readonly oldSlots: readonly Slot[]
}

/** A transaction that replaces the whole table, whatever it held. */
export function fullText(family: Family, slots: Iterable<Slot>, rows: Rows, clusterCIDRs: readonly string[]): string {
  const table = `${nftFamily[family]} ${tableName}`
  const lines = [`add table ${table}`, `delete table ${table}`, `table ${table} {`, ...sets(family), ...fixedChains(family, clusterCIDRs), '}']
  for (const slot of slots) lines.push(...addSlot(table, family, slot))
  for (const [set, entries] of rows) lines.push(...elements('add', table, set, entries))
  return lines.join('\n') + '\n'
}

/** A transaction with the change alone; empty text when there is none. Deletes come first, so that a row may come back with another value. */
export function deltaText(family: Family, change: Change): string {
  const table = `${nftFamily[family]} ${tableName}`
  const lines: string[] = []
  for (const slot of change.newSlots) lines.push(...addSlot(table, family, slot))
  for (const [set, entries] of change.oldRows) lines.push(...elements('delete', table, set, entries))
  for (const [set, entries] of change.newRows) lines.push(...elements('add', table, set, entries))
  for (const slot of change.oldSlots) lines.push(`delete chain ${table} ${slot.chain}`)
  return lines.length ? lines.join('\n') + '\n' : ''
}

const rowsPerLine = 500

function* elements(verb: 'add' | 'delete', table: string, set: SetName, rows: ReadonlyMap<string, string>): Generator<string> {
  let line: string[] = []
  for (const [key, value] of rows) {
    line.push(verb === 'add' && value ? `${key} : ${value}` : key)
    if (line.length === rowsPerLine) {
      yield `${verb} element ${table} ${set} { ${line.join(', ')} }`
      line = []
    }
  }
  if (line.length) yield `${verb} element ${table} ${set} { ${line.join(', ')} }`
}

function addSlot(table: string, family: Family, slot: Slot): string[] {
  const ip = nftFamily[family]
  const turn = `numgen inc mod ${slot.endpoints}`
  const add = (rule: string) => `add rule ${table} ${slot.chain} ${rule}`
  const lines = [`add chain ${table} ${slot.chain}`]
  if (slot.use === 'service') lines.push(add(`dnat ${ip} to ${ip} daddr . meta l4proto . th dport . ${turn} map @service-endpoints`))
  else {
    if (slot.use === 'nodeport') lines.push(add('jump mark-for-masquerade'))
    lines.push(add(`dnat ${ip} to meta l4proto . th dport . ${turn} map @nodeport-endpoints`))
  }
  return lines
}

function sets(family: Family): string[] {
  const address = family === 'ipv4' ? 'ipv4_addr' : 'ipv6_addr'
  const ip = nftFamily[family]
  return [
    `  map service-ips { type ${address} . inet_proto . inet_service : verdict; }`,
    `  map service-nodeports { type inet_proto . inet_service : verdict; }`,
    `  map service-endpoints { typeof ${ip} daddr . meta l4proto . th dport . numgen inc mod 65536 : ${ip} daddr . tcp dport; }`,
    `  map nodeport-endpoints { typeof meta l4proto . th dport . numgen inc mod 65536 : ${ip} daddr . tcp dport; }`,
    `  map no-endpoint-ips { type ${address} . inet_proto . inet_service : verdict; }`,
    `  map no-endpoint-nodeports { type inet_proto . inet_service : verdict; }`,
    `  set cluster-ips { type ${address}; }`,
    `  set masquerade-ips { type ${address} . inet_proto . inet_service; }`,
    `  set hairpins { type ${address} . ${address}; }`,
  ]
}

function fixedChains(family: Family, clusterCIDRs: readonly string[]): string[] {
  const ip = nftFamily[family]
  const loopback = family === 'ipv4' ? '127.0.0.0/8' : '::1'
  const service = `${ip} daddr . meta l4proto . th dport`
  const nodePort = `fib daddr type local ${ip} daddr != ${loopback} meta l4proto . th dport`
  const inside = clusterCIDRs.filter((cidr) => cidr.includes(':') === (family === 'ipv6'))
  const chain = (name: string, ...rules: string[]) => [`  chain ${name} {`, ...rules.map((rule) => `    ${rule}`), '  }']
  return [
    ...chain('refuse', 'reject'),
    ...chain('discard', 'drop'),
    ...chain('mark-for-masquerade', `meta mark set meta mark | 0x${masqueradeMark.toString(16)}`),
    ...chain('services',
      ...(inside.length ? [`${ip} daddr @cluster-ips ${ip} saddr != { ${inside.join(', ')} } jump mark-for-masquerade`] : []),
      `${service} @masquerade-ips jump mark-for-masquerade`,
      `${service} vmap @service-ips`,
      `${nodePort} vmap @service-nodeports`),
    ...chain('prerouting', 'type nat hook prerouting priority dstnat;', 'jump services'),
    ...chain('output', 'type nat hook output priority -100;', 'jump services'),
    ...chain('postrouting', 'type nat hook postrouting priority srcnat;',
      `meta mark & 0x${masqueradeMark.toString(16)} != 0 meta mark set meta mark ^ 0x${masqueradeMark.toString(16)} masquerade fully-random`,
      `ct status dnat ${ip} saddr . ${ip} daddr @hairpins masquerade fully-random`),
    // Refusals are only possible in filter hooks; they come before the output hook's translation.
    ...chain('no-endpoints', `${service} vmap @no-endpoint-ips`, `${nodePort} vmap @no-endpoint-nodeports`),
    ...chain('filter-input', 'type filter hook input priority -110;', 'ct state new jump no-endpoints'),
    ...chain('filter-forward', 'type filter hook forward priority -110;', 'ct state new jump no-endpoints', `${ip} daddr @cluster-ips reject`),
    ...chain('filter-output', 'type filter hook output priority -110;', 'ct state new jump no-endpoints'),
    // After translation a packet that still carries a cluster IP is for a port that no Service has.
    ...chain('filter-output-late', 'type filter hook output priority -90;', `${ip} daddr @cluster-ips reject`),
  ]
}
