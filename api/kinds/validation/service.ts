import type { FieldError } from '../../errors.ts'
import type { LoadBalancerIngress, Service, ServicePort } from '../../types/core-v1/service.ts'
import { protocols } from './container.ts'
import { duplicate, each, forbidden, invalid, invalidFor, notSupported, oneOf, optionallyOneOf, required } from './field.ts'
import { ipFamily, nonSpecialIP, validCIDR, validIP } from './ip.ts'
import { validateLabels } from './labels.ts'
import { dnsLabel, dnsSubdomain, portNumber, qualifiedName } from './names.ts'
import { portNumberOrName } from './probes.ts'
import { validateClusterIPs, validateClusterIPsChange } from './service-addresses.ts'

export const isHeadless = ({ spec }: Service): boolean => spec.clusterIPs?.length === 1 && spec.clusterIPs[0] === 'None'
/** Reachable from outside the cluster, so that it matters where the traffic comes in. */
export const isExternallyAccessible = ({ spec }: Service): boolean =>
  spec.type === 'LoadBalancer' || spec.type === 'NodePort' || (spec.type === 'ClusterIP' && (spec.externalIPs?.length ?? 0) > 0)
export const needsHealthCheck = ({ spec }: Service): boolean => spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local'

const types = ['ClusterIP', 'ExternalName', 'LoadBalancer', 'NodePort']

/** Addresses and ports that are yet to be allocated may be absent; that is done when the object is written. */
export function validateService(service: Service): FieldError[] {
  const { spec } = service
  return [
    ...validateTopologyMode(service.metadata.annotations),
    ...(!spec.ports?.length && !isHeadless(service) && spec.type !== 'ExternalName' ? [required('spec.ports')] : []),
    ...validateType(service),
    ...validatePorts(spec.ports ?? [], 'spec.ports'),
    ...validateLabels(spec.selector, 'spec.selector'),
    ...validateAffinity(service),
    ...validateClusterIPs(spec),
    ...each(spec.externalIPs, 'spec.externalIPs', (ip, path) => { const wrong = validIP(ip, path); return wrong.length ? wrong : nonSpecialIP(ip, path) }),
    ...oneOf(spec.type, types, 'spec.type'),
    ...(spec.type === 'ClusterIP' ? each(spec.ports, 'spec.ports', ({ nodePort }, path) => (nodePort ? [forbidden(`${path}.nodePort`, "may not be used when `type` is 'ClusterIP'")] : [])) : []),
    ...validateUnique(spec.ports ?? []),
    ...validateLoadBalancer(service),
    ...validateTraffic(service),
  ]
}

const topologyMode = 'service.kubernetes.io/topology-mode'
export const topologyHints = 'service.kubernetes.io/topology-aware-hints'

/** One annotation under its new and its old name. */
function validateTopologyMode(annotations: Readonly<Record<string, string>> = {}): FieldError[] {
  const mode = annotations[topologyMode], hints = annotations[topologyHints]
  return mode === undefined || hints === undefined || mode === hints ? []
    : [invalid(`metadata.annotations[${topologyMode}]`, mode, `must match annotations[${topologyHints}] when both are specified`)]
}

function validateType(service: Service): FieldError[] {
  const { spec } = service
  if (isHeadless(service) && (spec.type === 'LoadBalancer' || spec.type === 'NodePort')) return [invalid('spec.clusterIPs[0]', 'None', `may not be set to 'None' for ${spec.type} services`)]
  if (spec.type !== 'ExternalName') return []
  const fields = ['clusterIPs', 'ipFamilies', 'ipFamilyPolicy'] as const
  const name = (spec.externalName ?? '').replace(/\.$/, '')
  return [
    ...fields.filter((field) => (field === 'ipFamilyPolicy' ? spec[field] !== undefined : spec[field]?.length)).map((field) => forbidden(`spec.${field}`, 'may not be set for ExternalName services')),
    ...(name ? invalidFor('spec.externalName', name, dnsSubdomain(name)) : [required('spec.externalName')]),
  ]
}

