import type { Filter } from '../plugin.ts'
import { unresolvable } from '../plugin.ts'

const refusal = unresolvable("node(s) didn't match the requested node name")

/** A pod that names its node goes there or nowhere. */
export const nodeName: Filter = {
  name: 'NodeName',
  prepare({ pod }) {
    const wanted = pod.spec.nodeName
    return wanted ? ({ name }) => (name === wanted ? undefined : refusal) : undefined
  },
}
