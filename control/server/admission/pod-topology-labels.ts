import { nodes } from '../../../api/kinds/core-v1/node.ts'
import type { Binding } from '../../../api/types/core-v1/binding.ts'
import type { Node } from '../../../api/types/core-v1/node.ts'
import type { Tools } from '../tools.ts'
import type { AdmissionPlugin } from './admission.ts'
import { memoryOf } from './memory.ts'

const memory = memoryOf<Node>(nodes)
const labels = ['topology.kubernetes.io/zone', 'topology.kubernetes.io/region']

/** A pod that gets a node gets the node's zone and region as labels, so that its containers can read them. */
export const podTopologyLabels: AdmissionPlugin = {
  name: 'PodTopologyLabels',
  load: memory.load,
  admit({ kind, operation, subresource, object }, tools) {
    if (kind.group !== '' || operation !== 'create') return
    if (kind.resource === 'pods' && subresource === '') return object.spec.nodeName ? copy(tools, object.spec.nodeName, object) : undefined
    const isBinding = (kind.resource === 'pods' && subresource === 'binding') || (kind.resource === 'bindings' && subresource === '')
    if (isBinding && (object as Binding).target.kind === 'Node') return copy(tools, object.target.name ?? '', object)
  },
}

function copy(tools: Tools, name: string, onto: { metadata: { labels?: Record<string, string> } }): void | Promise<void> {
  return memory.find(tools, '', name, (node) => {
    const there = labels.filter((label) => node?.metadata.labels?.[label] !== undefined)
    if (there.length > 0) onto.metadata.labels = { ...onto.metadata.labels, ...Object.fromEntries(there.map((label) => [label, node!.metadata.labels![label]!])) }
  })
}
