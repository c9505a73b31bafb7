import { createHash } from 'node:crypto'
import { masqueradeMark, type BackendOptions } from '../backend.ts'
import { disjoint } from '../cidr.ts'
import type { Family, Protocol, Route, Target } from '../table.ts'

/**
 * The rules of one family as chains of rule lines, without the `-A CHAIN` before them, written as `iptables-save` shows
 * them. `nat` decides where a connection goes; `filter` refuses what has nowhere to go.
 *
 *     PREROUTING, OUTPUT → K8TS-SERVICES ─ address in a network → K8TS-NET-… ─ cluster IP ────────→ K8TS-SVC-… ─ nth ─→ DNAT
 *                              │                                      └ outer addresses ─→ K8TS-EXT-… (mark) ─→ DNAT
 *                              │                                  └ from inside, under policy Local → K8TS-INS-… ─→ DNAT
 *                              └ local address → K8TS-NODEPORTS ─→ K8TS-EXT-…
 *     POSTROUTING → K8TS-POSTROUTING: marked, or a pod that reached itself → MASQUERADE
 *     INPUT, FORWARD, OUTPUT → K8TS-REFUSE ─ local address → K8TS-REFUSE-NODEPORTS
 *
 * Where callers are remembered, K8TS-SEP-… notes the caller before its DNAT. A K8TS-NET-… has the Services of 256
 * addresses: a packet reads the list of networks and that of one, not the list of all Services, and a change writes one anew.
 */
export interface Ruleset {
  readonly nat: ReadonlyMap<string, readonly string[]>
  readonly filter: ReadonlyMap<string, readonly string[]>
}

export type Table = keyof Ruleset

/** Where the built-in chains send packets to ours. */
export const jumps: readonly { readonly table: 'nat' | 'filter'; readonly from: string; readonly rule: string }[] = [
  { table: 'nat', from: 'PREROUTING', rule: '-m comment --comment "k8ts service portals" -j K8TS-SERVICES' },
  { table: 'nat', from: 'OUTPUT', rule: '-m comment --comment "k8ts service portals" -j K8TS-SERVICES' },
  { table: 'nat', from: 'POSTROUTING', rule: '-m comment --comment "k8ts service replies" -j K8TS-POSTROUTING' },
  ...['INPUT', 'FORWARD', 'OUTPUT'].map((from) => ({ table: 'filter' as const, from, rule: '-m conntrack --ctstate NEW -m comment --comment "k8ts services without endpoints" -j K8TS-REFUSE' })),
]

/** Chains that are ours, by name. */
export const isOurChain = (name: string): boolean => /^K8TS-(SERVICES|NODEPORTS|POSTROUTING|MARK-MASQ|FROM-OUTSIDE|REFUSE|REFUSE-NODEPORTS|(NET|SVC|EXT|INS|SEP)-[A-Z2-7]{16})$/.test(name)

export type Surroundings = Pick<BackendOptions, 'clusterCIDRs' | 'nodePortAddresses'>

/** Lines that one route has in one chain; that chain may have lines of others too. */
export interface Part {
  readonly table: Table
  readonly chain: string
  readonly lines: readonly string[]
  /** The network whose addresses are led to the chain; absent in chains that others lead to. */
  readonly network?: string
}

/** All that stands in the kernel for one route. Pure. */
export function partsOf(route: Route, clusterCIDRs: readonly string[]): Part[] {
  const parts: Part[] = []
  addRoute(parts, route, clusterCIDRs.filter((cidr) => cidr.includes(':') === (route.family === 'ipv6')))
  return parts
}

/** A chain that is there whatever routes there are: what comes before and after the lines of routes. */
export interface FixedChain { readonly before: readonly string[]; readonly after: readonly string[] }

