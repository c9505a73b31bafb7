import type { Filter } from '../plugin.ts'
import { unresolvable } from '../plugin.ts'
import { tolerates } from '../tolerations.ts'

const refusal = unresolvable('node(s) were unschedulable')
const cordoned = { key: 'node.kubernetes.io/unschedulable', effect: 'NoSchedule' }

/** `kubectl cordon`. */
export const nodeUnschedulable: Filter = {
  name: 'NodeUnschedulable',
  prepare({ pod }) {
    if (tolerates(pod.spec.tolerations, cordoned)) return undefined
    return ({ node }) => (node?.spec.unschedulable ? refusal : undefined)
  },
}
