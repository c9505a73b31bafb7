import type { NodeSelectorTerm } from '../../types/core-v1/common.ts'
import type { PodSpec } from '../../types/core-v1/pod.ts'
import type { PodAffinity } from '../../types/core-v1/scheduling.ts'
import { replacedLabel } from './node-label.ts'

const hard = 'requiredDuringSchedulingIgnoredDuringExecution'
const soft = 'preferredDuringSchedulingIgnoredDuringExecution'
const matchesNone = 'a null labelSelector results in matching no pod'

/** Labels of nodes that have got other names, and selectors that select nothing. */
export function placementWarnings({ nodeSelector, affinity, topologySpreadConstraints }: PodSpec, field: string): string[] {
  return [
    ...(nodeSelector ? Object.keys(nodeSelector).flatMap((key) => { const sentence = replacedLabel(key); return sentence ? [`${field}.nodeSelector[${key}]: ${sentence}`] : [] }) : []),
    ...(affinity?.nodeAffinity?.[hard]?.nodeSelectorTerms ?? []).flatMap((term, i) => termWarnings(term, `${field}.affinity.nodeAffinity.${hard}.nodeSelectorTerms[${i}]`)),
    ...(affinity?.nodeAffinity?.[soft] ?? []).flatMap(({ preference }, i) => termWarnings(preference, `${field}.affinity.nodeAffinity.${soft}[${i}].preference`)),
    ...(topologySpreadConstraints ?? []).flatMap(({ topologyKey, labelSelector }, i) => {
      const at = `${field}.topologySpreadConstraints[${i}]`, sentence = replacedLabel(topologyKey)
      return [...(sentence ? [`${at}.topologyKey: ${topologyKey} is ${sentence}`] : []), ...(labelSelector ? [] : [`${at}.labelSelector: ${matchesNone}`])]
    }),
    ...(['podAffinity', 'podAntiAffinity'] as const).flatMap((name) => (affinity?.[name] ? nullSelectors(affinity[name], `${field}.affinity.${name}`) : [])),
  ]
}

/** Of one term of a selector of nodes. */
export const termWarnings = ({ matchExpressions = [] }: NodeSelectorTerm, field: string): string[] => matchExpressions.flatMap(({ key }, i) => {
  const sentence = replacedLabel(key)
  return sentence ? [`${field}.matchExpressions[${i}].key: ${key} is ${sentence}`] : []
})

const nullSelectors = (affinity: PodAffinity, field: string): string[] => [
  ...(affinity[hard] ?? []).flatMap(({ labelSelector }, i) => (labelSelector ? [] : [`${field}.${hard}[${i}].labelSelector: ${matchesNone}`])),
  ...(affinity[soft] ?? []).flatMap(({ podAffinityTerm }, i) => (podAffinityTerm.labelSelector ? [] : [`${field}.${soft}[${i}].podAffinityTerm.labelSelector: ${matchesNone}`])),
]
