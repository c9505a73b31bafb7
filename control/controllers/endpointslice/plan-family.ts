import type { Endpoint, EndpointPort, EndpointSlice } from '../../../api/types/discovery-v1.ts'
import type { OwnerReference } from '../../../api/types/meta-v1/meta.ts'
import type { Family } from '../service-pods/membership.ts'
import { triggerTimeAnnotation } from '../service-pods/trigger-times.ts'
import { controllerOf } from '../shared/owner.ts'
import { sameMap } from '../shared/same.ts'
import type { IsSame } from './fill-slices.ts'
import { fillSlices } from './fill-slices.ts'

export const serviceNameLabel = 'kubernetes.io/service-name'
export const managedByLabel = 'endpointslice.kubernetes.io/managed-by'

export interface SlicesPlan {
  readonly create: readonly EndpointSlice[]
  readonly update: readonly EndpointSlice[]
  readonly remove: readonly EndpointSlice[]
}

/** Endpoints that share their port numbers. */
export interface Group { readonly ports: EndpointPort[]; readonly endpoints: Endpoint[] }
export type Groups = Map<string, Group>

/** What all slices of one owner have in common. */
export interface Frame {
  readonly owner: OwnerReference
  readonly namespace: string | undefined
  readonly labels: Readonly<Record<string, string>>
  readonly annotations?: Readonly<Record<string, string>>
  readonly triggerTime?: string | undefined
  /** Endpoints a slice. */
  readonly most: number
  /** Whether an owner without endpoints keeps one empty slice, so that whoever watches slices learns of it. */
  readonly keepsEmpty: boolean
  /** When an endpoint need not be written anew. Default: when nothing of it differs. */
  readonly isSame?: IsSame | undefined
}

export const portKey = (ports: readonly EndpointPort[] | undefined): string => (ports ?? []).map(({ name, port, protocol, appProtocol }) => `${name ?? ''} ${port} ${protocol} ${appProtocol ?? ''}`).sort().join()

export function addToGroup(groups: Groups, ports: EndpointPort[], endpoint: Endpoint): void {
  const key = portKey(ports)
  const group = groups.get(key) ?? { ports, endpoints: [] }
  group.endpoints.push(endpoint)
  groups.set(key, group)
}

/** How the slices of one address family have to change to hold `wanted`. */
export function planFamily(frame: Frame, family: Family, existing: readonly EndpointSlice[], wanted: Groups): SlicesPlan {
  const isStale = (slice: EndpointSlice) => !sameMap(slice.metadata.labels, frame.labels) || controllerOf(slice)?.uid !== frame.owner.uid
  const make = (ports: EndpointPort[], endpoints: Endpoint[], old?: EndpointSlice) => makeSlice(frame, family, ports, endpoints, old)

  const fillings = [...wanted].map(([key, group]) => ({ ...group, ...fillSlices(existing.filter((slice) => portKey(slice.ports) === key), group.endpoints, frame.most, isStale, frame.isSame) }))
  const create = fillings.flatMap(({ ports, create }) => create.map((endpoints) => ({ ports, endpoints })))
  const update = fillings.flatMap(({ ports, update }) => update.map(({ slice, endpoints }) => make(ports, endpoints, slice)))
  const remove = [...existing.filter((slice) => !wanted.has(portKey(slice.ports))), ...fillings.flatMap((filling) => filling.remove)]
  if (frame.keepsEmpty && create.length === 0 && existing.length === remove.length) {
    const empty = remove.findIndex((slice) => !slice.endpoints?.length && !slice.ports?.length && !isStale(slice))
    if (empty >= 0) remove.splice(empty, 1)
    else create.push({ ports: [], endpoints: [] })
  }
  // A slice that goes and one that comes are one update: fewer events, and no moment without the addresses.
  const reused = create.splice(0, remove.length).map(({ ports, endpoints }) => make(ports, endpoints, remove.shift()))
  return { create: create.map(({ ports, endpoints }) => make(ports, endpoints)), update: [...update, ...reused], remove }
}

function makeSlice(frame: Frame, addressType: Family, ports: EndpointPort[], endpoints: Endpoint[], old: EndpointSlice | undefined): EndpointSlice {
  const { owner, namespace, labels, triggerTime } = frame
  const { [triggerTimeAnnotation]: _, ...others } = old?.metadata.annotations ?? {}
  const { annotations: _old, ...meta } = old?.metadata ?? { name: '', generateName: `${owner.name}-`, namespace }
  const annotations = { ...(frame.annotations ?? others), ...(triggerTime && { [triggerTimeAnnotation]: triggerTime }) }
  return {
    apiVersion: 'discovery.k8s.io/v1', kind: 'EndpointSlice', addressType, endpoints, ports,
    metadata: { ...meta, labels, ...(Object.keys(annotations).length > 0 && { annotations }), ownerReferences: [owner] },
  }
}

/** The plans of several families as one; slices of any other family go. */
export function joinPlans(families: readonly Family[], existing: readonly EndpointSlice[], plan: (family: Family, ofFamily: readonly EndpointSlice[]) => SlicesPlan): SlicesPlan {
  const plans = families.map((family) => plan(family, existing.filter(({ addressType }) => addressType === family)))
  const unwanted = existing.filter(({ addressType }) => !families.includes(addressType as Family))
  return {
    create: plans.flatMap(({ create }) => create), update: plans.flatMap(({ update }) => update), remove: [...unwanted, ...plans.flatMap(({ remove }) => remove)],
  }
}
