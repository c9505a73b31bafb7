import type { Score } from '../plugin.ts'
import { stretched } from '../plugin.ts'
import { tolerates } from '../tolerations.ts'

/** The fewer `PreferNoSchedule` taints a pod must put up with, the better. */
export const taintPreference: Score = {
  name: 'TaintToleration', weight: 3,
  prepare({ pod }, _, nodes) {
    if (nodes.every(({ softTaints }) => !softTaints.length)) return undefined
    return stretched(nodes, ({ softTaints }) => softTaints.filter((taint) => !tolerates(pod.spec.tolerations, taint)).length, true)
  },
}
