import type { NodeSelector } from '../../types/core-v1/common.ts'
import type { VolumeNodeAffinity } from '../../types/core-v1/persistent-volume.ts'

const successors: Readonly<Record<string, string>> = {
  'failure-domain.beta.kubernetes.io/zone': 'topology.kubernetes.io/zone',
  'failure-domain.beta.kubernetes.io/region': 'topology.kubernetes.io/region',
  'beta.kubernetes.io/os': 'kubernetes.io/os',
  'beta.kubernetes.io/arch': 'kubernetes.io/arch',
  'beta.kubernetes.io/instance-type': 'node.kubernetes.io/instance-type',
}

/** Old labels of nodes in the affinity of a volume may become their successors: the old affinity with those that did. */
export function replacedNodeAffinity(before: VolumeNodeAffinity, now: VolumeNodeAffinity | undefined): VolumeNodeAffinity {
  const selector = before.required
  if (!selector || now?.required?.nodeSelectorTerms.length !== selector.nodeSelectorTerms.length) return before
  return { ...before, required: { ...selector, nodeSelectorTerms: selector.nodeSelectorTerms.map((term, i) => replaced(term, now.required!.nodeSelectorTerms[i]!)) } }
}

type Term = NodeSelector['nodeSelectorTerms'][number]

function replaced(before: Term, now: Term): Term {
  const expressions = before.matchExpressions?.map((requirement, i) => {
    const key = now.matchExpressions?.[i]?.key
    return key !== undefined && Object.hasOwn(successors, requirement.key) && successors[requirement.key] === key ? { ...requirement, key } : requirement
  })
  return { ...before, ...(expressions && { matchExpressions: expressions }) }
}
