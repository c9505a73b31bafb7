import { ClusterRole, Role } from '../../types/rbac-v1.ts'
import type { FieldError } from '../../errors.ts'
import { createdAt } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { each, required } from '../validation/field.ts'
import { validateLabelSelector } from '../validation/labels.ts'
import { pathSegment } from '../validation/names.ts'
import { allVerbs } from '../verbs.ts'
import { rbacGroup, validatePolicyRule } from './rules.ts'

const common = { group: rbacGroup, version: 'v1', verbs: allVerbs, nameRule: pathSegment, columns: [createdAt] } as const

const validateRole = ({ rules }: Role): FieldError[] => each(rules, 'rules', (rule, path) => validatePolicyRule(rule, true, path))

export const roles: Kind<Role> = {
  ...common, kind: 'Role', resource: 'roles', singular: 'role', namespaced: true, schema: Role, storage: 'roles',
  doc: 'A list of what may be done within one namespace.',
  validate: validateRole,
}

export const clusterRoles: Kind<ClusterRole> = {
  ...common, kind: 'ClusterRole', resource: 'clusterroles', singular: 'clusterrole', namespaced: false, schema: ClusterRole, storage: 'clusterroles',
  doc: 'A list of what may be done in the whole cluster, or in any namespace it is bound in.',
  validate: validateClusterRole,
}

function validateClusterRole({ rules, aggregationRule }: ClusterRole): FieldError[] {
  const at = 'aggregationRule.clusterRoleSelectors'
  const selectors = aggregationRule?.clusterRoleSelectors
  return [
    ...each(rules, 'rules', (rule, path) => validatePolicyRule(rule, false, path)),
    ...(aggregationRule && !selectors?.length ? [required(at, 'at least one clusterRoleSelector required if aggregationRule is non-nil')] : []),
    ...each(selectors, at, validateLabelSelector),
  ]
}
