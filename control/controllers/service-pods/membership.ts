import type { Pod } from '../../../api/types/core-v1/pod.ts'
import type { Service } from '../../../api/types/core-v1/service.ts'
import { isReady, isTerminal } from '../shared/pods.ts'

export type Family = 'IPv4' | 'IPv6'

export const familyOf = (address: string): Family => (address.includes(':') ? 'IPv6' : 'IPv4')

export function addressesOf(pod: Pod): string[] {
  const listed = pod.status?.podIPs?.map(({ ip }) => ip) ?? []
  return listed.length > 0 ? listed : pod.status?.podIP ? [pod.status.podIP] : []
}

/** A pod has a place among the endpoints from its first address to its end; on its way out only where that is told apart. */
export const isEndpoint = (pod: Pod, includeTerminating: boolean): boolean =>
  !isTerminal(pod) && addressesOf(pod).length > 0 && (includeTerminating || !pod.metadata.deletionTimestamp)

/** Pods that name the service as their subdomain get a DNS name of their own under it. */
export const hostnameIn = (service: Service, pod: Pod): string | undefined =>
  pod.spec.hostname && pod.spec.subdomain === service.metadata.name && pod.metadata.namespace === service.metadata.namespace ? pod.spec.hostname : undefined

export const isHeadless = (service: Service): boolean => service.spec.clusterIP === 'None' || !service.spec.clusterIP

/** Whether the endpoint controllers keep the addresses of this service: those without a selector belong to their user. */
export const isSelecting = (service: Service): boolean => service.spec.type !== 'ExternalName' && service.spec.selector !== undefined

/** All of a pod that endpoints depend on; a change of anything else wakes no service. */
export const endpointView = (pod: Pod) => ({
  labels: pod.metadata.labels, terminating: !!pod.metadata.deletionTimestamp, terminal: isTerminal(pod), ready: isReady(pod),
  addresses: addressesOf(pod), node: pod.spec.nodeName, hostname: pod.spec.hostname, subdomain: pod.spec.subdomain,
})
