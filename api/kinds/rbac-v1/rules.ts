import type { FieldError } from '../../errors.ts'
import type { PolicyRule, RoleRef, Subject } from '../../types/rbac-v1.ts'
import { invalid, invalidFor, notSupported, required } from '../validation/field.ts'
import { dnsSubdomain, pathSegment } from '../validation/names.ts'

export const rbacGroup = 'rbac.authorization.k8s.io'

/** Every failed check of one rule of a role. */
export function validatePolicyRule(rule: PolicyRule, namespaced: boolean, field: string): FieldError[] {
  const { verbs = [], apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule
  const verbsMissing = verbs.length ? [] : [required(`${field}.verbs`, 'verbs must contain at least one value')]
  const urls = `${field}.nonResourceURLs`
  if (nonResourceURLs.length > 0) {
    return [
      ...verbsMissing,
      ...(namespaced ? [invalid(urls, nonResourceURLs, 'namespaced rules cannot apply to non-resource URLs')] : []),
      ...(apiGroups.length || resources.length || resourceNames.length ? [invalid(urls, nonResourceURLs, 'rules cannot apply to both regular resources and non-resource URLs')] : []),
    ]
  }
  return [
    ...verbsMissing,
    ...(apiGroups.length ? [] : [required(`${field}.apiGroups`, 'resource rules must supply at least one api group')]),
    ...(resources.length ? [] : [required(`${field}.resources`, 'resource rules must supply at least one resource')]),
  ]
}

/** What a binding refers to. */
export function validateRoleRef({ apiGroup, kind, name }: RoleRef, kinds: readonly string[]): FieldError[] {
  return [
    ...(apiGroup === rbacGroup ? [] : [notSupported('roleRef.apiGroup', apiGroup, [rbacGroup])]),
    ...(kinds.includes(kind) ? [] : [notSupported('roleRef.kind', kind, kinds)]),
    ...(name ? invalidFor('roleRef.name', name, pathSegment(name)) : [required('roleRef.name')]),
  ]
}

/** Who is bound. */
export function validateSubject(subject: Subject, namespaced: boolean, field: string): FieldError[] {
  const { kind, name, apiGroup = '', namespace } = subject
  const nameMissing = name ? [] : [required(`${field}.name`)]
  const groupRule = (group: string) => (apiGroup === group ? [] : [notSupported(`${field}.apiGroup`, apiGroup, [group])])
  if (kind === 'ServiceAccount') {
    return [
      ...nameMissing, ...(name ? invalidFor(`${field}.name`, name, dnsSubdomain(name)) : []), ...groupRule(''),
      ...(namespaced || namespace ? [] : [required(`${field}.namespace`)]),
    ]
  }
  if (kind !== 'User' && kind !== 'Group') return [...nameMissing, notSupported(`${field}.kind`, kind, ['ServiceAccount', 'User', 'Group'])]
  return [...nameMissing, ...(name ? [] : [invalid(`${field}.name`, '', `${kind.toLowerCase()} name cannot be empty`)]), ...groupRule(rbacGroup)]
}