export function fixedChains(family: Family, { clusterCIDRs, nodePortAddresses }: Surroundings): Readonly<Record<Table, ReadonlyMap<string, FixedChain>>> {
  const mark = `0x${masqueradeMark.toString(16)}`
  const inside = clusterCIDRs.filter((cidr) => cidr.includes(':') === (family === 'ipv6'))
  const chain = (before: readonly string[], after: readonly string[] = []): FixedChain => ({ before, after })
  return {
    nat: new Map([
      ['K8TS-MARK-MASQ', chain([`-j MARK --set-xmark ${mark}/${mark}`])],
      ...(inside.length ? [['K8TS-FROM-OUTSIDE', chain([...inside.map((cidr) => `-s ${cidr} -j RETURN`), '-j K8TS-MARK-MASQ'])] as const] : []),
      ['K8TS-NODEPORTS', chain([])],
      [servicesChain, chain([], toNodePorts(family, nodePortAddresses, 'K8TS-NODEPORTS'))],
      ['K8TS-POSTROUTING', chain([], [`-m mark ! --mark ${mark}/${mark} -j RETURN`, `-j MARK --set-xmark ${mark}/0x0`, '-j MASQUERADE --random-fully'])],
    ]),
    filter: new Map([
      ['K8TS-REFUSE', chain([], toNodePorts(family, nodePortAddresses, 'K8TS-REFUSE-NODEPORTS'))],
      ['K8TS-REFUSE-NODEPORTS', chain([])],
    ]),
  }
}

/** Leads to the chains of networks. */
export const servicesChain = 'K8TS-SERVICES'
export const toNetwork = (network: string, chain: string): string => `-d ${network} -j ${chain}`

function addRoute(parts: Part[], route: Route, inside: readonly string[]): void {
  const protocol = route.protocol.toLowerCase() as Lowercase<Protocol>
  const to = (ip: string) => `-d ${one(ip)} -p ${protocol} -m ${protocol} --dport ${route.port} ${comment(route)}`
  const nodePort = `-p ${protocol} -m ${protocol} --dport ${route.nodePort} ${comment(route)}`
  const none = (drop: boolean) => (drop ? '-j DROP' : `-j REJECT --reject-with ${route.family === 'ipv4' ? 'icmp' : 'icmp6'}-port-unreachable`)
  const put = (table: Table, chain: string, lines: readonly string[], network?: string) => {
    if (lines.length > 0) parts.push({ table, chain, lines, ...(network !== undefined && { network }) })
  }
  const serve = (ip: string, lines: readonly string[]) => {
    const network = networkOf(ip, route.family)
    put('nat', `K8TS-NET-${hash(network)}`, lines, network)
  }
  const [svc, ext, ins] = (['SVC', 'EXT', 'INS'] as const).map((kind) => `K8TS-${kind}-${hash(route.id)}`) as [string, string, string]
  const turns = (targets: readonly Target[]) => inTurn(route, targets, (chain, lines) => put('nat', chain, lines))

  if (route.internal.length === 0) put('filter', 'K8TS-REFUSE', [`${to(route.clusterIP)} ${none(route.dropInternal)}`])
  else {
    put('nat', svc, turns(route.internal))
    serve(route.clusterIP, [...(inside.length ? [`${to(route.clusterIP)} -j K8TS-FROM-OUTSIDE`] : []), `${to(route.clusterIP)} -j ${svc}`])
  }

  // The sources that may call an address: all, or some, of whom the others are dropped.
  const fenced = route.loadBalancerSourceRanges.map((cidr) => `-s ${cidr.includes('/') ? cidr : one(cidr)} `)
  const outer = [...route.externalIPs.map((ip) => ({ ip, sources: [''] })), ...route.loadBalancerIPs.map((ip) => ({ ip, sources: fenced.length ? fenced : [''] }))]
  const insiders = !route.masqueradeExternal && route.insiders.length > 0
  if (outer.length > 0 || route.nodePort !== undefined) {
    if (insiders) put('nat', ins, turns(route.insiders))
    if (route.external.length > 0 || insiders) {
      put('nat', ext, [
        ...(route.masqueradeExternal ? ['-j K8TS-MARK-MASQ'] : []),
        ...(insiders ? [...inside.map((cidr) => `-s ${cidr} -j ${ins}`), '-m addrtype --src-type LOCAL -j K8TS-MARK-MASQ', `-m addrtype --src-type LOCAL -j ${ins}`] : []),
        ...turns(route.external),
      ])
      for (const { ip, sources } of outer) serve(ip, sources.map((source) => `${source}${to(ip)} -j ${ext}`))
      if (route.nodePort !== undefined) put('nat', 'K8TS-NODEPORTS', [`${nodePort} -j ${ext}`])
    }
  }
  for (const { ip, sources } of outer) {
    if (route.external.length === 0) put('filter', 'K8TS-REFUSE', sources.map((source) => `${source}${to(ip)} ${none(route.dropExternal)}`))
    if (sources[0] !== '') put('filter', 'K8TS-REFUSE', [`${to(ip)} -j DROP`])
  }
  if (route.external.length === 0 && route.nodePort !== undefined) put('filter', 'K8TS-REFUSE-NODEPORTS', [`${nodePort} ${none(route.dropExternal)}`])
  put('nat', 'K8TS-POSTROUTING', route.hairpins.map((ip) => `-s ${one(ip)} -d ${one(ip)} -m conntrack --ctstate DNAT -j MASQUERADE --random-fully`))
}

