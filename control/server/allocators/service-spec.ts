import type { Service, ServiceSpec } from '../../../api/types/core-v1/service.ts'

export type ServicePort = NonNullable<ServiceSpec['ports']>[number]

export const none = 'None'

/** Whether a service has an address at all: all but `ExternalName` have one, or say `None`. */
export const wantsAddress = (spec: ServiceSpec): boolean => spec.type !== 'ExternalName'
export const isHeadless = (spec: ServiceSpec): boolean => spec.clusterIP === none

export const wantsNodePorts = (spec: ServiceSpec): boolean =>
  spec.type === 'NodePort' || (spec.type === 'LoadBalancer' && spec.allocateLoadBalancerNodePorts !== false)

export const wantsHealthPort = (spec: ServiceSpec): boolean =>
  spec.type === 'LoadBalancer' && spec.externalTrafficPolicy === 'Local'

/** The addresses a service holds. */
export function addressesOf(service: Service | undefined): string[] {
  const spec = service?.spec
  if (!spec || !wantsAddress(spec) || isHeadless(spec)) return []
  const all = spec.clusterIPs?.length ? spec.clusterIPs : [spec.clusterIP ?? '']
  return all.filter((address) => address !== '' && address !== none)
}

/** The node ports a service holds, each once: TCP and UDP of one service may share a number. */
export function nodePortsOf(service: Service | undefined): number[] {
  const spec = service?.spec
  if (!spec) return []
  const ports = spec.type === 'NodePort' || spec.type === 'LoadBalancer' ? (spec.ports ?? []).map((port) => port.nodePort ?? 0) : []
  if (wantsHealthPort(spec)) ports.push(spec.healthCheckNodePort ?? 0)
  return [...new Set(ports.filter((port) => port !== 0))]
}

/**
 * Fills in what follows from the rest of a service, before validation: the two spellings of the cluster IP agree, and
 * what an update leaves out stays as it was. In place.
 */
export function settleServiceAddresses(service: Service, old: Service | undefined): void {
  const { spec } = service
  if (old) keepAllocated(spec, old.spec)
  if (!wantsAddress(spec)) {
    for (const field of ['clusterIP', 'clusterIPs', 'ipFamilies', 'ipFamilyPolicy'] as const) if (!old || old.spec.type !== 'ExternalName') delete spec[field]
    return
  }
  if (spec.clusterIP && !spec.clusterIPs?.length) spec.clusterIPs = [spec.clusterIP]
  else if (!old && !spec.clusterIP && spec.clusterIPs?.length) spec.clusterIP = spec.clusterIPs[0]!
  if (old && spec.clusterIP !== old.spec.clusterIP && sameList(spec.clusterIPs, old.spec.clusterIPs)) {
    if (spec.clusterIP) spec.clusterIPs = [spec.clusterIP]
    else delete spec.clusterIPs
  }
  const everywhere = isHeadless(spec) && Object.keys(spec.selector ?? {}).length === 0
  spec.ipFamilyPolicy ??= everywhere ? 'RequireDualStack' : 'SingleStack'
  if (!spec.ipFamilies?.length) spec.ipFamilies = everywhere && spec.ipFamilyPolicy !== 'SingleStack' ? ['IPv4', 'IPv6'] : ['IPv4']
}

/** An update that does not name what was allocated means what there is. */
function keepAllocated(spec: ServiceSpec, old: ServiceSpec): void {
  if (wantsAddress(spec) && wantsAddress(old)) {
    if (!spec.clusterIP && old.clusterIP) spec.clusterIP = old.clusterIP
    if (!spec.clusterIPs?.length && old.clusterIPs && spec.clusterIP === old.clusterIP) spec.clusterIPs = [...old.clusterIPs]
    if (!spec.ipFamilies?.length && old.ipFamilies) spec.ipFamilies = [...old.ipFamilies]
    if (!spec.ipFamilyPolicy && old.ipFamilyPolicy) spec.ipFamilyPolicy = old.ipFamilyPolicy
  }
  if (wantsNodePorts(spec) && wantsNodePorts(old)) {
    for (const port of spec.ports ?? []) {
      const before = old.ports?.find((other) => other.port === port.port && (other.protocol ?? 'TCP') === (port.protocol ?? 'TCP'))
      if (!port.nodePort && before?.nodePort && !spec.ports?.some((other) => other.nodePort === before.nodePort)) port.nodePort = before.nodePort
    }
  }
  if (wantsHealthPort(spec) && wantsHealthPort(old) && !spec.healthCheckNodePort && old.healthCheckNodePort) spec.healthCheckNodePort = old.healthCheckNodePort
  if (spec.type === 'ClusterIP' && old.type !== 'ClusterIP') dropNodePorts(spec, old)
}

/** A service that becomes `ClusterIP` again loses the node ports it had, unless the update names others (and is refused). */
function dropNodePorts(spec: ServiceSpec, old: ServiceSpec): void {
  for (const port of spec.ports ?? []) {
    if (port.nodePort && old.ports?.some((before) => before.nodePort === port.nodePort)) delete port.nodePort
  }
  if (spec.healthCheckNodePort === old.healthCheckNodePort) delete spec.healthCheckNodePort
}

const sameList = (a: readonly string[] = [], b: readonly string[] = []): boolean => a.length === b.length && a.every((item, i) => item === b[i])
