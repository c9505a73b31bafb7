import type { Score } from '../plugin.ts'
import { balancedAllocation } from './balanced-allocation.ts'
import { imageLocality } from './image-locality.ts'
import { interPodPreference } from './inter-pod-preference.ts'
import { leastAllocated } from './least-allocated.ts'
import { nodeAffinityPreference } from './node-affinity-preference.ts'
import { selectorSpread } from './selector-spread.ts'
import { taintPreference } from './taint-preference.ts'
import { topologySpreadPreference } from './topology-spread-preference.ts'

/** The order makes no difference: each score counts with its weight. */
export const scores: readonly Score[] = [
  taintPreference, nodeAffinityPreference, leastAllocated, balancedAllocation, topologySpreadPreference, interPodPreference, selectorSpread, imageLocality,
]
