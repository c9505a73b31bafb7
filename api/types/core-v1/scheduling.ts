import type { Infer } from '../../schema/schema.ts'
import { int32, list, opt, req, string, struct, text } from '../../schema/schema.ts'
import { NodeSelector, NodeSelectorTerm } from './common.ts'
import { LabelSelector } from '../meta-v1/meta.ts'

export const PreferredSchedulingTerm = struct('core/v1.PreferredSchedulingTerm', {
  weight: req(1, int32),
  preference: req(2, NodeSelectorTerm),
})
export interface PreferredSchedulingTerm extends Infer<typeof PreferredSchedulingTerm> {}

export const NodeAffinity = struct('core/v1.NodeAffinity', {
  requiredDuringSchedulingIgnoredDuringExecution: opt(1, NodeSelector),
  preferredDuringSchedulingIgnoredDuringExecution: opt(2, list(PreferredSchedulingTerm), { listType: 'atomic' }),
})
export interface NodeAffinity extends Infer<typeof NodeAffinity> {}

export const PodAffinityTerm = struct('core/v1.PodAffinityTerm', {
  labelSelector: opt(1, LabelSelector),
  namespaces: opt(2, list(string), { listType: 'atomic' }),
  topologyKey: req(3, string),
  namespaceSelector: opt(4, LabelSelector),
  matchLabelKeys: opt(5, list(string), { listType: 'atomic' }),
  mismatchLabelKeys: opt(6, list(string), { listType: 'atomic' }),
})
export interface PodAffinityTerm extends Infer<typeof PodAffinityTerm> {}

export const WeightedPodAffinityTerm = struct('core/v1.WeightedPodAffinityTerm', {
  weight: req(1, int32),
  podAffinityTerm: req(2, PodAffinityTerm),
})
export interface WeightedPodAffinityTerm extends Infer<typeof WeightedPodAffinityTerm> {}

export const PodAffinity = struct('core/v1.PodAffinity', {
  requiredDuringSchedulingIgnoredDuringExecution: opt(1, list(PodAffinityTerm), { listType: 'atomic' }),
  preferredDuringSchedulingIgnoredDuringExecution: opt(2, list(WeightedPodAffinityTerm), { listType: 'atomic' }),
})
export interface PodAffinity extends Infer<typeof PodAffinity> {}

export const PodAntiAffinity = struct('core/v1.PodAntiAffinity', {
  requiredDuringSchedulingIgnoredDuringExecution: opt(1, list(PodAffinityTerm), { listType: 'atomic' }),
  preferredDuringSchedulingIgnoredDuringExecution: opt(2, list(WeightedPodAffinityTerm), { listType: 'atomic' }),
})
export interface PodAntiAffinity extends Infer<typeof PodAntiAffinity> {}

export const Affinity = struct('core/v1.Affinity', {
  nodeAffinity: opt(1, NodeAffinity),
  podAffinity: opt(2, PodAffinity),
  podAntiAffinity: opt(3, PodAntiAffinity),
})
export interface Affinity extends Infer<typeof Affinity> {}

export const NodeInclusionPolicy = text('Honor', 'Ignore')

export const PreemptionPolicy = text('Never', 'PreemptLowerPriority')

export const UnsatisfiableConstraintAction = text('DoNotSchedule', 'ScheduleAnyway')

export const TopologySpreadConstraint = struct('core/v1.TopologySpreadConstraint', {
  maxSkew: req(1, int32),
  topologyKey: req(2, string),
  whenUnsatisfiable: req(3, UnsatisfiableConstraintAction),
  labelSelector: opt(4, LabelSelector),
  minDomains: opt(5, int32, { pointer: true }),
  nodeAffinityPolicy: opt(6, NodeInclusionPolicy, { pointer: true }),
  nodeTaintsPolicy: opt(7, NodeInclusionPolicy, { pointer: true }),
  matchLabelKeys: opt(8, list(string), { listType: 'atomic' }),
})
export interface TopologySpreadConstraint extends Infer<typeof TopologySpreadConstraint> {}
