import { masqueradeMark } from '../backend.ts'
import { setName, type SetPurpose } from './kernel-state.ts'
import type { Family } from '../table.ts'

/**
 * The iptables rules of one family. They are the same whatever Services there are: everything that changes is in sets.
 *
 *     mangle PREROUTING → …-INSIDERS    callers inside the cluster get the mark of the virtual server that is for them
 *     mangle OUTPUT     → …-OWN         the same for this node; what the policy drops, as IPVS comes before `filter` here
 *     nat PREROUTING, OUTPUT → …-SERVICES   who is to be masqueraded gets the mark for it
 *     filter INPUT, OUTPUT → …-FILTER   before IPVS on the way in: source ranges, what is refused or dropped, and
 *                                       everything else at the addresses of Services
 *     nat POSTROUTING   → …-POSTROUTING endpoints that call themselves, this node (whose source is the Service's own address), and the marked
 */
export function rulesOf(family: Family, clusterCIDRs: readonly string[]): Readonly<Record<Table, string[]>> {
  const inside = clusterCIDRs.filter((cidr) => cidr.includes(':') === (family === 'ipv6'))
  const set = (purpose: SetPurpose, fields: string, not = '') => `-m set ${not}--match-set ${setName(family, purpose)} ${fields}`
  const mark = `0x${masqueradeMark.toString(16)}/0x${masqueradeMark.toString(16)}`
  const isNew = '-m conntrack --ctstate NEW'
  const toInsiders = `${isNew} -j SET --map-set ${setName(family, 'INSIDERS')} dst,dst --map-mark`
  const refuse = `-j REJECT --reject-with ${family === 'ipv6' ? 'icmp6' : 'icmp'}-port-unreachable`
  return {
    mangle: [
      ...inside.map((cidr) => `-A K8TS-IPVS-INSIDERS -s ${cidr} ${toInsiders}`),
      `-A K8TS-IPVS-OWN ${toInsiders}`,
      `-A K8TS-IPVS-OWN ${isNew} ${set('DROPPED', 'dst,dst')} ${set('INSIDERS', 'dst,dst', '! ')} -j DROP`,
    ],
    nat: [
      ...(inside.length ? [`-A K8TS-IPVS-SERVICES ${set('CLUSTER', 'dst,dst')} -j K8TS-IPVS-OUTSIDE`] : []),
      `-A K8TS-IPVS-SERVICES ${set('MASQUERADE', 'dst,dst')} -j MARK --set-xmark ${mark}`,
      ...inside.map((cidr) => `-A K8TS-IPVS-OUTSIDE -s ${cidr} -j RETURN`),
      `-A K8TS-IPVS-OUTSIDE -j MARK --set-xmark ${mark}`,
      `-A K8TS-IPVS-POSTROUTING ${set('LOOPBACK', 'dst,dst,src')} -j MASQUERADE --random-fully`,
      `-A K8TS-IPVS-POSTROUTING ${set('VIPS', 'src')} -j MASQUERADE --random-fully`,
      `-A K8TS-IPVS-POSTROUTING -m mark ! --mark ${mark} -j RETURN`,
      `-A K8TS-IPVS-POSTROUTING -j MARK --set-xmark ${mark.split('/')[0]}/0x0`,
      '-A K8TS-IPVS-POSTROUTING -j MASQUERADE --random-fully',
    ],
    filter: [
      `-A K8TS-IPVS-FILTER ${set('FENCED', 'dst,dst')} ${set('SOURCES', 'dst,dst,src', '! ')} -j DROP`,
      ...inside.map((cidr) => `-A K8TS-IPVS-FILTER -s ${cidr} ${set('INSIDERS', 'dst,dst')} -j RETURN`),
      `-A K8TS-IPVS-FILTER ${set('DROPPED', 'dst,dst')} -j DROP`,
      `-A K8TS-IPVS-FILTER ${set('REFUSED', 'dst,dst')} ${refuse}`,
      `-A K8TS-IPVS-FILTER -p ${family === 'ipv6' ? 'ipv6-icmp' : 'icmp'} -j RETURN`,
      `-A K8TS-IPVS-FILTER ${set('VIPS', 'dst')} ${set('OURS', 'dst,dst', '! ')} ${refuse}`,
    ],
  }
}

export type Table = 'mangle' | 'nat' | 'filter'
export const tables: readonly Table[] = ['mangle', 'nat', 'filter']

const chains: Readonly<Record<Table, readonly string[]>> = {
  mangle: ['INSIDERS', 'OWN'], nat: ['SERVICES', 'OUTSIDE', 'POSTROUTING'], filter: ['FILTER'],
}
const jumps: Readonly<Record<Table, readonly (readonly [from: string, to: string])[]>> = {
  mangle: [['PREROUTING', 'INSIDERS'], ['OUTPUT', 'OWN']],
  nat: [['PREROUTING', 'SERVICES'], ['OUTPUT', 'SERVICES'], ['POSTROUTING', 'POSTROUTING']],
  filter: [['INPUT', 'FILTER'], ['OUTPUT', 'FILTER']],
}
const ours = 'K8TS-IPVS-'
const comment = '-m comment --comment "k8ts services by IPVS"'

/** Lines of `iptables-save` that are ours, each with its table before it. */
export function ownLines(saved: string): string[] {
  let table = ''
  return saved.split('\n').flatMap((line) => {
    if (line.startsWith('*')) table = line.slice(1)
    if (line.startsWith(`:${ours}`)) return [`${table} ${line.split(' ')[0]!}`]
    return line.startsWith('-A ') && line.includes(ours) ? [`${table} ${line}`] : []
  })
}

/** Text for `iptables-restore --noflush` that makes our chains right, whatever was there. */
export function writeText(rules: Readonly<Record<Table, readonly string[]>>, own: readonly string[]): string {
  return tables.flatMap((table) => [
    `*${table}`,
    ...chains[table].map((chain) => `:${ours}${chain} - [0:0]`),
    ...deleteJumps(table, own),
    ...rules[table],
    ...jumps[table].map(([from, to]) => `-I ${from} ${table === 'filter' ? '-m conntrack --ctstate NEW ' : ''}${comment} -j ${ours}${to}`),
    'COMMIT', '',
  ]).join('\n')
}

/** Text that takes all that is ours away; empty when nothing is there. */
export function removalText(own: readonly string[]): string {
  return tables.flatMap((table) => {
    const names = own.filter((line) => line.startsWith(`${table} :`)).map((line) => line.slice(table.length + 2))
    const lines = deleteJumps(table, own)
    if (names.length + lines.length === 0) return []
    return [`*${table}`, ...lines, ...names.map((name) => `:${name} - [0:0]`), ...names.map((name) => `-X ${name}`), 'COMMIT', '']
  }).join('\n')
}

const deleteJumps = (table: Table, own: readonly string[]): string[] =>
  own.filter((line) => line.startsWith(`${table} -A `) && !line.startsWith(`${table} -A ${ours}`)).map((line) => line.slice(table.length + 1).replace('-A', '-D'))
