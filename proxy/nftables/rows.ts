import type { Family, Protocol, Route, Target } from '../table.ts'
import type { Slot } from './slots.ts'

/**
 * What one route contributes to the kernel: rows of maps and sets, never a rule. A row is `set name` → `key` → `value`
 * (empty for a set). All rows of all routes make up the table's contents.
 */
export type Rows = ReadonlyMap<SetName, ReadonlyMap<string, string>>

export type SetName =
  | 'service-ips' | 'service-nodeports' | 'service-endpoints' | 'nodeport-endpoints'
  | 'cluster-ips' | 'masquerade-ips' | 'hairpins' | 'no-endpoint-ips' | 'no-endpoint-nodeports'

/** The slots of a route: where its connections are counted round. Absent where it has no endpoints. */
export interface RouteSlots {
  readonly internal?: Slot | undefined
  readonly external?: Slot | undefined
  readonly nodePort?: Slot | undefined
}

export function rowsOf(route: Route, slots: RouteSlots): Rows {
  const rows = new Map<SetName, Map<string, string>>()
  const put = (set: SetName, key: string, value = '') => {
    let found = rows.get(set)
    if (!found) rows.set(set, (found = new Map()))
    found.set(key, value)
  }
  const protocol = route.protocol.toLowerCase() as Lowercase<Protocol>
  const address = (ip: string) => `${ip} . ${protocol} . ${route.port}`

  put('cluster-ips', route.clusterIP)
  const serve = (ip: string, targets: readonly Target[], slot: Slot | undefined, none: string) => {
    if (!slot) return put('no-endpoint-ips', address(ip), `goto ${none}`)
    put('service-ips', address(ip), `goto ${slot.chain}`)
    targets.forEach((target, index) => put('service-endpoints', `${address(ip)} . ${index}`, `${target.ip} . ${target.port}`))
  }
  serve(route.clusterIP, route.internal, slots.internal, 'refuse')
  for (const ip of [...route.externalIPs, ...route.loadBalancerIPs]) {
    serve(ip, route.external, slots.external, route.dropExternal ? 'discard' : 'refuse')
    if (route.masqueradeExternal) put('masquerade-ips', address(ip))
  }
  if (route.nodePort !== undefined) {
    const key = `${protocol} . ${route.nodePort}`
    if (!slots.nodePort) put('no-endpoint-nodeports', key, `goto ${route.dropExternal ? 'discard' : 'refuse'}`)
    else {
      put('service-nodeports', key, `goto ${slots.nodePort.chain}`)
      route.external.forEach((target, index) => put('nodeport-endpoints', `${key} . ${index}`, `${target.ip} . ${target.port}`))
    }
  }
  for (const { ip } of [...route.internal, ...route.external]) put('hairpins', `${ip} . ${ip}`)
  return rows
}

export const nftFamily: Record<Family, 'ip' | 'ip6'> = { ipv4: 'ip', ipv6: 'ip6' }
