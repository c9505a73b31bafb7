import { BlockList, isIP } from 'node:net'
import type { EndpointSlice } from '../api/types/discovery-v1.ts'
import type { Service } from '../api/types/core-v1/service.ts'
import type { Family, NodeView, Protocol, Route, Target } from './table.ts'

/**
 * The routes of one Service, in a fixed order. Pure: the same objects give equal routes.
 *
 * Ready endpoints are used; where none is ready, those that still serve while they terminate (KEP-1669). Services
 * without a cluster IP (headless, ExternalName) have no routes.
 */
export function routesOf(service: Service, slices: readonly EndpointSlice[], node: NodeView): Route[] {
  const { spec } = service
  if (spec.type === 'ExternalName' || !spec.clusterIP || spec.clusterIP === 'None') return []
  const clusterIPs = spec.clusterIPs?.length ? spec.clusterIPs : [spec.clusterIP]
  const ingress = (service.status?.loadBalancer?.ingress ?? []).flatMap((entry) => (entry.ip && entry.ipMode !== 'Proxy' ? [entry.ip] : []))
  const outside = [...new Set([...(spec.externalIPs ?? []), ...ingress])]
  return clusterIPs.flatMap((clusterIP) => {
    const family = familyOf(clusterIP)
    if (!family) return []
    return (spec.ports ?? []).map((port): Route => {
      const found = endpointsOf(slices, family, port.name ?? '')
      const local = found.filter((endpoint) => endpoint.nodeName === node.name)
      const internal = spec.internalTrafficPolicy === 'Local' ? local : found
      const onlyLocal = spec.externalTrafficPolicy === 'Local'
      const external = onlyLocal ? local : found
      const protocol = (port.protocol ?? 'TCP') as Protocol
      return {
        id: `${service.metadata.namespace}/${service.metadata.name}:${port.name ?? port.port}/${protocol.toLowerCase()}${family === 'ipv6' ? '/v6' : ''}`,
        family,
        protocol,
        port: port.port,
        clusterIP,
        externalIPs: outside.filter((ip) => familyOf(ip) === family),
        nodePort: port.nodePort || undefined,
        internal: usable(internal),
        external: usable(external),
        masqueradeExternal: !onlyLocal,
        dropExternal: onlyLocal && usable(external).length === 0 && usable(found).length > 0,
      }
    })
  })
}

interface FoundEndpoint extends Target {
  readonly ready: boolean
  readonly draining: boolean
  readonly nodeName: string | undefined
}

function endpointsOf(slices: readonly EndpointSlice[], family: Family, portName: string): FoundEndpoint[] {
  const addressType = family === 'ipv4' ? 'IPv4' : 'IPv6'
  const found = new Map<string, FoundEndpoint>()
  for (const slice of slices) {
    if (slice.addressType !== addressType) continue
    const port = slice.ports?.find((candidate) => (candidate.name ?? '') === portName)?.port
    if (port == null) continue
    for (const endpoint of slice.endpoints ?? []) {
      const ip = endpoint.addresses[0]
      if (!ip || !mayForwardTo(ip)) continue
      const { ready = true, serving = ready, terminating = false } = endpoint.conditions ?? {}
      const key = `${ip}:${port}`
      const known = found.get(key)
      if (known?.ready) continue
      found.set(key, { ip, port, ready, draining: serving && terminating, nodeName: endpoint.nodeName })
    }
  }
  return [...found.values()].sort((a, b) => (a.ip < b.ip ? -1 : a.ip > b.ip ? 1 : a.port - b.port))
}

function usable(endpoints: readonly FoundEndpoint[]): Target[] {
  const ready = endpoints.filter((endpoint) => endpoint.ready)
  const chosen = ready.length ? ready : endpoints.filter((endpoint) => endpoint.draining)
  return chosen.map(({ ip, port }) => ({ ip, port }))
}

const familyOf = (ip: string): Family | undefined => ({ 0: undefined, 4: 'ipv4' as const, 6: 'ipv6' as const })[isIP(ip) as 0 | 4 | 6]

/** Addresses that only mean something on the machine that says them; traffic sent there would reach this node's own services. */
const neverTargets = new BlockList()
neverTargets.addSubnet('0.0.0.0', 8)
neverTargets.addSubnet('127.0.0.0', 8)
neverTargets.addSubnet('169.254.0.0', 16)
neverTargets.addSubnet('224.0.0.0', 4)
neverTargets.addAddress('255.255.255.255')
neverTargets.addAddress('::', 'ipv6')
neverTargets.addAddress('::1', 'ipv6')
neverTargets.addSubnet('fe80::', 10, 'ipv6')
neverTargets.addSubnet('ff00::', 8, 'ipv6')

function mayForwardTo(ip: string): boolean {
  const version = isIP(ip)
  return version !== 0 && !neverTargets.check(ip, version === 6 ? 'ipv6' : 'ipv4')
}
