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
  const found: FoundEndpoint[] = []
  for (const slice of slices) {
    if (slice.addressType !== addressType) continue
    const port = slice.ports?.find((candidate) => (candidate.name ?? '') === portName)?.port
    if (port == null) continue
    for (const endpoint of slice.endpoints ?? []) {
      const ip = canonicalIP(endpoint.addresses[0] ?? '')
      if (!ip || !mayForwardTo(ip, family)) continue
      const { ready = true, serving = ready, terminating = false } = endpoint.conditions ?? {}
      found.push({ ip, port, ready, draining: serving && terminating, nodeName: endpoint.nodeName, forNodes: namesOf(endpoint.hints?.forNodes), forZones: namesOf(endpoint.hints?.forZones) })
    }
  }
  return onceEach(found.sort((a, b) => (a.ip < b.ip ? -1 : a.ip > b.ip ? 1 : a.port - b.port)))
}

/** Of those that are told of twice, in sorted order, the last one, but a ready one before all. */
function onceEach(sorted: readonly FoundEndpoint[]): FoundEndpoint[] {
  const once: FoundEndpoint[] = []
  for (const endpoint of sorted) {
    const before = once.at(-1)
    if (before?.ip !== endpoint.ip || before.port !== endpoint.port) once.push(endpoint)
    else if (!before.ready) once[once.length - 1] = endpoint
  }
  return once
}

const none: readonly string[] = []
const namesOf = (hints: readonly { readonly name: string }[] | undefined): readonly string[] => hints?.map(({ name }) => name) ?? none

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

/**
 * Addresses of endpoints that may reach themselves by way of this node: those that live here, or may. `everywhere`: all,
 * as with a policy Local a pod that calls an outer address of another node is led to any endpoint there, itself too.
 */
export function returning(endpoints: readonly FoundEndpoint[], node: NodeView, everywhere: boolean): string[] {
  const ips = new Set<string>()
  for (const { ip, ready, draining, nodeName } of endpoints) if ((ready || draining) && (everywhere || (nodeName ?? node.name) === node.name)) ips.add(ip)
  return [...ips]
}

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

/** Networks whose addresses only mean something on the machine that says them; traffic sent there would reach this node's own services. */
const neverIPv6 = new BlockList()
for (const [network, length] of [['::', 127], ['::ffff:0:0', 96], ['fe80::', 10], ['ff00::', 8]] as const) neverIPv6.addSubnet(network, length, 'ipv6')
/** 0.0.0.0/8, 127.0.0.0/8, 169.254.0.0/16, 224.0.0.0/4 and the broadcast address. Every endpoint of the cluster comes by here, and a list would take its time. */
const neverIPv4 = /^(0|127|169\.254|22[4-9]|23\d)\.|^255\.255\.255\.255$/

/** Also for the addresses at which a Service wants to be called. */
export function mayForwardTo(ip: string, family: Family): boolean {
  return familyOf(ip) === family && !(family === 'ipv4' ? neverIPv4.test(ip) : neverIPv6.check(ip, family))
}
