import type { Endpoints } from '../../../api/types/core-v1/endpoints.ts'
import type { Pod } from '../../../api/types/core-v1/pod.ts'
import type { Service } from '../../../api/types/core-v1/service.ts'
import { isHeadless } from '../service-pods/membership.ts'
import { triggerTimeAnnotation } from '../service-pods/trigger-times.ts'
import { same, sameMap } from '../shared/same.ts'
import { endpointSubsets, truncated } from './subsets.ts'

const overCapacityAnnotation = 'endpoints.kubernetes.io/over-capacity'
const headlessLabel = 'service.kubernetes.io/headless'
const managedBy = { 'endpoints.kubernetes.io/managed-by': 'endpoint-controller' }

/** The Endpoints a service should have; `undefined` when `current` says that already. */
export function planEndpoints(service: Service, pods: readonly Pod[], current: Endpoints | undefined, triggerTime: string | undefined): Endpoints | undefined {
  const { subsets, isTruncated } = truncated(endpointSubsets(service, pods))
  const { [headlessLabel]: _, ...serviceLabels } = service.metadata.labels ?? {}
  const labels = { ...serviceLabels, ...managedBy, ...(isHeadless(service) && { [headlessLabel]: '' }) }
  const { [triggerTimeAnnotation]: _time, [overCapacityAnnotation]: capacity, ...others } = current?.metadata.annotations ?? {}
  const isTold = capacity === 'truncated'
  if (current && isTold === isTruncated && same(current.subsets, subsets) && sameMap(current.metadata.labels, labels)) return undefined
  const annotations = { ...others, ...(triggerTime && { [triggerTimeAnnotation]: triggerTime }), ...(isTruncated && { [overCapacityAnnotation]: 'truncated' }) }
  const { namespace, name } = service.metadata
  const { annotations: _old, ...meta } = current?.metadata ?? { name, namespace }
  return {
    apiVersion: 'v1', kind: 'Endpoints',
    metadata: { ...meta, labels, ...(Object.keys(annotations).length > 0 && { annotations }) },
    ...(subsets.length > 0 && { subsets }),
  }
}
