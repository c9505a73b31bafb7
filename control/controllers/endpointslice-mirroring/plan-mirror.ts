import { endpoints as endpointsKind } from '../../../api/kinds/core-v1/endpoints.ts'
import type { EndpointAddress, Endpoints, EndpointSubset } from '../../../api/types/core-v1/endpoints.ts'
import type { Service } from '../../../api/types/core-v1/service.ts'
import type { Endpoint, EndpointPort, EndpointSlice } from '../../../api/types/discovery-v1.ts'
import type { Frame, Groups, SlicesPlan } from '../endpointslice/plan-family.ts'
import { addToGroup, joinPlans, managedByLabel, planFamily, serviceNameLabel } from '../endpointslice/plan-family.ts'
import type { Family } from '../service-pods/membership.ts'
import { familyOf } from '../service-pods/membership.ts'
import { triggerTimeAnnotation } from '../service-pods/trigger-times.ts'
import { controllerRef } from '../shared/owner.ts'

export const managedBy = 'endpointslicemirroring-controller.k8s.io'
const skipLabel = 'endpointslice.kubernetes.io/skip-mirror'
const leaderAnnotation = 'control-plane.alpha.kubernetes.io/leader'
const notCopied = new Set(['kubectl.kubernetes.io/last-applied-configuration', 'endpoints.kubernetes.io/over-capacity', triggerTimeAnnotation])
/** Addresses of one subset beyond this are not mirrored. */
export const mostAddresses = 1000

/** Endpoints that a user keeps for a service without selector. Those of services with one have slices of their own. */
export const isMirrored = ({ metadata: { labels, annotations } }: Endpoints, service: Service | undefined): boolean =>
  service !== undefined && service.spec.selector === undefined && service.spec.type !== 'ExternalName' && labels?.[skipLabel] !== 'true' && annotations?.[leaderAnnotation] === undefined

/** How the mirroring slices have to change; `skipped`: how many addresses found no place. */
export function planMirror(endpoints: Endpoints, existing: readonly EndpointSlice[]): SlicesPlan & { readonly skipped: number } {
  const { namespace, name, labels, annotations = {} } = endpoints.metadata
  const { [skipLabel]: _, ...own } = labels ?? {}
  const frame: Frame = {
    owner: controllerRef(endpointsKind, endpoints), namespace, labels: { ...own, [serviceNameLabel]: name, [managedByLabel]: managedBy },
    annotations: Object.fromEntries(Object.entries(annotations).filter(([key]) => !notCopied.has(key))), triggerTime: annotations[triggerTimeAnnotation], most: mostAddresses, keepsEmpty: false,
  }
  const groups: Record<Family, Groups> = { IPv4: new Map(), IPv6: new Map() }
  const skipped = (endpoints.subsets ?? []).map((subset) => mirrorSubset(subset, groups)).reduce((sum, count) => sum + count, 0)
  return { ...joinPlans(['IPv4', 'IPv6'], existing, (family, ofFamily) => planFamily(frame, family, ofFamily, groups[family])), skipped }
}

function mirrorSubset({ addresses = [], notReadyAddresses = [], ports = [] }: EndpointSubset, groups: Record<Family, Groups>): number {
  const slicePorts: EndpointPort[] = ports.map(({ name = '', port, protocol = 'TCP', appProtocol }) => ({ name, port, protocol, ...(appProtocol && { appProtocol }) }))
  const all = [...addresses.map((address) => ({ address, ready: true })), ...notReadyAddresses.map((address) => ({ address, ready: false }))]
  for (const { address, ready } of all.slice(0, mostAddresses)) addToGroup(groups[familyOf(address.ip)], slicePorts, mirrorAddress(address, ready))
  return Math.max(0, all.length - mostAddresses)
}

const mirrorAddress = ({ ip, hostname, nodeName, targetRef }: EndpointAddress, ready: boolean): Endpoint =>
  ({ addresses: [ip], conditions: { ready }, ...(hostname && { hostname }), ...(nodeName && { nodeName }), ...(targetRef && { targetRef }) })