function validatePorts(ports: readonly ServicePort[], field: string): FieldError[] {
  const names = new Set<string>()
  return each(ports, field, (port, path) => {
    const repeated = port.name ? names.has(port.name) : false
    if (port.name) names.add(port.name)
    return [
      ...(port.name ? invalidFor(`${path}.name`, port.name, dnsLabel(port.name)) : ports.length > 1 ? [required(`${path}.name`)] : []),
      ...(repeated ? [duplicate(`${path}.name`, port.name)] : []),
      ...invalidFor(`${path}.port`, port.port ?? 0, portNumber(port.port)),
      ...oneOf(port.protocol, protocols, `${path}.protocol`),
      ...portNumberOrName(port.targetPort, `${path}.targetPort`),
      ...(port.appProtocol === undefined ? [] : invalidFor(`${path}.appProtocol`, port.appProtocol, qualifiedName(port.appProtocol))),
    ]
  })
}

/** Neither a port nor a node port twice for one protocol. */
function validateUnique(ports: readonly ServicePort[]): FieldError[] {
  const nodePorts = new Set<string>(), seen = new Set<string>()
  const taken = (set: Set<string>, key: string): boolean => { const had = set.has(key); set.add(key); return had }
  return [
    ...each(ports, 'spec.ports', ({ protocol, nodePort }, path) => (nodePort && taken(nodePorts, `${protocol}/${nodePort}`) ? [duplicate(`${path}.nodePort`, nodePort)] : [])),
    ...each(ports, 'spec.ports', ({ protocol, port }, path) => (taken(seen, `${protocol}/${port}`) ? [duplicate(path, { protocol, port })] : [])),
  ]
}

function validateAffinity({ spec }: Service): FieldError[] {
  const field = 'spec.sessionAffinityConfig'
  const { sessionAffinity, sessionAffinityConfig: config } = spec
  const wrong = oneOf(sessionAffinity, ['ClientIP', 'None'], 'spec.sessionAffinity')
  if (sessionAffinity === 'None') return config ? [...wrong, forbidden(field, 'must not be set when session affinity is None')] : wrong
  if (sessionAffinity !== 'ClientIP') return wrong
  const when = 'when session affinity type is ClientIP'
  if (!config) return [required(field, when)]
  if (!config.clientIP) return [required(`${field}.clientIP`, when)]
  const { timeoutSeconds: seconds } = config.clientIP
  if (seconds === undefined) return [required(`${field}.clientIP.timeoutSeconds`, when)]
  return seconds <= 0 || seconds > 86_400 ? [invalid(`${field}.clientIP.timeoutSeconds`, seconds, 'must be greater than 0 and less than 86400')] : []
}

const rangesAnnotation = 'service.beta.kubernetes.io/load-balancer-source-ranges'

/** The ranges in their old place, which counts when the new one is empty. */
function validateRangesAnnotation(value: string | undefined, type: string | undefined): FieldError[] {
  if (value === undefined) return []
  const field = `metadata.annotations[${rangesAnnotation}]`
  const ranges = value.trim() === '' ? [] : value.trim().split(',')
  return [...(type === 'LoadBalancer' ? [] : [forbidden(field, onlyLoadBalancer)]), ...ranges.flatMap((range) => validCIDR(range.trim(), field))]
}

const onlyLoadBalancer = "may only be used when `type` is 'LoadBalancer'"

