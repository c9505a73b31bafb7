import { nodeMatcher } from '../node-selector.ts'
import type { Filter } from '../plugin.ts'
import { unresolvable } from '../plugin.ts'

const refusal = unresolvable("node(s) didn't match Pod's node affinity/selector")

/** `nodeSelector` and required node affinity. */
export const nodeAffinity: Filter = {
  name: 'NodeAffinity',
  prepare({ pod }) {
    const matches = nodeMatcher(pod.spec)
    return matches && ((node) => (matches(node) ? undefined : refusal))
  },
}
