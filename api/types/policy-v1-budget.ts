import type { Infer } from '../schema/schema.ts'
import { always, int32, int64, intOrString, list, map, opt, string, struct, text, time } from '../schema/schema.ts'
import { Condition, LabelSelector, ObjectMeta } from './meta-v1/meta.ts'

export const UnhealthyPodEvictionPolicyType = text('AlwaysAllow', 'IfHealthyBudget')

export const PodDisruptionBudgetSpec = struct('policy/v1.PodDisruptionBudgetSpec', {
  minAvailable: opt(1, intOrString, { pointer: true }),
  selector: opt(2, LabelSelector, { patchStrategy: 'replace' }),
  maxUnavailable: opt(3, intOrString, { pointer: true }),
  unhealthyPodEvictionPolicy: opt(4, UnhealthyPodEvictionPolicyType, { pointer: true }),
})
export interface PodDisruptionBudgetSpec extends Infer<typeof PodDisruptionBudgetSpec> {}

export const PodDisruptionBudgetStatus = struct('policy/v1.PodDisruptionBudgetStatus', {
  observedGeneration: opt(1, int64),
  disruptedPods: opt(2, map(time)),
  disruptionsAllowed: opt(3, int32, { written: true }),
  currentHealthy: opt(4, int32, { written: true }),
  desiredHealthy: opt(5, int32, { written: true }),
  expectedPods: opt(6, int32, { written: true }),
  conditions: opt(7, list(Condition), { listType: 'map', listMapKeys: ['type'], patchMergeKey: 'type', patchStrategy: 'merge' }),
})
export interface PodDisruptionBudgetStatus extends Infer<typeof PodDisruptionBudgetStatus> {}

export const PodDisruptionBudget = struct('policy/v1.PodDisruptionBudget', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, PodDisruptionBudgetSpec),
  status: opt(3, PodDisruptionBudgetStatus),
})
export interface PodDisruptionBudget extends Infer<typeof PodDisruptionBudget> {}
