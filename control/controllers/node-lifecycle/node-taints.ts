import type { Taint } from '../../../api/types/core-v1/common.ts'
import type { Node } from '../../../api/types/core-v1/node.ts'
import { rfc3339 } from '../../../host/clock.ts'
import { readyOf } from './node-health.ts'

const prefix = 'node.kubernetes.io/'
export const notReadyTaint = `${prefix}not-ready`
export const unreachableTaint = `${prefix}unreachable`

/** Which condition in which state puts which taint on a node. */
const byCondition: readonly { readonly type: string; readonly status: string; readonly key: string }[] = [
  { type: 'Ready', status: 'False', key: notReadyTaint }, { type: 'Ready', status: 'Unknown', key: unreachableTaint },
  { type: 'MemoryPressure', status: 'True', key: `${prefix}memory-pressure` }, { type: 'DiskPressure', status: 'True', key: `${prefix}disk-pressure` },
  { type: 'NetworkUnavailable', status: 'True', key: `${prefix}network-unavailable` }, { type: 'PIDPressure', status: 'True', key: `${prefix}pid-pressure` },
]
const unschedulableTaint = `${prefix}unschedulable`
const keptNoSchedule = new Set([...byCondition.map(({ key }) => key), unschedulableTaint])
const keptNoExecute = new Set([notReadyTaint, unreachableTaint])

/** `NoExecute` taint keys the node's state calls for. */
export function wantedNoExecute(node: Node): string[] {
  const status = readyOf(node)?.status
  return status === 'False' ? [notReadyTaint] : status === 'Unknown' ? [unreachableTaint] : []
}

function wantedNoSchedule({ spec, status }: Node): string[] {
  const keys = byCondition.filter(({ type, status: wanted }) => status?.conditions?.some((condition) => condition.type === type && condition.status === wanted)).map(({ key }) => key)
  return spec.unschedulable ? [...keys, unschedulableTaint] : keys
}

/**
 * The node's taints as they should be, or `undefined` when they are. Other people's taints stay. `noExecute`: the keys
 * granted now, which may be fewer than wanted while evictions are held back.
 */
export function nodeTaints(node: Node, noExecute: readonly string[], now: number): Taint[] | undefined {
  const old = node.spec.taints ?? []
  const wanted = [...wantedNoSchedule(node).map((key) => ({ key, effect: 'NoSchedule' })), ...noExecute.map((key) => ({ key, effect: 'NoExecute' }))]
  const isOurs = ({ key, effect }: Taint) => (effect === 'NoSchedule' && keptNoSchedule.has(key)) || (effect === 'NoExecute' && keptNoExecute.has(key))
  const isIn = (taints: readonly Taint[]) => (taint: Taint) => taints.some(({ key, effect }) => key === taint.key && effect === taint.effect)
  const kept = old.filter((taint) => !isOurs(taint) || isIn(wanted)(taint))
  const added = wanted.filter((taint) => !isIn(old)(taint)).map((taint) => ({ ...taint, timeAdded: rfc3339(now) }))
  return kept.length === old.length && added.length === 0 ? undefined : [...kept, ...added]
}

/** The managed `NoExecute` taints that are on the node. */
export const presentNoExecute = (node: Node): string[] => (node.spec.taints ?? []).filter(({ key, effect }) => effect === 'NoExecute' && keptNoExecute.has(key)).map(({ key }) => key)
