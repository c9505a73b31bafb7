import type { Infer } from '../schema/schema.ts'
import { always, list, opt, req, string, struct } from '../schema/schema.ts'
import { LabelSelector, ObjectMeta } from './meta-v1/meta.ts'

export const AggregationRule = struct('rbac/v1.AggregationRule', {
  clusterRoleSelectors: opt(1, list(LabelSelector), { listType: 'atomic' }),
})
export interface AggregationRule extends Infer<typeof AggregationRule> {}

export const PolicyRule = struct('rbac/v1.PolicyRule', {
  verbs: req(1, list(string), { listType: 'atomic' }),
  apiGroups: opt(2, list(string), { listType: 'atomic' }),
  resources: opt(3, list(string), { listType: 'atomic' }),
  resourceNames: opt(4, list(string), { listType: 'atomic' }),
  nonResourceURLs: opt(5, list(string), { listType: 'atomic' }),
})
export interface PolicyRule extends Infer<typeof PolicyRule> {}

export const ClusterRole = struct('rbac/v1.ClusterRole', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  rules: opt(2, list(PolicyRule), { listType: 'atomic' }),
  aggregationRule: opt(3, AggregationRule),
})
export interface ClusterRole extends Infer<typeof ClusterRole> {}

export const RoleRef = struct('rbac/v1.RoleRef', {
  apiGroup: opt(1, string, { written: true }),
  kind: req(2, string),
  name: req(3, string),
}, { atomic: true })
export interface RoleRef extends Infer<typeof RoleRef> {}

export const Subject = struct('rbac/v1.Subject', {
  kind: req(1, string),
  apiGroup: opt(2, string),
  name: req(3, string),
  namespace: opt(4, string),
}, { atomic: true })
export interface Subject extends Infer<typeof Subject> {}

export const ClusterRoleBinding = struct('rbac/v1.ClusterRoleBinding', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  subjects: opt(2, list(Subject), { listType: 'atomic' }),
  roleRef: req(3, RoleRef),
})
export interface ClusterRoleBinding extends Infer<typeof ClusterRoleBinding> {}

export const Role = struct('rbac/v1.Role', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  rules: opt(2, list(PolicyRule), { listType: 'atomic' }),
})
export interface Role extends Infer<typeof Role> {}

export const RoleBinding = struct('rbac/v1.RoleBinding', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  subjects: opt(2, list(Subject), { listType: 'atomic' }),
  roleRef: req(3, RoleRef),
})
export interface RoleBinding extends Infer<typeof RoleBinding> {}