function validateLoadBalancer({ metadata, spec }: Service): FieldError[] {
  const ranges = spec.loadBalancerSourceRanges ?? []
  const wrongRanges = ranges.length ? each(ranges, 'spec.LoadBalancerSourceRanges', (range, path) => validCIDR(range.trim(), path)) : validateRangesAnnotation(metadata.annotations?.[rangesAnnotation], spec.type)
  if (spec.type === 'LoadBalancer') {
    return [
      ...wrongRanges,
      ...(spec.allocateLoadBalancerNodePorts === undefined ? [required('allocateLoadBalancerNodePorts')] : []),
      ...(spec.loadBalancerClass === undefined ? [] : invalidFor('spec.loadBalancerClass', spec.loadBalancerClass, qualifiedName(spec.loadBalancerClass))),
    ]
  }
  return [
    ...(ranges.length ? [forbidden('spec.LoadBalancerSourceRanges', onlyLoadBalancer)] : []), ...wrongRanges,
    ...(spec.allocateLoadBalancerNodePorts === undefined ? [] : [forbidden('spec.allocateLoadBalancerNodePorts', onlyLoadBalancer)]),
    ...(spec.loadBalancerClass === undefined ? [] : [forbidden('spec.loadBalancerClass', onlyLoadBalancer)]),
  ]
}

const trafficPolicies = ['Cluster', 'Local']
const distributions = ['PreferClose', 'PreferSameZone', 'PreferSameNode']

function validateTraffic(service: Service): FieldError[] {
  const { type, externalTrafficPolicy: external, internalTrafficPolicy: internal, healthCheckNodePort: port, trafficDistribution } = service.spec
  return [
    ...(isExternallyAccessible(service) ? oneOf(external, trafficPolicies, 'spec.externalTrafficPolicy')
      : external ? [invalid('spec.externalTrafficPolicy', external, 'may only be set for externally-accessible services')] : []),
    ...(needsHealthCheck(service) ? port ? invalidFor('spec.healthCheckNodePort', port, portNumber(port)) : []
      : port ? [invalid('spec.healthCheckNodePort', port, "may only be set when `type` is 'LoadBalancer' and `externalTrafficPolicy` is 'Local'")] : []),
    ...(internal === undefined && type !== 'ExternalName' ? [required('spec.internalTrafficPolicy')] : optionallyOneOf(internal, trafficPolicies, 'spec.internalTrafficPolicy')),
    ...optionallyOneOf(trafficDistribution, distributions, 'spec.trafficDistribution'),
  ]
}

export function validateServiceUpdate(service: Service, old: Service): FieldError[] {
  const isBalancer = service.spec.type === 'LoadBalancer' && old.spec.type === 'LoadBalancer'
  return [
    ...validateClusterIPsChange(service.spec, old.spec),
    ...(isBalancer && service.spec.loadBalancerClass !== old.spec.loadBalancerClass ? [invalid('spec.loadBalancerClass', service.spec.loadBalancerClass ?? null, 'may not change once set')] : []),
    ...(needsHealthCheck(service) && needsHealthCheck(old) && service.spec.healthCheckNodePort !== old.spec.healthCheckNodePort ? [forbidden('spec.healthCheckNodePort', 'field is immutable')] : []),
    ...validateService(service),
  ]
}

export function validateServiceStatusUpdate({ spec, status }: Service): FieldError[] {
  const field = 'status.loadBalancer.ingress'
  const ingress = status?.loadBalancer?.ingress
  return ingress?.length && spec.type !== 'LoadBalancer' ? [forbidden(field, "may only be used when `spec.type` is 'LoadBalancer'")] : each(ingress, field, validateIngress)
}

function validateIngress({ ip, hostname, ipMode }: LoadBalancerIngress, field: string): FieldError[] {
  return [
    ...(ip ? validIP(ip, `${field}.ip`) : []),
    ...(ip && ipMode === undefined ? [required(`${field}.ipMode`, 'must be specified when `ip` is set')] : []),
    ...(!ip && ipMode !== undefined ? [forbidden(`${field}.ipMode`, 'may not be specified when `ip` is not set')] : []),
    ...(ip && ipMode !== undefined && ipMode !== 'VIP' && ipMode !== 'Proxy' ? [notSupported(`${field}.ipMode`, ipMode, ['Proxy', 'VIP'])] : []),
    ...(hostname ? [...invalidFor(`${field}.hostname`, hostname, dnsSubdomain(hostname)), ...(ipFamily(hostname) ? [invalid(`${field}.hostname`, hostname, 'must be a DNS name, not an IP address')] : [])] : []),
  ]
}
