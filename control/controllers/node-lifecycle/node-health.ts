import type { Node, NodeCondition } from '../../../api/types/core-v1/node.ts'
import { rfc3339 } from '../../../host/clock.ts'
import { createdAt } from '../shared/owner.ts'

export interface HealthView {
  readonly node: Node
  /** When a sign of life was last *seen* here, by this clock: the node's own clock is not trusted. */
  readonly lastSeen: number
  readonly now: number
  readonly graceMs: number
  readonly startupGraceMs: number
}

export interface HealthVerdict {
  /** The conditions to write; absent: nothing changes. */
  readonly conditions?: NodeCondition[]
  /** Milliseconds until the node's silence becomes too long; absent when it is too long already. */
  readonly after?: number
}

/** What an agent reports about its node; all of it is doubtful once the agent is silent. */
const reported = ['Ready', 'MemoryPressure', 'DiskPressure', 'PIDPressure'] as const

export const readyOf = (node: Node): NodeCondition | undefined => node.status?.conditions?.find(({ type }) => type === 'Ready')

/** Judges the silence of a node's agent. */
export function judgeHealth({ node, lastSeen, now, graceMs, startupGraceMs }: HealthView): HealthVerdict {
  const ready = readyOf(node)
  const deadline = ready ? lastSeen + graceMs : createdAt(node) + startupGraceMs
  // Strictly after it, as the original counts.
  if (now <= deadline) return { after: deadline - now + 1 }
  const conditions = node.status?.conditions ?? []
  const changed = reported.filter((type) => conditions.find((condition) => condition.type === type)?.status !== 'Unknown')
  if (changed.length === 0) return {}
  const untouched = conditions.filter(({ type }) => !changed.includes(type as (typeof reported)[number]))
  return { conditions: [...untouched, ...changed.map((type) => unknown(node, conditions.find((condition) => condition.type === type), type, now))] }
}

function unknown(node: Node, old: NodeCondition | undefined, type: string, now: number): NodeCondition {
  const lastTransitionTime = rfc3339(now)
  if (old) return { ...old, status: 'Unknown', reason: 'NodeStatusUnknown', message: 'Kubelet stopped posting node status.', lastTransitionTime }
  return { type, status: 'Unknown', reason: 'NodeStatusNeverUpdated', message: 'Kubelet never posted node status.', lastHeartbeatTime: node.metadata.creationTimestamp, lastTransitionTime }
}
