import { matchesLabels, selectorOf } from '../../api/selectors/labels.ts'
import type { Selector } from '../../api/selectors/labels.ts'
import type { Pod } from '../../api/types/core-v1/pod.ts'
import type { PodAffinityTerm, TopologySpreadConstraint, WeightedPodAffinityTerm } from '../../api/types/core-v1/scheduling.ts'
import type { LabelSelector } from '../../api/types/meta-v1/meta.ts'

/** A set of pods: those of some namespaces whose labels match. `id` is the same for terms that mean the same. */
export interface PodSet {
  readonly id: string
  readonly selector: Selector
  readonly namespaces: ReadonlySet<string>
  /** Further namespaces, by their labels. */
  readonly namespaceSelector: Selector | undefined
}

/** `near` (affinity) or `far` (anti-affinity), required or with a weight. */
export interface Term {
  readonly id: string
  readonly pods: PodSet
  readonly topologyKey: string
  readonly wish: 'near' | 'far'
  /** Absent: required. */
  readonly weight: number | undefined
}

export interface Spread {
  readonly pods: PodSet
  readonly constraint: TopologySpreadConstraint
}

export interface PodTerms {
  readonly required: readonly Term[]
  readonly preferred: readonly Term[]
  readonly spread: readonly Spread[]
}

const none: PodTerms = Object.freeze({ required: Object.freeze([]), preferred: Object.freeze([]), spread: Object.freeze([]) })

/** What a pod says about other pods. */
export function podTermsOf({ metadata, spec }: Pod): PodTerms {
  const { podAffinity: near, podAntiAffinity: far } = spec.affinity ?? {}
  if (!near && !far && !spec.topologySpreadConstraints) return none
  const namespace = metadata.namespace ?? ''
  const required = (terms: readonly PodAffinityTerm[] | undefined, wish: Term['wish']): Term[] => (terms ?? []).map((term) => termOf(term, wish, namespace, undefined))
  const preferred = (terms: readonly WeightedPodAffinityTerm[] | undefined, wish: Term['wish']): Term[] => (terms ?? []).map(({ weight, podAffinityTerm }) => termOf(podAffinityTerm, wish, namespace, weight))
  return {
    required: [...required(near?.requiredDuringSchedulingIgnoredDuringExecution, 'near'), ...required(far?.requiredDuringSchedulingIgnoredDuringExecution, 'far')],
    preferred: [...preferred(near?.preferredDuringSchedulingIgnoredDuringExecution, 'near'), ...preferred(far?.preferredDuringSchedulingIgnoredDuringExecution, 'far')],
    spread: (spec.topologySpreadConstraints ?? []).map((constraint) => ({ constraint, pods: podSet(constraint.labelSelector, [namespace], undefined) })),
  }
}

function termOf(term: PodAffinityTerm, wish: Term['wish'], own: string, weight: number | undefined): Term {
  const named = term.namespaces ?? []
  const pods = podSet(term.labelSelector, named.length || term.namespaceSelector ? named : [own], term.namespaceSelector)
  return { id: JSON.stringify([pods.id, term.topologyKey, wish, weight]), pods, topologyKey: term.topologyKey, wish, weight }
}

function podSet(labels: LabelSelector | undefined, namespaces: readonly string[], namespaceSelector: LabelSelector | undefined): PodSet {
  return {
    id: JSON.stringify([labels ?? null, [...namespaces].sort(), namespaceSelector ?? null]),
    selector: selectorOf(labels), namespaces: new Set(namespaces), namespaceSelector: namespaceSelector && selectorOf(namespaceSelector),
  }
}

/** The labels of a namespace. */
export type NamespaceLabels = (name: string) => Readonly<Record<string, string>> | undefined

export const isMember = (set: PodSet, pod: { namespace: string; labels: Readonly<Record<string, string>> }, namespaceLabels: NamespaceLabels): boolean =>
  (set.namespaces.has(pod.namespace) || (set.namespaceSelector !== undefined && matchesLabels(set.namespaceSelector, namespaceLabels(pod.namespace))))
  && matchesLabels(set.selector, pod.labels)
