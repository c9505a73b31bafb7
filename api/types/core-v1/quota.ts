import type { Infer } from '../../schema/schema.ts'
import { always, list, opt, req, string, struct, text } from '../../schema/schema.ts'
import { ResourceList } from './common.ts'
import { ObjectMeta } from '../meta-v1/meta.ts'

export const LimitType = text('Container', 'PersistentVolumeClaim', 'Pod')

export const LimitRangeItem = struct('core/v1.LimitRangeItem', {
  type: req(1, LimitType),
  max: opt(2, ResourceList),
  min: opt(3, ResourceList),
  default: opt(4, ResourceList),
  defaultRequest: opt(5, ResourceList),
  maxLimitRequestRatio: opt(6, ResourceList),
})
export interface LimitRangeItem extends Infer<typeof LimitRangeItem> {}

export const LimitRangeSpec = struct('core/v1.LimitRangeSpec', {
  limits: req(1, list(LimitRangeItem), { listType: 'atomic' }),
})
export interface LimitRangeSpec extends Infer<typeof LimitRangeSpec> {}

export const LimitRange = struct('core/v1.LimitRange', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, LimitRangeSpec),
})
export interface LimitRange extends Infer<typeof LimitRange> {}

export const ResourceQuotaScope = text('BestEffort', 'CrossNamespacePodAffinity', 'NotBestEffort', 'NotTerminating', 'PriorityClass', 'Terminating', 'VolumeAttributesClass')

export const ScopeSelectorOperator = text('DoesNotExist', 'Exists', 'In', 'NotIn')

export const ScopedResourceSelectorRequirement = struct('core/v1.ScopedResourceSelectorRequirement', {
  scopeName: req(1, ResourceQuotaScope),
  operator: req(2, ScopeSelectorOperator),
  values: opt(3, list(string), { listType: 'atomic' }),
})
export interface ScopedResourceSelectorRequirement extends Infer<typeof ScopedResourceSelectorRequirement> {}

export const ScopeSelector = struct('core/v1.ScopeSelector', {
  matchExpressions: opt(1, list(ScopedResourceSelectorRequirement), { listType: 'atomic' }),
}, { atomic: true })
export interface ScopeSelector extends Infer<typeof ScopeSelector> {}

export const ResourceQuotaSpec = struct('core/v1.ResourceQuotaSpec', {
  hard: opt(1, ResourceList),
  scopes: opt(2, list(ResourceQuotaScope), { listType: 'atomic' }),
  scopeSelector: opt(3, ScopeSelector),
})
export interface ResourceQuotaSpec extends Infer<typeof ResourceQuotaSpec> {}

export const ResourceQuotaStatus = struct('core/v1.ResourceQuotaStatus', {
  hard: opt(1, ResourceList),
  used: opt(2, ResourceList),
})
export interface ResourceQuotaStatus extends Infer<typeof ResourceQuotaStatus> {}

export const ResourceQuota = struct('core/v1.ResourceQuota', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, ResourceQuotaSpec),
  status: opt(3, ResourceQuotaStatus),
})
export interface ResourceQuota extends Infer<typeof ResourceQuota> {}