/** The network of 256 addresses that an address is in. */
function networkOf(ip: string, family: Family): string {
  return family === 'ipv4' ? `${ip.slice(0, ip.lastIndexOf('.'))}.0/24` : disjoint([`${ip}/120`], family)[0]!
}

/** Jumps for packets to the node's own addresses that answer node ports, never loopback. */
function toNodePorts(family: Family, chosen: readonly string[], chain: string): string[] {
  const loopback = family === 'ipv4' ? '127.0.0.0/8' : '::1/128'
  if (chosen.length === 0) return [`! -d ${loopback} -m addrtype --dst-type LOCAL -j ${chain}`]
  const mine = chosen.filter((cidr) => cidr.includes(':') === (family === 'ipv6'))
  return mine.length ? [`-d ${loopback} -j RETURN`, ...mine.map((cidr) => `-d ${cidr} -m addrtype --dst-type LOCAL -j ${chain}`)] : []
}

/**
 * Strict round robin: the first rule takes every Nth packet, the second every (N-1)th of the rest, and so on. Callers
 * who are remembered come before them; for that each endpoint has its chain and its list in the kernel.
 */
function inTurn(route: Route, targets: readonly Target[], putChain: (name: string, lines: readonly string[]) => void): string[] {
  const protocol = route.protocol.toLowerCase()
  const turn = (index: number) => (targets.length - index > 1 ? `-m statistic --mode nth --every ${targets.length - index} --packet 0 ` : '')
  const translate = ({ ip, port }: Target) => `-j DNAT --to-destination ${ip.includes(':') ? `[${ip}]` : ip}:${port}`
  if (route.affinitySeconds === undefined) return targets.map((target, index) => `-p ${protocol} ${turn(index)}${translate(target)}`)
  const recent = (name: string, what: string) => `-m recent ${what} --name ${name} --mask ${route.family === 'ipv4' ? '255.255.255.255' : 'ffff:ffff:ffff:ffff:ffff:ffff:ffff:ffff'} --rsource`
  const chains = targets.map((target) => {
    const name = `K8TS-SEP-${hash(`${route.id} ${target.ip} ${target.port}`)}`
    putChain(name, [`-p ${protocol} ${recent(name, '--set')} ${translate(target)}`])
    return name
  })
  return [
    ...chains.map((name) => `${recent(name, `--rcheck --seconds ${route.affinitySeconds} --reap`)} -j ${name}`),
    ...chains.map((name, index) => `${turn(index)}-j ${name}`),
  ]
}

const one = (ip: string): string => `${ip}/${ip.includes(':') ? 128 : 32}`

/** Names of API objects have no quotes and no spaces, and a comment may be 255 long. */
const comment = (route: Route): string => `-m comment --comment "${route.id.replace(/[^\w./:-]/g, '_').slice(0, 255)}"`

const base32 = 'ABCDEFGHIJKLMNOPQRSTUVWXYZ234567'
/** 16 characters, as chain names are at most 28 long. */
const hash = (id: string): string => [...createHash('sha256').update(id).digest().subarray(0, 16)].map((byte) => base32[byte & 31]).join('')
