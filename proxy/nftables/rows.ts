import type { Family, Protocol, Route, Target } from '../table.ts'
import { memoriesOf, type Memory } from './affinity.ts'
import { rememberChain } from './chains.ts'

/** What routes contribute to the kernel: rows of maps and sets, never a rule. All rows of all routes make up the table's contents. */
export interface Row {
  readonly set: SetName
  readonly key: string
  /** What a map leads to; empty in sets. */
  readonly value: string
}

export const setNames = [
  'service-ips', 'service-nodeports', 'service-endpoints', 'nodeport-endpoints',
  'insider-ips', 'insider-nodeports', 'insider-endpoints', 'insider-nodeport-endpoints',
  'cluster-ips', 'masquerade-ips', 'masquerade-nodeports', 'hairpins', 'no-endpoint-ips', 'no-endpoint-nodeports',
  'fenced-ips', 'allowed-sources', 'affine-ips', 'affine-nodeports',
] as const
export type SetName = typeof setNames[number]

const plainSets: ReadonlySet<SetName> = new Set(['cluster-ips', 'masquerade-ips', 'masquerade-nodeports', 'hairpins', 'fenced-ips'])

/** Whether a key of it says all, so that whoever holds one holds the same. */
export const isPlainSet = (set: SetName): boolean => plainSets.has(set)

/** The chains that a route's connections are counted round in. Absent where it has no endpoints, or nobody asks. */
export interface RouteChains {
  readonly internal?: string | undefined
  readonly external?: string | undefined
  readonly nodePort?: string | undefined
  readonly insiders?: string | undefined
  readonly insidersNodePort?: string | undefined
}

/** Whether callers inside the cluster find other endpoints behind the outer addresses than those outside. */
export const hasInsiders = (route: Route): boolean => !route.masqueradeExternal && route.insiders.length > 0

/** The rows of one route. Pure: asked again, it says the same. */
export function rowsOf(route: Route, chains: RouteChains): Row[] {
  const rows: Row[] = []
  const put = (set: SetName, key: string, value = '') => void rows.push({ set, key, value })
  const protocol = route.protocol.toLowerCase() as Lowercase<Protocol>
  const address = (ip: string) => `${ip} . ${protocol} . ${route.port}`
  const list = (set: SetName, key: string, targets: readonly Target[]) => targets.forEach((target, index) => put(set, `${key} . ${index}`, `${target.ip} . ${target.port}`))
  // A caller who is no insider comes back from there and goes on.
  const lookIn = (chain: string) => `jump ${chain}`
  const { inner, outer } = memoriesOf(route)
  const learn = (set: 'affine-ips' | 'affine-nodeports', key: string, memory: Memory | undefined) => memory && put(set, key, `goto ${rememberChain(memory, route.affinitySeconds!)}`)

  put('cluster-ips', route.clusterIP)
  const serve = (ip: string, targets: readonly Target[], chain: string | undefined, drop: boolean) => {
    const at = address(ip)
    if (!chain) return put('no-endpoint-ips', at, `goto ${drop ? 'discard' : 'refuse'}`)
    put('service-ips', at, `goto ${chain}`)
    list('service-endpoints', at, targets)
  }
  serve(route.clusterIP, route.internal, chains.internal, route.dropInternal)
  learn('affine-ips', address(route.clusterIP), inner)
  for (const ip of [...route.externalIPs, ...route.loadBalancerIPs]) {
    serve(ip, route.external, chains.external, route.dropExternal)
    if (route.masqueradeExternal) put('masquerade-ips', address(ip))
    learn('affine-ips', address(ip), outer)
    if (!chains.insiders) continue
    put('insider-ips', address(ip), lookIn(chains.insiders))
    list('insider-endpoints', address(ip), route.insiders)
  }
  if (route.loadBalancerSourceRanges.length > 0) for (const ip of route.loadBalancerIPs) {
    put('fenced-ips', address(ip))
    // One row for all: ranges of two claims to one address must not meet, as they may overlap.
    put('allowed-sources', address(ip), route.loadBalancerSourceRanges.join(' '))
  }
  if (route.nodePort !== undefined) {
    const key = `${protocol} . ${route.nodePort}`
    if (!chains.nodePort) put('no-endpoint-nodeports', key, `goto ${route.dropExternal ? 'discard' : 'refuse'}`)
    else {
      put('service-nodeports', key, `goto ${chains.nodePort}`)
      list('nodeport-endpoints', key, route.external)
      if (route.masqueradeExternal) put('masquerade-nodeports', key)
    }
    if (chains.insidersNodePort) {
      put('insider-nodeports', key, lookIn(chains.insidersNodePort))
      list('insider-nodeport-endpoints', key, route.insiders)
    }
    learn('affine-nodeports', key, outer)
  }
  for (const ip of route.hairpins) put('hairpins', `${ip} . ${ip}`)
  return rows
}

/** The elements that stand for a row in the kernel, without their value. */
export const elementsOf = (set: SetName, key: string, value: string): string[] =>
  set === 'allowed-sources' ? value.split(' ').map((cidr) => `${key} . ${cidr}`) : [key]

/** What a row's elements map to; empty in sets. */
export const dataOf = (set: SetName, value: string): string => (set === 'allowed-sources' ? '' : value)

export const nftFamily: Record<Family, 'ip' | 'ip6'> = { ipv4: 'ip', ipv6: 'ip6' }
