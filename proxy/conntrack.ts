import type { Conntrack, FlowMatch } from '../host/conntrack.ts'
import type { Route, RouteChanges, Target } from './table.ts'

/** UDP flows that must be forgotten: those that match; with `except` only those that lead to none of these endpoints (`10.244.0.2 53`). */
export interface StaleFlow extends FlowMatch {
  readonly except?: ReadonlySet<string>
}

/**
 * UDP has no end of connection: a flow the kernel remembers goes on to the endpoint it began with, or to nowhere if
 * there was none. These are the memories to delete when one table follows another: flows to endpoints that serve no more,
 * and, at an address that had no endpoint before or was not served at all, those that lead elsewhere. What merely gets no
 * new flows (it drains, or a policy or hint sends them elsewhere) keeps those it has, as kube-proxy leaves them.
 */
export function staleFlows({ gone, come }: RouteChanges): StaleFlow[] {
  const olds = new Map(gone.filter(isUdp).map((route) => [route.id, route]))
  const flows: StaleFlow[] = []
  const compare = (old: Route | undefined, route: Route | undefined) => {
    const [had, has] = [entriesOf(old), entriesOf(route)]
    for (const [key, { entry, serving }] of had) {
      const left = new Set(has.get(key)?.serving.map(address))
      for (const target of serving) if (!left.has(address(target))) flows.push({ ...entry, endpoint: target.ip, endpointPort: target.port })
    }
    for (const [key, { entry, serving }] of has) if (serving.length > 0 && !had.get(key)?.serving.length) flows.push({ ...entry, except: new Set(serving.map(address)) })
  }
  for (const route of come.filter(isUdp)) {
    compare(olds.get(route.id), route)
    olds.delete(route.id)
  }
  for (const old of olds.values()) compare(old, undefined)
  return flows
}

/** Above so many, the kernel is asked once what it remembers, and only what is there is deleted: each deletion reads all it remembers, as asking does. */
const fewFlows = 2

/** Deletes the memories. A first table names every UDP address of the cluster, of which few have been called, and most of those flows are right. */
export async function forgetFlows(flows: readonly StaleFlow[], conntrack: Pick<Conntrack, 'deleteUdp' | 'listUdp'>): Promise<void> {
  if (flows.length === 0) return
  const mustLook = flows.length > fewFlows || flows.some(({ except }) => except)
  for (const flow of mustLook ? await remembered(flows, conntrack) : flows) await conntrack.deleteUdp(flow)
}

/** Of what the kernel remembers that which is stale, each once. */
async function remembered(flows: readonly StaleFlow[], conntrack: Pick<Conntrack, 'listUdp'>): Promise<FlowMatch[]> {
  const families = [...new Set(flows.map(({ family = 'IPv4' }) => family))]
  const listed = (await Promise.all(families.map((family) => conntrack.listUdp(family)))).flat()
  const byEntry = Map.groupBy(flows, entryKey)
  const found = listed.filter((flow) => [flow, { ...flow, dst: '' }].some((entry) => byEntry.get(entryKey(entry))?.some((stale) => leadsThere(flow, stale))))
  return [...new Map(found.map((flow) => [`${entryKey(flow)} ${endpointOf(flow)}`, flow])).values()]
}

const leadsThere = (flow: FlowMatch, { endpoint, endpointPort, except }: StaleFlow): boolean =>
  (endpoint === undefined || endpoint === flow.endpoint) && (endpointPort === undefined || endpointPort === flow.endpointPort) && !except?.has(endpointOf(flow))

const entryKey = ({ family = 'IPv4', dst = '', port }: FlowMatch): string => `${family} ${dst} ${port}`
const endpointOf = ({ endpoint, endpointPort }: FlowMatch): string => `${endpoint} ${endpointPort}`
const address = ({ ip, port }: Target): string => `${ip} ${port}`
const isUdp = ({ protocol }: Route): boolean => protocol === 'UDP'

/** How clients reach a route (what stands in the destination of their packets), and who serves there, whoever of them gets new flows. */
function entriesOf(route: Route | undefined): Map<string, { readonly entry: FlowMatch; readonly serving: readonly Target[] }> {
  if (!route) return new Map()
  const family = route.family === 'ipv6' ? 'IPv6' : 'IPv4'
  const serving = [...new Map([...route.internal, ...route.external, ...route.insiders, ...route.serving ?? []].map((target) => [address(target), target])).values()]
  const entries: FlowMatch[] = [
    ...[route.clusterIP, ...route.externalIPs, ...route.loadBalancerIPs].map((dst) => ({ dst, port: route.port, family }) as const),
    ...(route.nodePort === undefined ? [] : [{ port: route.nodePort, family } as const]),
  ]
  return new Map(entries.map((entry) => [entryKey(entry), { entry, serving }]))
}
