import type { Pod } from '../../../api/types/core-v1/pod.ts'
import { compareText, createdAt, timeOf } from './owner.ts'
import { isReady, podCondition } from './pods.ts'

export const deletionCostAnnotation = 'controller.kubernetes.io/pod-deletion-cost'

const phaseOrder: Readonly<Record<string, number>> = { Pending: 0, Unknown: 1, Running: 2 }

/**
 * The `count` pods whose loss costs least. `related` are all active pods of the same application: of two equal pods the
 * one goes first that shares its node with more of them.
 */
export function podsToDelete(pods: readonly Pod[], related: readonly Pod[], count: number, now: number): Pod[] {
  if (count >= pods.length) return [...pods]
  const onNode = new Map<string, number>()
  for (const { spec: { nodeName } } of related) if (nodeName) onNode.set(nodeName, (onNode.get(nodeName) ?? 0) + 1)
  const crowd = (pod: Pod) => onNode.get(pod.spec.nodeName ?? '') ?? 0
  return pods.toSorted((a, b) => rules(crowd, now).reduce((order, rule) => order || rule(a, b), 0)).slice(0, count)
}

type Rule = (a: Pod, b: Pod) => number

/** In order of weight; the first that tells two pods apart decides. Negative: `a` goes first. */
const rules = (crowd: (pod: Pod) => number, now: number): readonly Rule[] => [
  (a, b) => Number(!!a.spec.nodeName) - Number(!!b.spec.nodeName),
  (a, b) => (phaseOrder[a.status?.phase ?? 'Pending'] ?? 0) - (phaseOrder[b.status?.phase ?? 'Pending'] ?? 0),
  (a, b) => Number(isReady(a)) - Number(isReady(b)),
  (a, b) => deletionCost(a) - deletionCost(b),
  (a, b) => crowd(b) - crowd(a),
  (a, b) => (isReady(a) && isReady(b) ? youngerFirst(readySince(a), readySince(b), now) : 0),
  (a, b) => restarts(b) - restarts(a),
  (a, b) => youngerFirst(createdAt(a), createdAt(b), now),
  (a, b) => compareText(a.metadata.uid ?? '', b.metadata.uid ?? ''),
]

/** An integer of 32 bits; what is not one counts as 0. */
export function deletionCost(pod: Pod): number {
  const text = pod.metadata.annotations?.[deletionCostAnnotation] ?? ''
  const cost = /^(0|-?[1-9]\d*)$/.test(text) ? Number(text) : 0
  return Math.abs(cost) < 2 ** 31 ? cost : 0
}

const readySince = (pod: Pod): number => timeOf(podCondition(pod, 'Ready')?.lastTransitionTime)
const restarts = (pod: Pod): number => Math.max(0, ...(pod.status?.containerStatuses ?? []).map((status) => status.restartCount))

/**
 * Ages are compared by their order of magnitude (binary logarithm of nanoseconds, as the original does), so that among
 * pods of about one age the uid decides and the oldest do not always survive. An unset time is the youngest.
 */
function youngerFirst(a: number, b: number, now: number): number {
  if (a === b) return 0
  if (a === 0 || b === 0) return a === 0 ? -1 : 1
  return magnitude(now - a) - magnitude(now - b)
}

const magnitude = (ageMs: number): number => (ageMs > 0 ? Math.floor(Math.log2(ageMs * 1e6)) : -1)
