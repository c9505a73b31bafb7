import { services } from '../../../api/kinds/core-v1/service.ts'
import type { Node } from '../../../api/types/core-v1/node.ts'
import type { Pod } from '../../../api/types/core-v1/pod.ts'
import type { Service } from '../../../api/types/core-v1/service.ts'
import type { EndpointSlice } from '../../../api/types/discovery-v1.ts'
import type { Family } from '../service-pods/membership.ts'
import { familyOf, isEndpoint, isHeadless } from '../service-pods/membership.ts'
import { controllerRef } from '../shared/owner.ts'
import { same } from '../shared/same.ts'
import { endpointOf, portsOf } from './endpoint.ts'
import type { IsSame } from './fill-slices.ts'
import type { Frame, Groups, SlicesPlan } from './plan-family.ts'
import { addToGroup, joinPlans, managedByLabel, planFamily, serviceNameLabel } from './plan-family.ts'
import type { FamilySlices } from './topology/assign-hints.ts'
import { wantsTopologyHints } from './topology/topology-hints.ts'

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
  /** Gives the slices of a family the hints that depend on all of them. */
  readonly adjust?: (family: Family, slices: FamilySlices) => Pick<FamilySlices, 'create' | 'update'>
}

/** How the slices of a service have to change. */
export function planSlices(world: SlicesWorld): SlicesPlan {
  const { service, existing, triggerTime, most = 100 } = world
  const frame: Frame = {
    owner: controllerRef(services, service), namespace: service.metadata.namespace, labels: sliceLabels(service), triggerTime, most, keepsEmpty: true,
    isSame: wantsTopologyHints(service) ? sameButForHints : undefined,
  }
  return joinPlans(familiesOf(service), existing, (family, ofFamily) => {
    const plan = planFamily(frame, family, ofFamily, groupByPorts(world, family))
    if (!world.adjust) return plan
    const touched = new Set([...plan.update, ...plan.remove].map(({ metadata }) => metadata.name))
    return { ...plan, ...world.adjust(family, { ...plan, unchanged: ofFamily.filter(({ metadata }) => !touched.has(metadata.name)) }) }
  })
}

/** Hints of topology-aware routing are settled once it is known which slices are written. */
const sameButForHints: IsSame = ({ hints: _, ...wanted }, { hints: _old, ...old }) => same(wanted, old)

function familiesOf({ spec }: Service): Family[] {
  if (spec.ipFamilies && spec.ipFamilies.length > 0) return spec.ipFamilies as Family[]
  return spec.clusterIP && spec.clusterIP !== 'None' ? [familyOf(spec.clusterIP)] : ['IPv4', 'IPv6']
}

/** Endpoints by the port numbers behind the service's ports: these differ where pods name them differently. */
function groupByPorts({ service, pods, node }: SlicesWorld, family: Family): Groups {
  const groups: Groups = new Map()
  for (const pod of pods) {
    const { nodeName } = pod.spec
    const place = nodeName ? node(nodeName) : undefined
    if (!isEndpoint(pod, true) || (nodeName && !place && !service.spec.publishNotReadyAddresses)) continue
    const endpoint = endpointOf(service, pod, place, family)
    if (endpoint) addToGroup(groups, portsOf(service, pod), endpoint)
  }
  return groups
}

function sliceLabels(service: Service): Record<string, string> {
  const { [headlessLabel]: _, ...own } = service.metadata.labels ?? {}
  return { ...own, ...(isHeadless(service) && { [headlessLabel]: '' }), [serviceNameLabel]: service.metadata.name, [managedByLabel]: managedBy }
}
