import { services } from '../../../api/kinds/core-v1/service.ts'
import type { Node } from '../../../api/types/core-v1/node.ts'
import type { Pod } from '../../../api/types/core-v1/pod.ts'
import type { Service } from '../../../api/types/core-v1/service.ts'
import type { Endpoint, EndpointPort, EndpointSlice } from '../../../api/types/discovery-v1.ts'
import type { Family } from '../service-pods/membership.ts'
import { familyOf, isEndpoint, isHeadless } from '../service-pods/membership.ts'
import { triggerTimeAnnotation } from '../service-pods/trigger-times.ts'
import { canonical } from '../shared/hash.ts'
import { controllerRef, isControlledBy } from '../shared/owner.ts'
import { sameMap } from '../shared/same.ts'
import { endpointOf, portsOf } from './endpoint.ts'
import { fillSlices } from './fill-slices.ts'

export const serviceNameLabel = 'kubernetes.io/service-name'
export const managedByLabel = 'endpointslice.kubernetes.io/managed-by'
export const managedBy = 'endpointslice-controller.k8s.io'
const headlessLabel = 'service.kubernetes.io/headless'

export interface SlicesWorld {
  readonly service: Service
  readonly pods: readonly Pod[]
  /** The node of that name; a pod whose node is gone is left out. */
  readonly node: (name: string) => Node | undefined
  /** The slices that this controller keeps for the service. */
  readonly existing: readonly EndpointSlice[]
  readonly triggerTime?: string | undefined
  /** Endpoints a slice. */
  readonly most?: number
}

export interface SlicesPlan {
  readonly create: readonly EndpointSlice[]
  readonly update: readonly EndpointSlice[]
  readonly remove: readonly EndpointSlice[]
}

interface Group { readonly ports: EndpointPort[]; readonly endpoints: Endpoint[] }

/** How the slices of a service have to change. */
export function planSlices(world: SlicesWorld): SlicesPlan {
  const { service, existing } = world
  const families = familiesOf(service)
  const placed = world.pods.filter((pod) => isEndpoint(pod, true) && (service.spec.publishNotReadyAddresses || !pod.spec.nodeName || world.node(pod.spec.nodeName)))
  const plans = families.map((family) => planFamily({ ...world, pods: placed }, family))
  const unwanted = existing.filter(({ addressType }) => !families.includes(addressType as Family))
  return {
    create: plans.flatMap((plan) => plan.create), update: plans.flatMap((plan) => plan.update),
    remove: [...unwanted, ...plans.flatMap((plan) => plan.remove)],
  }
}

function familiesOf({ spec }: Service): Family[] {
  if (spec.ipFamilies && spec.ipFamilies.length > 0) return spec.ipFamilies as Family[]
  return spec.clusterIP && spec.clusterIP !== 'None' ? [familyOf(spec.clusterIP)] : ['IPv4', 'IPv6']
}

function planFamily(world: SlicesWorld, family: Family): SlicesPlan {
  const { service, most = 100 } = world
  const existing = world.existing.filter(({ addressType }) => addressType === family)
  const wanted = groupByPorts(world, family)
  const labels = sliceLabels(service)
  const isStale = (slice: EndpointSlice) => !sameMap(slice.metadata.labels, labels) || !isControlledBy(slice, service)
  const make = (ports: EndpointPort[], endpoints: Endpoint[], old?: EndpointSlice): EndpointSlice => makeSlice(world, family, ports, endpoints, old)

  const fillings = [...wanted].map(([key, group]) => ({ ...group, ...fillSlices(existing.filter((slice) => portKey(slice.ports) === key), group.endpoints, most, isStale) }))
  const create = fillings.flatMap(({ ports, create }) => create.map((endpoints) => ({ ports, endpoints })))
  const update = fillings.flatMap(({ ports, update }) => update.map(({ slice, endpoints }) => make(ports, endpoints, slice)))
  const remove = [...existing.filter((slice) => !wanted.has(portKey(slice.ports))), ...fillings.flatMap((filling) => filling.remove)]
  const untouched = existing.length - remove.length
  // A service without endpoints keeps one empty slice, so that whoever watches slices learns of the service.
  if (create.length === 0 && untouched === 0) {
    const placeholder = remove.findIndex((slice) => isPlaceholder(slice) && !isStale(slice))
    if (placeholder >= 0) remove.splice(placeholder, 1)
    else create.push({ ports: [], endpoints: [] })
  }
  // A slice that goes and one that comes are one update: fewer events, and no moment without the addresses.
  const reused = create.splice(0, remove.length).map(({ ports, endpoints }) => make(ports, endpoints, remove.shift()))
  return { create: create.map(({ ports, endpoints }) => make(ports, endpoints)), update: [...update, ...reused], remove }
}

/** Endpoints by the port numbers behind the service's ports: these differ where pods name them differently. */
function groupByPorts({ service, pods, node }: SlicesWorld, family: Family): Map<string, Group> {
  const groups = new Map<string, Group>()
  for (const pod of pods) {
    const endpoint = endpointOf(service, pod, node(pod.spec.nodeName ?? ''), family)
    if (!endpoint) continue
    const ports = portsOf(service, pod)
    const key = portKey(ports)
    const group = groups.get(key) ?? { ports, endpoints: [] }
    group.endpoints.push(endpoint)
    groups.set(key, group)
  }
  return groups
}

const portKey = (ports: readonly EndpointPort[] | undefined): string => (ports ?? []).map((port) => canonical({ ...port, name: port.name ?? '' })).sort().join()
const isPlaceholder = (slice: EndpointSlice): boolean => !slice.endpoints?.length && !slice.ports?.length

function sliceLabels(service: Service): Record<string, string> {
  const { [headlessLabel]: _, ...own } = service.metadata.labels ?? {}
  return { ...own, ...(isHeadless(service) && { [headlessLabel]: '' }), [serviceNameLabel]: service.metadata.name, [managedByLabel]: managedBy }
}

function makeSlice({ service, triggerTime }: SlicesWorld, addressType: Family, ports: EndpointPort[], endpoints: Endpoint[], old: EndpointSlice | undefined): EndpointSlice {
  const { namespace, name } = service.metadata
  const { [triggerTimeAnnotation]: _, ...others } = old?.metadata.annotations ?? {}
  const { annotations: _old, ...meta } = old?.metadata ?? { name: '', generateName: `${name}-`, namespace }
  const annotations = { ...others, ...(triggerTime && { [triggerTimeAnnotation]: triggerTime }) }
  return {
    apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType, endpoints, ports,
    metadata: { ...meta, labels: sliceLabels(service), ...(Object.keys(annotations).length > 0 && { annotations }), ownerReferences: [controllerRef(services, service)] },
  }
}
