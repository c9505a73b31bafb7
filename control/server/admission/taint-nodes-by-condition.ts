import type { Node } from '../../../api/types/core-v1/node.ts'
import type { AdmissionPlugin } from './admission.ts'

const key = 'node.kubernetes.io/not-ready'

/** A new node takes no pods until the node controller has seen it ready. */
export const taintNodesByCondition: AdmissionPlugin = {
  name: 'TaintNodesByCondition',
  admit({ kind, operation, subresource, object }) {
    if (kind.group !== '' || kind.resource !== 'nodes' || operation !== 'create' || subresource !== '') return
    const node: Node = object
    const taints = node.spec?.taints ?? []
    if (taints.some((taint) => taint.key === key && taint.effect === 'NoSchedule')) return
    node.spec = { ...node.spec, taints: [...taints, { key, effect: 'NoSchedule' }] }
  },
}
