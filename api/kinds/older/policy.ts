import { PodDisruptionBudget } from '../../types/policy-v1beta1.ts'
import type { LabelSelector } from '../../types/meta-v1/meta.ts'
import type { Kind } from '../kind.ts'
import { podDisruptionBudgets } from '../policy-v1/pod-disruption-budget.ts'
import { semanticEqual } from '../validation/equal.ts'
import { deprecation, olderVersion } from './older-version.ts'

const label = 'pdb.kubernetes.io/deprecated-v1beta1-empty-selector-match'
const empty: LabelSelector = Object.freeze({})
/** No pod has the label: nobody. In `v1beta1` the empty selector meant that. */
const nobody: LabelSelector = Object.freeze({ matchExpressions: [{ key: label, operator: 'Exists' }] })
/** How `v1beta1` says what the empty selector means today: everybody. */
const everybody: LabelSelector = Object.freeze({ matchExpressions: [{ key: label, operator: 'DoesNotExist' }] })

const replacing = (pairs: readonly (readonly [LabelSelector, LabelSelector])[]) => (budget: any): any => {
  const selector = budget.spec?.selector
  const pair = selector && pairs.find(([from]) => semanticEqual(selector, from))
  return pair ? { ...budget, spec: { ...budget.spec, selector: structuredClone(pair[1]) } } : budget
}

/** `policy/v1beta1`. */
export const olderPolicy: readonly Kind[] = Object.freeze([
  olderVersion(podDisruptionBudgets, {
    version: 'v1beta1', schema: PodDisruptionBudget, deprecated: deprecation('policy/v1beta1 PodDisruptionBudget', 21, 25, 'policy/v1 PodDisruptionBudget'),
    convert: { toStable: replacing([[empty, nobody], [everybody, empty]]), fromStable: replacing([[nobody, empty], [empty, everybody]]) },
  }),
])
