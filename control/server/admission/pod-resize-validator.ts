import { nodes } from '../../../api/kinds/core-v1/node.ts'
import { podRequests } from '../../../api/kinds/pod-requests.ts'
import { quantityMilliValue, quantityValue } from '../../../api/schema/quantity.ts'
import type { Node } from '../../../api/types/core-v1/node.ts'
import type { Pod } from '../../../api/types/core-v1/pod.ts'
import type { AdmissionPlugin } from './admission.ts'
import { memoryOf } from './memory.ts'
import { refuse } from './refuse.ts'

const memory = memoryOf<Node>(nodes)

/** A pod may not grow beyond its node, and only Linux nodes can do it at all. */
export const podResizeValidator: AdmissionPlugin = {
  name: 'PodResizeValidator',
  load: memory.load,
  validate(request, tools) {
    const { kind, operation, subresource } = request
    if (kind.group !== '' || kind.resource !== 'pods' || operation !== 'update' || subresource !== 'resize') return
    const pod: Pod = request.object
    const name = pod.spec.nodeName
    if (!name || JSON.stringify(pod.spec) === JSON.stringify((request.old as Pod).spec)) return
    return memory.find(tools, '', name, (node) => {
      if (!node) throw refuse(request, `node ${JSON.stringify(name)} not found`)
      const lacking = beyond(pod, node)
      if (lacking.length > 0) throw refuse(request, `Node didn't have enough allocatable resources: ${lacking.join('; ')}`)
      const system = node.metadata.labels?.['kubernetes.io/os'] ?? ''
      if (system !== 'linux') throw refuse(request, `pod resize is only supported on linux nodes, node ${JSON.stringify(name)} is ${JSON.stringify(system)}`)
    })
  },
}

/** CPU in thousandths, memory in bytes. */
function beyond({ spec }: Pod, { status }: Node): string[] {
  const requests = podRequests(spec)
  return ([['cpu', quantityMilliValue], ['memory', quantityValue]] as const).flatMap(([name, value]) => {
    const requested = value(requests[name] ?? '0'), allocatable = value(status?.allocatable?.[name] ?? '0')
    return requested > allocatable ? [`${name}, requested: ${requested}, allocatable: ${allocatable}`] : []
  })
}
