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
