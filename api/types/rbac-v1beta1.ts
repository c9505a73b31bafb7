import { struct } from '../schema/schema.ts'
import { AggregationRule as StableAggregationRule, ClusterRole as StableClusterRole, ClusterRoleBinding as StableClusterRoleBinding, PolicyRule as StablePolicyRule, Role as StableRole, RoleBinding as StableRoleBinding, RoleRef as StableRoleRef, Subject as StableSubject } from './rbac-v1.ts'

export const AggregationRule = struct('rbac/v1beta1.AggregationRule', StableAggregationRule.fields)
export type AggregationRule = StableAggregationRule

export const PolicyRule = struct('rbac/v1beta1.PolicyRule', StablePolicyRule.fields)
export type PolicyRule = StablePolicyRule

export const ClusterRole = struct('rbac/v1beta1.ClusterRole', StableClusterRole.fields)
export type ClusterRole = StableClusterRole

export const RoleRef = struct('rbac/v1beta1.RoleRef', StableRoleRef.fields)
export type RoleRef = StableRoleRef

export const Subject = struct('rbac/v1beta1.Subject', StableSubject.fields)
export type Subject = StableSubject

export const ClusterRoleBinding = struct('rbac/v1beta1.ClusterRoleBinding', StableClusterRoleBinding.fields)
export type ClusterRoleBinding = StableClusterRoleBinding

export const Role = struct('rbac/v1beta1.Role', StableRole.fields)
export type Role = StableRole

export const RoleBinding = struct('rbac/v1beta1.RoleBinding', StableRoleBinding.fields)
export type RoleBinding = StableRoleBinding
