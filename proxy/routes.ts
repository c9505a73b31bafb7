import type { EndpointSlice } from '../api/types/discovery-v1.ts'
import type { Service, ServicePort } from '../api/types/core-v1/service.ts'
import { keyOf } from '../api/object.ts'
import { canonicalIP, disjoint, familyOf } from './cidr.ts'
import { endpointsOf, mayForwardTo, returning, serving, usableHere, usableInCluster } from './endpoints.ts'
import type { Family, HealthCheck, NodeView, Protocol, Route } from './table.ts'

/**
 * The routes of one Service, in a fixed order. Pure: the same objects give equal routes. Services without a cluster IP
 * (headless, ExternalName) have none.
 */
export function routesOf(service: Service, slices: readonly EndpointSlice[], node: NodeView): Route[] {
  const { spec } = service
  if (!isRouted(service)) return []
  const clusterIPs = spec.clusterIPs?.length ? spec.clusterIPs : [spec.clusterIP!]
  return clusterIPs.flatMap((given) => {
    const [clusterIP, family] = [canonicalIP(given), familyOf(given)]
    return clusterIP && family ? (spec.ports ?? []).map((port) => routeOf(service, port, clusterIP, family, slices, node)) : []
  })
}

/** What to answer at `healthCheckNodePort`; nothing for Services without one. */
export function healthCheckOf(service: Service, slices: readonly EndpointSlice[], node: NodeView): HealthCheck | undefined {
  const { healthCheckNodePort, externalTrafficPolicy, ports = [] } = service.spec
  if (!isRouted(service) || !healthCheckNodePort || externalTrafficPolicy !== 'Local') return undefined
  const ready = (['ipv4', 'ipv6'] as const).flatMap((family) => ports.flatMap((port) => endpointsOf(slices, family, port.name ?? '')))
    .filter((endpoint) => endpoint.ready && endpoint.nodeName === node.name)
  return { service: keyOf(service), port: healthCheckNodePort, localEndpoints: new Set(ready.map(({ ip }) => ip)).size }
}

function routeOf(service: Service, port: ServicePort, clusterIP: string, family: Family, slices: readonly EndpointSlice[], node: NodeView): Route {
  const { spec } = service
  const found = endpointsOf(slices, family, port.name ?? '')
  const inCluster = usableInCluster(found, node)
  const [internalLocal, externalLocal] = [spec.internalTrafficPolicy === 'Local', spec.externalTrafficPolicy === 'Local']
  const here = internalLocal || externalLocal ? usableHere(found, node) : []
  const internal = internalLocal ? here : inCluster
  const external = externalLocal ? here : inCluster
  const protocol = (port.protocol ?? 'TCP') as Protocol
  const keeping = protocol === 'UDP' ? serving(found) : []
  const ours = (ips: readonly string[]) => (ips.length === 0 ? ips : [...new Set(ips.map((ip) => canonicalIP(ip) ?? ''))].filter((ip) => mayForwardTo(ip, family)))
  return {
    id: `${keyOf(service)}:${port.name ?? port.port}/${protocol.toLowerCase()}${family === 'ipv6' ? '/v6' : ''}`,
    family,
    protocol,
    port: port.port,
    clusterIP,
    externalIPs: ours(spec.externalIPs ?? []).filter((ip) => !node.nodeAddresses?.has(ip)),
    loadBalancerIPs: ours((service.status?.loadBalancer?.ingress ?? []).flatMap((entry) => (entry.ip && entry.ipMode !== 'Proxy' ? [entry.ip] : []))),
    loadBalancerSourceRanges: disjoint(spec.loadBalancerSourceRanges ?? [], family),
    nodePort: port.nodePort || undefined,
    internal,
    dropInternal: internalLocal && internal.length === 0 && inCluster.length > 0,
    external,
    insiders: inCluster,
    ...(keeping.length > inCluster.length && { serving: keeping }),
    masqueradeExternal: !externalLocal,
    dropExternal: externalLocal && external.length === 0 && inCluster.length > 0,
    hairpins: returning(found, node, externalLocal),
    affinitySeconds: spec.sessionAffinity === 'ClientIP' ? (spec.sessionAffinityConfig?.clientIP?.timeoutSeconds ?? 10_800) : undefined,
  }
}

const isRouted = ({ spec }: Service): boolean => spec.type !== 'ExternalName' && !!spec.clusterIP && spec.clusterIP !== 'None'
