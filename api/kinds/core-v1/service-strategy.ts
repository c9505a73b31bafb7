import type { Service, ServicePort, ServiceSpec } from '../../types/core-v1/service.ts'
import { isExternallyAccessible, needsHealthCheck } from '../validation/service.ts'
import { semanticEqual } from '../validation/equal.ts'

const needsClusterIP = ({ type }: ServiceSpec): boolean => type !== 'ExternalName'
/** Whether ports of the nodes may lead to the service. */
const mayHaveNodePorts = ({ type }: ServiceSpec): boolean => type === 'NodePort' || type === 'LoadBalancer'
/** Whether they must, so that they are allocated and come back when a manifest without them is applied again. */
const needsNodePort = ({ type, allocateLoadBalancerNodePorts }: ServiceSpec): boolean => type === 'NodePort' || (type === 'LoadBalancer' && allocateLoadBalancerNodePorts !== false)

/** A new service: `clusterIP` alone means `clusterIPs` of one. Addresses and ports are allocated later. */
export function prepareServiceForCreate(service: Service): void {
  const { spec } = service
  service.status = { loadBalancer: {} }
  if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP]
}

/**
 * A changed service: keeps what was allocated when the client does not say otherwise (an old manifest applied again), and
 * lets go of what the new type has no use for when the client did not touch it.
 */
export function prepareServiceForUpdate(service: Service, old: Service): void {
  service.status = old.status
  keepAllocated(service, old)
  normalizeClusterIPs(service.spec, old.spec)
  dropTypeDependent(service, old)
}

function keepAllocated(service: Service, old: Service): void {
  const { spec } = service, before = old.spec
  if (needsClusterIP(spec) && needsClusterIP(before)) {
    if (!spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIP = before.clusterIP
    if (!spec.clusterIPs?.length && spec.clusterIP === before.clusterIP) spec.clusterIPs = before.clusterIPs && [...before.clusterIPs]
  }
  if (needsNodePort(spec) && needsNodePort(before)) keepNodePorts(spec.ports ?? [], before.ports ?? [])
  if (needsHealthCheck(service) && needsHealthCheck(old)) spec.healthCheckNodePort ||= before.healthCheckNodePort
}

/** A port is the one of its name, whatever else of it has changed. */
function keepNodePorts(ports: readonly ServicePort[], before: readonly ServicePort[]): void {
  const allocated = new Map(before.map(({ name, nodePort }) => [name ?? '', nodePort]))
  const used = new Set(ports.map(({ nodePort }) => nodePort))
  for (const port of ports) {
    const kept = allocated.get(port.name ?? '')
    if (!port.nodePort && kept && !used.has(kept)) port.nodePort = kept
  }
}

/** A client that knows only one of `clusterIP` and `clusterIPs` still says a whole thing. */
function normalizeClusterIPs(spec: ServiceSpec, before: ServiceSpec): void {
  const untouched = semanticEqual(spec.clusterIPs, before.clusterIPs)
  if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP]
  else if (spec.clusterIP !== before.clusterIP && untouched) spec.clusterIPs = spec.clusterIP ? [spec.clusterIP, ...(before.clusterIPs ?? []).slice(1)] : undefined
}

function dropTypeDependent(service: Service, old: Service): void {
  const { spec } = service, before = old.spec
  const drop = (name: keyof ServiceSpec): void => { if (semanticEqual(spec[name], before[name])) delete spec[name] }
  if (needsClusterIP(before) && !needsClusterIP(spec)) (['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy'] as const).forEach(drop)
  if (mayHaveNodePorts(before) && !mayHaveNodePorts(spec)) {
    // As long as no new one is asked for.
    const allocated = new Set((before.ports ?? []).map(({ nodePort }) => nodePort ?? 0))
    if ((spec.ports ?? []).every(({ nodePort }) => !nodePort || allocated.has(nodePort))) for (const port of spec.ports ?? []) delete port.nodePort
  }
  if (needsHealthCheck(old) && !needsHealthCheck(service)) drop('healthCheckNodePort')
  if (before.type === 'LoadBalancer' && spec.type !== 'LoadBalancer') (['allocateLoadBalancerNodePorts', 'loadBalancerClass'] as const).forEach(drop)
  if (isExternallyAccessible(old) && !isExternallyAccessible(service)) drop('externalTrafficPolicy')
}
