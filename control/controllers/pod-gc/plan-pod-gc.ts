import type { Node } from '../../../api/types/core-v1/node.ts'
import type { Pod } from '../../../api/types/core-v1/pod.ts'
import { byCreation } from '../shared/owner.ts'

/** How long a node must be missing before its pods are taken as lost. */
export const quarantineMs = 40_000

/** The finished pods to remove so that no more than `threshold` stay: evicted ones first, then the oldest. */
export function excessPods(terminal: readonly Pod[], threshold: number): Pod[] {
  if (threshold <= 0 || terminal.length <= threshold) return []
  const isEvicted = (pod: Pod) => pod.status?.phase === 'Failed' && pod.status.reason === 'Evicted'
  const order = terminal.toSorted((a, b) => Number(isEvicted(b)) - Number(isEvicted(a)) || byCreation(a, b))
  return order.slice(0, terminal.length - threshold)
}

/** The administrator has said that the machine is off: what should end there has ended. */
export const isOutOfService = ({ spec, status }: Node): boolean =>
  (spec.taints ?? []).some(({ key }) => key === 'node.kubernetes.io/out-of-service')
  && status?.conditions?.find(({ type }) => type === 'Ready')?.status !== 'True'
