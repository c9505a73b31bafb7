import { matchesTerm } from '../node-selector.ts'
import type { Score } from '../plugin.ts'
import { stretched } from '../plugin.ts'

/** Preferred node affinity: the sum of the weights of the terms that hold. */
export const nodeAffinityPreference: Score = {
  name: 'NodeAffinity', weight: 2,
  prepare({ pod }, _, nodes) {
    const terms = pod.spec.affinity?.nodeAffinity?.preferredDuringSchedulingIgnoredDuringExecution
    if (!terms?.length) return undefined
    return stretched(nodes, (node) => terms.reduce((sum, { weight, preference }) => sum + (matchesTerm(preference, node) ? weight : 0), 0))
  },
}
