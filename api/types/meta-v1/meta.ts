import type { Infer } from '../../schema/schema.ts'
import { always, bool, fields, int64, list, map, opt, req, string, struct, text, time } from '../../schema/schema.ts'

export const ConditionStatus = text('False', 'True', 'Unknown')

export const Condition = struct('meta/v1.Condition', {
  type: req(1, string),
  status: req(2, ConditionStatus),
  observedGeneration: opt(3, int64),
  lastTransitionTime: req(4, time),
  reason: req(5, string),
  message: req(6, string),
})
export interface Condition extends Infer<typeof Condition> {}

export const LabelSelectorOperator = text('DoesNotExist', 'Exists', 'In', 'NotIn')

export const LabelSelectorRequirement = struct('meta/v1.LabelSelectorRequirement', {
  key: req(1, string),
  operator: req(2, LabelSelectorOperator),
  values: opt(3, list(string), { listType: 'atomic' }),
})
export interface LabelSelectorRequirement extends Infer<typeof LabelSelectorRequirement> {}

export const LabelSelector = struct('meta/v1.LabelSelector', {
  matchLabels: opt(1, map(string)),
  matchExpressions: opt(2, list(LabelSelectorRequirement), { listType: 'atomic' }),
}, { atomic: true })
export interface LabelSelector extends Infer<typeof LabelSelector> {}

export const ShardInfo = struct('meta/v1.ShardInfo', {
  selector: req(1, string),
})
export interface ShardInfo extends Infer<typeof ShardInfo> {}

export const ListMeta = struct('meta/v1.ListMeta', {
  selfLink: opt(1, string, { deprecated: true }),
  resourceVersion: opt(2, string),
  continue: opt(3, string),
  remainingItemCount: opt(4, int64, { pointer: true }),
  shardInfo: opt(5, ShardInfo),
})
export interface ListMeta extends Infer<typeof ListMeta> {}

export const ManagedFieldsOperationType = text('Apply', 'Update')

export const ManagedFieldsEntry = struct('meta/v1.ManagedFieldsEntry', {
  manager: opt(1, string),
  operation: opt(2, ManagedFieldsOperationType),
  apiVersion: opt(3, string),
  time: opt(4, time),
  fieldsType: opt(6, string),
  fieldsV1: opt(7, fields),
  subresource: opt(8, string),
})
export interface ManagedFieldsEntry extends Infer<typeof ManagedFieldsEntry> {}

export const OwnerReference = struct('meta/v1.OwnerReference', {
  apiVersion: req(5, string),
  kind: req(1, string),
  name: req(3, string),
  uid: req(4, string),
  controller: opt(6, bool, { pointer: true }),
  blockOwnerDeletion: opt(7, bool, { pointer: true }),
}, { atomic: true })
export interface OwnerReference extends Infer<typeof OwnerReference> {}

export const ObjectMeta = struct('meta/v1.ObjectMeta', {
  name: always(1, string),
  generateName: opt(2, string),
  namespace: opt(3, string),
  selfLink: opt(4, string, { deprecated: true }),
  uid: opt(5, string),
  resourceVersion: opt(6, string),
  generation: opt(7, int64),
  creationTimestamp: opt(8, time),
  deletionTimestamp: opt(9, time),
  deletionGracePeriodSeconds: opt(10, int64, { pointer: true }),
  labels: opt(11, map(string)),
  annotations: opt(12, map(string)),
  ownerReferences: opt(13, list(OwnerReference), { listType: 'map', listMapKeys: ['uid'], patchMergeKey: 'uid', patchStrategy: 'merge' }),
  finalizers: opt(14, list(string), { listType: 'set', patchStrategy: 'merge' }),
  managedFields: opt(17, list(ManagedFieldsEntry), { listType: 'atomic' }),
})
export interface ObjectMeta extends Infer<typeof ObjectMeta> {}
