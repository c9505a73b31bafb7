import type { Service, ServiceSpec } from '../../../api/types/core-v1/service.ts'

const none = 'None'

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
 * Fills in the address families, before validation: those there are, else those of the cluster. A headless service
 * without selector may hold addresses of any family. In place.
 */
export function settleFamilies(service: Service, old: Service | undefined): void {
  const { spec } = service
  if (!wantsAddress(spec)) return
  if (old && wantsAddress(old.spec)) {
    if (!spec.ipFamilies?.length && old.spec.ipFamilies) spec.ipFamilies = [...old.spec.ipFamilies]
    if (!spec.ipFamilyPolicy && old.spec.ipFamilyPolicy) spec.ipFamilyPolicy = old.spec.ipFamilyPolicy
  }
  const any = isHeadless(spec) && Object.keys(spec.selector ?? {}).length === 0
  spec.ipFamilyPolicy ??= any ? 'RequireDualStack' : 'SingleStack'
  if (!spec.ipFamilies?.length) spec.ipFamilies = any && spec.ipFamilyPolicy !== 'SingleStack' ? ['IPv4', 'IPv6'] : ['IPv4']
}
