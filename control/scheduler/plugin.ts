import type { NodeInfo } from './node-info.ts'
import type { PodInfo } from './pod-info.ts'
import type { Snapshot } from './snapshot.ts'

/** Says which nodes a pod cannot go to. `prepare` does once what is the same for all nodes; undefined: it has nothing to say about this pod. */
export interface Filter {
  readonly name: string
  prepare(pod: PodInfo, snapshot: Snapshot): ((node: NodeInfo) => Refusal | undefined) | undefined
}

/** Why a pod cannot go to a node. */
export interface Refusal {
  /** As they are counted in the message: `Insufficient cpu`. */
  readonly reasons: readonly string[]
  /** Whether removing other pods could help. */
  readonly resolvable: boolean
}

/** Says how good the nodes are that are left, from 0 to `best`; undefined: it has no opinion on this pod. */
export interface Score {
  readonly name: string
  readonly weight: number
  prepare(pod: PodInfo, snapshot: Snapshot, nodes: readonly NodeInfo[]): ((node: NodeInfo) => number) | undefined
}

export const best = 100

export const unresolvable = (reason: string): Refusal => ({ reasons: [reason], resolvable: false })
export const resolvable = (reason: string): Refusal => ({ reasons: [reason], resolvable: true })

/** Raw values of the nodes stretched to 0…100; with `reverse`, the smallest is the best. All equal to nought: all equally good. */
export function stretched(nodes: readonly NodeInfo[], value: (node: NodeInfo) => number, reverse = false): (node: NodeInfo) => number {
  const values = new Map(nodes.map((node) => [node, value(node)]))
  const highest = Math.max(0, ...values.values())
  if (highest === 0) return () => (reverse ? best : 0)
  return (node) => {
    const share = Math.floor(((values.get(node) ?? 0) * best) / highest)
    return reverse ? best - share : share
  }
}
