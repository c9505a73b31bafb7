import type { Infer } from '../../schema/schema.ts'
import { always, list, opt, req, string, struct, text, time } from '../../schema/schema.ts'
import { ConditionStatus } from './common.ts'
import { ObjectMeta } from '../meta-v1/meta.ts'

export const FinalizerName = text('kubernetes')

export const NamespaceSpec = struct('core/v1.NamespaceSpec', {
  finalizers: opt(1, list(FinalizerName), { listType: 'atomic' }),
})
export interface NamespaceSpec extends Infer<typeof NamespaceSpec> {}

export const NamespaceConditionType = text('NamespaceContentRemaining', 'NamespaceDeletionContentFailure', 'NamespaceDeletionDiscoveryFailure', 'NamespaceDeletionGroupVersionParsingFailure', 'NamespaceFinalizersRemaining')

export const NamespaceCondition = struct('core/v1.NamespaceCondition', {
  type: req(1, NamespaceConditionType),
  status: req(2, ConditionStatus),
  lastTransitionTime: opt(4, time),
  reason: opt(5, string),
  message: opt(6, string),
})
export interface NamespaceCondition extends Infer<typeof NamespaceCondition> {}

export const NamespacePhase = text('Active', 'Terminating')

export const NamespaceStatus = struct('core/v1.NamespaceStatus', {
  phase: opt(1, NamespacePhase),
  conditions: opt(2, list(NamespaceCondition), { listType: 'map', listMapKeys: ['type'], patchMergeKey: 'type', patchStrategy: 'merge' }),
})
export interface NamespaceStatus extends Infer<typeof NamespaceStatus> {}

export const Namespace = struct('core/v1.Namespace', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, NamespaceSpec),
  status: opt(3, NamespaceStatus),
})
export interface Namespace extends Infer<typeof Namespace> {}
