import type { NodeInfo } from '../node-info.ts'
import type { PodInfo } from '../pod-info.ts'
import type { Score } from '../plugin.ts'
import { best } from '../plugin.ts'
import type { Snapshot } from '../snapshot.ts'

/** What a required affinity of a pod that is there counts for a new pod it fits. */
const hardWeight = 1

/** Preferred affinity and anti-affinity to other pods, in both directions. */
export const interPodPreference: Score = {
  name: 'InterPodAffinity', weight: 2,
  prepare(pod, snapshot, nodes) {
    const sums = new Map<string, Map<string, number>>()
    for (const { term, byNode, weight } of opinions(pod, snapshot)) {
      for (const [name, count] of byNode) {
        const value = snapshot.get(name)?.labels[term.topologyKey]
        if (value === undefined) continue
        let values = sums.get(term.topologyKey)
        if (!values) sums.set(term.topologyKey, values = new Map())
        values.set(value, (values.get(value) ?? 0) + count * weight)
      }
    }
    if (!sums.size) return undefined
    const raw = ({ labels }: NodeInfo): number => [...sums].reduce((sum, [key, values]) => sum + (labels[key] === undefined ? 0 : values.get(labels[key]) ?? 0), 0)
    const all = nodes.map(raw)
    const lowest = Math.min(...all), highest = Math.max(...all)
    return (node) => (highest > lowest ? Math.floor((best * (raw(node) - lowest)) / (highest - lowest)) : 0)
  },
}

function* opinions(pod: PodInfo, snapshot: Snapshot) {
  for (const term of pod.terms.preferred) yield { term, byNode: snapshot.countsOf(term.pods), weight: term.wish === 'near' ? term.weight! : -term.weight! }
  for (const { term, byNode } of snapshot.carried) {
    if (term.wish === 'far' && term.weight === undefined) continue
    if (snapshot.includes(term.pods, pod)) yield { term, byNode, weight: term.weight === undefined ? hardWeight : term.wish === 'near' ? term.weight : -term.weight }
  }
}
