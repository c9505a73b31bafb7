import type { NodeInfo } from '../node-info.ts'
import type { PodInfo } from '../pod-info.ts'
import type { Score } from '../plugin.ts'
import { best } from '../plugin.ts'

/** Prefers nodes whose cpu and memory would be used to the same degree, so that neither runs out while the other lies idle. */
export const balancedAllocation: Score = {
  name: 'NodeResourcesBalancedAllocation', weight: 1,
  prepare(pod) {
    if (!pod.requests.get('cpu') && !pod.requests.get('memory')) return undefined
    return (node) => {
      const cpu = used('cpu', node, pod), memory = used('memory', node, pod)
      const deviation = cpu === undefined || memory === undefined ? 0 : Math.abs(cpu - memory) / 2
      return Math.floor((1 - deviation) * best)
    }
  },
}

function used(name: string, { allocatable, requested }: NodeInfo, pod: PodInfo): number | undefined {
  const all = allocatable.get(name)
  return all ? Math.min(1, ((requested.get(name) ?? 0) + (pod.requests.get(name) ?? 0)) / all) : undefined
}
