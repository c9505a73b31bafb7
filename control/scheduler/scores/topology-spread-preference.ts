import { countDomains } from '../filters/pod-topology-spread.ts'
import type { NodeInfo } from '../node-info.ts'
import type { Score } from '../plugin.ts'
import { best } from '../plugin.ts'

/** `topologySpreadConstraints` with `ScheduleAnyway`: the fewer of its like in the node's domains, the better. */
export const topologySpreadPreference: Score = {
  name: 'PodTopologySpread', weight: 2,
  prepare(pod, snapshot, nodes) {
    const spreads = pod.terms.spread.filter(({ constraint }) => constraint.whenUnsatisfiable === 'ScheduleAnyway')
    if (!spreads.length) return undefined
    const keys = spreads.map(({ constraint }) => constraint.topologyKey)
    const counted = spreads.map((spread) => countDomains(spread, keys, pod, snapshot))
    const raw = ({ labels }: NodeInfo): number | undefined => {
      if (keys.some((key) => labels[key] === undefined)) return undefined
      // A constraint over many domains has small counts; the logarithm makes up for it.
      return counted.reduce((sum, { spread: { constraint }, domains }) => sum + (domains.get(labels[constraint.topologyKey]!) ?? 0) * Math.log(domains.size + 2) + (constraint.maxSkew - 1), 0)
    }
    const values = nodes.map(raw).filter((value) => value !== undefined)
    const lowest = Math.min(...values), highest = Math.max(...values)
    return (node) => {
      const value = raw(node)
      if (value === undefined) return 0
      return highest ? Math.floor((best * (highest + lowest - value)) / highest) : best
    }
  },
}
