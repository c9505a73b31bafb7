import type { Filter } from '../plugin.ts'
import { unresolvable } from '../plugin.ts'
import { tolerates } from '../tolerations.ts'

/** A taint keeps away every pod that does not tolerate it; the message names the first such taint. */
export const taintToleration: Filter = {
  name: 'TaintToleration',
  prepare({ pod }) {
    return ({ hardTaints }) => {
      const taint = hardTaints.find((each) => !tolerates(pod.spec.tolerations, each))
      return taint && unresolvable(`node(s) had untolerated taint {${taint.key}: ${taint.value ?? ''}}`)
    }
  },
}
