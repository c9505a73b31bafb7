import { nodeMatcher } from '../node-selector.ts'
import type { NodeInfo } from '../node-info.ts'
import type { PodInfo } from '../pod-info.ts'
import type { Filter } from '../plugin.ts'
import { resolvable, unresolvable } from '../plugin.ts'
import type { Snapshot } from '../snapshot.ts'
import type { Spread } from '../terms.ts'
import { tolerates } from '../tolerations.ts'

const skewed = resolvable("node(s) didn't match pod topology spread constraints")
const unlabelled = unresolvable("node(s) didn't match pod topology spread constraints (missing required label)")

/** `topologySpreadConstraints` with `DoNotSchedule`. */
export const podTopologySpread: Filter = {
  name: 'PodTopologySpread',
  prepare(pod, snapshot) {
    const spreads = pod.terms.spread.filter(({ constraint }) => constraint.whenUnsatisfiable === 'DoNotSchedule')
    if (!spreads.length) return undefined
    const keys = spreads.map(({ constraint }) => constraint.topologyKey)
    const counted = spreads.map((spread) => countDomains(spread, keys, pod, snapshot))
    return (node) => {
      for (const { spread: { constraint }, domains, lowest, self } of counted) {
        const value = node.labels[constraint.topologyKey]
        if (value === undefined) return unlabelled
        if ((domains.get(value) ?? 0) + self - lowest > constraint.maxSkew) return skewed
      }
      return undefined
    }
  },
}

/** How many of the pods each domain has, over the nodes that count. */
export function countDomains(spread: Spread, keys: readonly string[], pod: PodInfo, snapshot: Snapshot) {
  const { constraint, pods } = spread
  const counts = snapshot.countsOf(pods)
  const isEligible = eligible(spread, keys, pod)
  const domains = new Map<string, number>()
  for (const node of snapshot.nodes) {
    if (!isEligible(node)) continue
    const value = node.labels[constraint.topologyKey]!
    domains.set(value, (domains.get(value) ?? 0) + (counts.get(node.name) ?? 0))
  }
  const enough = domains.size >= (constraint.minDomains ?? 1)
  return { spread, domains, lowest: enough && domains.size ? Math.min(...domains.values()) : 0, self: snapshot.includes(pods, pod) ? 1 : 0 }
}

/** Nodes the pod could not go to anyway do not count as places that are empty. */
function eligible({ constraint }: Spread, keys: readonly string[], { pod }: PodInfo): (node: NodeInfo) => boolean {
  const matches = constraint.nodeAffinityPolicy === 'Ignore' ? undefined : nodeMatcher(pod.spec)
  const heedTaints = constraint.nodeTaintsPolicy === 'Honor'
  return (node) => keys.every((key) => node.labels[key] !== undefined) && (!matches || matches(node))
    && (!heedTaints || node.hardTaints.every((taint) => tolerates(pod.spec.tolerations, taint)))
}
