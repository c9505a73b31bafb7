import type { Taint, Toleration } from '../../../api/types/core-v1/common.ts'
import type { Node } from '../../../api/types/core-v1/node.ts'
import type { Pod } from '../../../api/types/core-v1/pod.ts'

export const noExecuteTaints = (node: Node | undefined): Taint[] => (node?.spec.taints ?? []).filter(({ effect }) => effect === 'NoExecute')

/** How long a pod may stay on a node with these `NoExecute` taints: milliseconds, 0 for not at all, `undefined` for ever. */
export function toleratedMs(pod: Pod, taints: readonly Taint[]): number | undefined {
  const tolerations = pod.spec.tolerations ?? []
  const used = tolerations.filter((toleration) => taints.some((taint) => tolerates(toleration, taint)))
  if (!taints.every((taint) => used.some((toleration) => tolerates(toleration, taint)))) return 0
  const limits = used.flatMap(({ tolerationSeconds }) => tolerationSeconds ?? [])
  return limits.length > 0 ? Math.max(0, Math.min(...limits)) * 1000 : undefined
}

export function tolerates({ key = '', operator = 'Equal', value = '', effect = '' }: Toleration, taint: Taint): boolean {
  if (effect !== '' && effect !== taint.effect) return false
  if (key !== '' && key !== taint.key) return false
  if (operator === 'Exists') return true
  return (operator === 'Equal' || operator === '') && value === (taint.value ?? '')
}
