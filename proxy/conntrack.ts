import type { Conntrack, FlowMatch } from '../host/conntrack.ts'
import type { ForwardingTable, Route, Target } from './table.ts'

/**
 * UDP has no end of connection: a flow the kernel remembers goes on to the endpoint it began with, or to nowhere if
 * there was none. These are the memories to delete when one table follows another: flows to endpoints that are gone,
 * and all flows to an address that had no endpoint before, or was not served at all.
 */
export function staleFlows(before: ForwardingTable, after: ForwardingTable): FlowMatch[] {
  const olds = new Map(before.routes.filter(isUdp).map((route) => [route.id, route]))
  const flows: FlowMatch[] = []
  const compare = (old: Route | undefined, route: Route | undefined) => {
    const [had, has] = [entriesOf(old), entriesOf(route)]
    for (const [key, { entry, targets }] of had) {
      const left = new Set(has.get(key)?.targets.map(address))
      for (const target of targets) if (!left.has(address(target))) flows.push({ ...entry, endpoint: target.ip })
    }
    for (const [key, { entry, targets }] of has) if (targets.length > 0 && !had.get(key)?.targets.length) flows.push(entry)
  }
  for (const route of after.routes) {
    if (!isUdp(route)) continue
    const old = olds.get(route.id)
    olds.delete(route.id)
    if (old !== route) compare(old, route)
  }
  for (const old of olds.values()) compare(old, undefined)
  return flows
}

/** Above so many, the kernel is asked once what it remembers, and only what is there is deleted: each deletion reads all it remembers, as asking does. */
const fewFlows = 2

/** Deletes the memories. A first table names every UDP address of the cluster, of which few have been called. */
export async function forgetFlows(flows: readonly FlowMatch[], conntrack: Pick<Conntrack, 'deleteUdp' | 'listUdp'>): Promise<void> {
  if (flows.length === 0) return
  const there = flows.length > fewFlows ? await remembered(flows, conntrack) : flows
  for (const flow of there) await conntrack.deleteUdp(flow)
}

async function remembered(flows: readonly FlowMatch[], conntrack: Pick<Conntrack, 'listUdp'>): Promise<FlowMatch[]> {
  const families = [...new Set(flows.map(({ family = 'IPv4' }) => family))]
  const listed = (await Promise.all(families.map((family) => conntrack.listUdp(family)))).flat()
  const keys = new Set(listed.flatMap(({ dst, port, endpoint, family }) => [dst, undefined].flatMap((at) => [endpoint, undefined].map((to) => keyOf({ family, dst: at, port, endpoint: to })))))
  return flows.filter((flow) => keys.has(keyOf(flow)))
}

const keyOf = ({ family = 'IPv4', dst = '', port, endpoint = '' }: { [name in keyof FlowMatch]?: FlowMatch[name] | undefined }): string => `${family} ${dst} ${port} ${endpoint}`
const address = (target: Target): string => `${target.ip} ${target.port}`
const isUdp = ({ protocol }: Route): boolean => protocol === 'UDP'

/** How clients reach a route (what stands in the destination of their packets), and where each way leads. */
function entriesOf(route: Route | undefined): Map<string, { readonly entry: FlowMatch; readonly targets: readonly Target[] }> {
  if (!route) return new Map()
  const family = route.family === 'ipv6' ? 'IPv6' : 'IPv4'
  const outer = route.masqueradeExternal ? route.external : [...route.external, ...route.insiders]
  const ways: { readonly entry: FlowMatch; readonly targets: readonly Target[] }[] = [
    { entry: { dst: route.clusterIP, port: route.port, family }, targets: route.internal },
    ...[...route.externalIPs, ...route.loadBalancerIPs].map((dst) => ({ entry: { dst, port: route.port, family } as const, targets: outer })),
    ...(route.nodePort === undefined ? [] : [{ entry: { port: route.nodePort, family } as const, targets: outer }]),
  ]
  return new Map(ways.map((way) => [keyOf(way.entry), way]))
}
