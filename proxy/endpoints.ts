import { BlockList } from 'node:net'
import type { EndpointSlice } from '../api/types/discovery-v1.ts'
import { canonicalIP, familyOf } from './cidr.ts'
import type { Family, NodeView, Target } from './table.ts'

/** An endpoint of one Service port, as its slice tells of it. */
export interface FoundEndpoint extends Target {
  readonly ready: boolean
  /** Still serves while it terminates. */
  readonly draining: boolean
  readonly nodeName: string | undefined
  readonly forNodes: readonly string[]
  readonly forZones: readonly string[]
}

/** The endpoints of one port in one family, each once, in a fixed order. */
export function endpointsOf(slices: readonly EndpointSlice[], family: Family, portName: string): FoundEndpoint[] {
  const addressType = family === 'ipv4' ? 'IPv4' : 'IPv6'
  const found = new Map<string, FoundEndpoint>()
  for (const slice of slices) {
    if (slice.addressType !== addressType) continue
    const port = slice.ports?.find((candidate) => (candidate.name ?? '') === portName)?.port
    if (port == null) continue
    for (const endpoint of slice.endpoints ?? []) {
      const ip = canonicalIP(endpoint.addresses[0] ?? '')
      if (!ip || !mayForwardTo(ip, family)) continue
      const { ready = true, serving = ready, terminating = false } = endpoint.conditions ?? {}
      const key = `${ip}:${port}`
      if (found.get(key)?.ready) continue
      const names = (hints: readonly { readonly name: string }[] | undefined) => (hints ?? []).map(({ name }) => name)
      found.set(key, { ip, port, ready, draining: serving && terminating, nodeName: endpoint.nodeName, forNodes: names(endpoint.hints?.forNodes), forZones: names(endpoint.hints?.forZones) })
    }
  }
  return [...found.values()].sort((a, b) => (a.ip < b.ip ? -1 : a.ip > b.ip ? 1 : a.port - b.port))
}

/** Endpoints under policy Cluster: the ready ones, those near this node where all are hinted; where none is ready, those that drain (KEP-1669). */
export function usableInCluster(endpoints: readonly FoundEndpoint[], node: NodeView): Target[] {
  const ready = endpoints.filter((endpoint) => endpoint.ready)
  return targets(ready.length ? nearest(ready, node) : endpoints.filter((endpoint) => endpoint.draining))
}

/** Endpoints under policy Local: those of this node; hints do not matter. */
export function usableHere(endpoints: readonly FoundEndpoint[], node: NodeView): Target[] {
  const here = endpoints.filter((endpoint) => endpoint.nodeName === node.name)
  const ready = here.filter((endpoint) => endpoint.ready)
  return targets(ready.length ? ready : here.filter((endpoint) => endpoint.draining))
}

/** All that serve, whoever gets new connections. */
export const serving = (endpoints: readonly FoundEndpoint[]): Target[] => targets(endpoints.filter(({ ready, draining }) => ready || draining))

/** Hints count only when every ready endpoint has one and at least one is meant for us: half-written hints must not cut anybody off (KEP-2433, KEP-3015). */
function nearest(ready: readonly FoundEndpoint[], { name, zone }: NodeView): readonly FoundEndpoint[] {
  const chosenBy = (hints: 'forNodes' | 'forZones', mine: string) =>
    ready.every((endpoint) => endpoint[hints].length > 0) ? ready.filter((endpoint) => endpoint[hints].includes(mine)) : []
  const sameNode = chosenBy('forNodes', name)
  if (sameNode.length) return sameNode
  const sameZone = zone ? chosenBy('forZones', zone) : []
  return sameZone.length ? sameZone : ready
}

const targets = (endpoints: readonly FoundEndpoint[]): Target[] => endpoints.map(({ ip, port }) => ({ ip, port }))

/** Addresses that only mean something on the machine that says them; traffic sent there would reach this node's own services. */
const neverTargets: Readonly<Record<Family, BlockList>> = { ipv4: new BlockList(), ipv6: new BlockList() }
for (const [network, length] of [['0.0.0.0', 8], ['127.0.0.0', 8], ['169.254.0.0', 16], ['224.0.0.0', 4], ['255.255.255.255', 32]] as const) neverTargets.ipv4.addSubnet(network, length)
// Apart from the others: to a list, all of IPv4 is what `::ffff:0:0/96` holds.
for (const [network, length] of [['::', 127], ['::ffff:0:0', 96], ['fe80::', 10], ['ff00::', 8]] as const) neverTargets.ipv6.addSubnet(network, length, 'ipv6')

/** Also for the addresses at which a Service wants to be called. */
export function mayForwardTo(ip: string, family: Family): boolean {
  return familyOf(ip) === family && !neverTargets[family].check(ip, family)
}
