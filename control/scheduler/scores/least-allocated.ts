import type { NodeInfo } from '../node-info.ts'
import type { PodInfo } from '../pod-info.ts'
import type { Score } from '../plugin.ts'
import { best } from '../plugin.ts'

const resources = ['cpu', 'memory'] as const

/** The share of cpu and memory that would be left, on average. */
export const leastAllocated: Score = {
  name: 'NodeResourcesFit', weight: 1,
  prepare: (pod) => (node) => {
    const shares = resources.filter((name) => (node.allocatable.get(name) ?? 0) > 0).map((name) => left(name, node, pod))
    return shares.length ? Math.floor(shares.reduce((sum, share) => sum + share, 0) / shares.length) : 0
  },
}

function left(name: string, { allocatable, likelyUse }: NodeInfo, pod: PodInfo): number {
  const all = allocatable.get(name)!
  const used = (likelyUse.get(name) ?? 0) + (pod.likelyUse.get(name) ?? 0)
  return used > all ? 0 : Math.floor(((all - used) * best) / all)
}
