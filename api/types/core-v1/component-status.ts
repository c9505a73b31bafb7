import type { Infer } from '../../schema/schema.ts'
import { always, list, opt, req, string, struct, text } from '../../schema/schema.ts'
import { ConditionStatus } from './common.ts'
import { ObjectMeta } from '../meta-v1/meta.ts'

export const ComponentConditionType = text('Healthy')

export const ComponentCondition = struct('core/v1.ComponentCondition', {
  type: req(1, ComponentConditionType),
  status: req(2, ConditionStatus),
  message: opt(3, string),
  error: opt(4, string),
})
export interface ComponentCondition extends Infer<typeof ComponentCondition> {}

export const ComponentStatus = struct('core/v1.ComponentStatus', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  conditions: opt(2, list(ComponentCondition), { listType: 'map', listMapKeys: ['type'], patchMergeKey: 'type', patchStrategy: 'merge' }),
})
export interface ComponentStatus extends Infer<typeof ComponentStatus> {}
