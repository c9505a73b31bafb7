import type { Infer } from '../schema/schema.ts'
import { always, intOrString, opt, string, struct, text } from '../schema/schema.ts'
import { LabelSelector, ObjectMeta } from './meta-v1/meta.ts'
import { PodDisruptionBudgetStatus as StablePodDisruptionBudgetStatus } from './policy-v1-budget.ts'
import { Eviction as StableEviction } from './policy-v1.ts'

export const Eviction = struct('policy/v1beta1.Eviction', StableEviction.fields)
export type Eviction = StableEviction

export const UnhealthyPodEvictionPolicyType = text('AlwaysAllow', 'IfHealthyBudget')

export const PodDisruptionBudgetSpec = struct('policy/v1beta1.PodDisruptionBudgetSpec', {
  minAvailable: opt(1, intOrString, { pointer: true }),
  selector: opt(2, LabelSelector),
  maxUnavailable: opt(3, intOrString, { pointer: true }),
  unhealthyPodEvictionPolicy: opt(4, UnhealthyPodEvictionPolicyType, { pointer: true }),
})
export interface PodDisruptionBudgetSpec extends Infer<typeof PodDisruptionBudgetSpec> {}

export const PodDisruptionBudgetStatus = struct('policy/v1beta1.PodDisruptionBudgetStatus', StablePodDisruptionBudgetStatus.fields)
export type PodDisruptionBudgetStatus = StablePodDisruptionBudgetStatus

export const PodDisruptionBudget = struct('policy/v1beta1.PodDisruptionBudget', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, PodDisruptionBudgetSpec),
  status: opt(3, PodDisruptionBudgetStatus),
})
export interface PodDisruptionBudget extends Infer<typeof PodDisruptionBudget> {}
