import type { Node } from '../../../api/types/core-v1/node.ts'
import type { Pod } from '../../../api/types/core-v1/pod.ts'
import type { Service } from '../../../api/types/core-v1/service.ts'
import type { Endpoint, EndpointHints, EndpointPort } from '../../../api/types/discovery-v1.ts'
import { findPort } from '../service-pods/find-port.ts'
import type { Family } from '../service-pods/membership.ts'
import { addressesOf, familyOf, hostnameIn } from '../service-pods/membership.ts'
import { isReady } from '../shared/pods.ts'
import { wantsTopologyHints } from './topology/topology-hints.ts'
import { zoneOf } from './topology/zone-ratios.ts'

/** A pod as an endpoint of one address family; `undefined` without an address of it. */
export function endpointOf(service: Service, pod: Pod, node: Node | undefined, family: Family): Endpoint | undefined {
  const addresses = addressesOf(pod).filter((address) => familyOf(address) === family)
  if (addresses.length === 0) return undefined
  const serving = isReady(pod)
  const terminating = !!pod.metadata.deletionTimestamp
  const ready = service.spec.publishNotReadyAddresses === true || (serving && !terminating)
  const zone = zoneOf(node)
  const hostname = hostnameIn(service, pod)
  const { namespace, name, uid } = pod.metadata
  const hints = ready && !wantsTopologyHints(service) ? hintsFor(service, zone, pod.spec.nodeName) : undefined
  return {
    addresses, conditions: { ready, serving, terminating }, ...(hostname && { hostname }), targetRef: { kind: 'Pod', namespace, name, uid },
    ...(pod.spec.nodeName && { nodeName: pod.spec.nodeName }), ...(zone && { zone }), ...(hints && { hints }),
  }
}

/** `spec.trafficDistribution`: an endpoint is hinted to clients of its own zone or node. */
function hintsFor({ spec: { trafficDistribution } }: Service, zone: string | undefined, nodeName: string | undefined): EndpointHints | undefined {
  if (!trafficDistribution || !zone) return trafficDistribution === 'PreferSameNode' && nodeName ? { forNodes: [{ name: nodeName }] } : undefined
  const forZones = [{ name: zone }]
  return trafficDistribution === 'PreferSameNode' && nodeName ? { forZones, forNodes: [{ name: nodeName }] } : { forZones }
}

/** The ports of the service as numbers of this pod; names that the pod does not have are left out. */
export function portsOf(service: Service, pod: Pod): EndpointPort[] {
  return (service.spec.ports ?? []).flatMap((servicePort) => {
    const port = findPort(pod, servicePort)
    if (port === undefined) return []
    return [{ name: servicePort.name ?? '', port, protocol: servicePort.protocol ?? 'TCP', ...(servicePort.appProtocol && { appProtocol: servicePort.appProtocol }) }]
  })
}
