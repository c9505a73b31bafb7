import type { FieldError } from '../../errors.ts'
import { ClusterRoleBinding, RoleBinding } from '../../types/rbac-v1.ts'
import type { Subject } from '../../types/rbac-v1.ts'
import { age, text, wide } from '../columns.ts'
import type { Column, Kind } from '../kind.ts'
import { semanticEqual } from '../validation/equal.ts'
import { each, invalid } from '../validation/field.ts'
import { pathSegment } from '../validation/names.ts'
import { allVerbs } from '../verbs.ts'
import { rbacGroup, validateRoleRef, validateSubject } from './rules.ts'

type Binding = RoleBinding | ClusterRoleBinding

const named = (kind: string, print: (subject: Subject) => string = ({ name }) => name) => ({ subjects }: Binding): string =>
  (subjects ?? []).filter((subject) => subject.kind === kind).map(print).join(', ')

const columns: readonly Column<any>[] = [
  text<Binding>('Role', ({ roleRef }) => `${roleRef.kind}/${roleRef.name}`, 'What is allowed.'),
  age,
  wide<Binding>('Users', named('User'), 'The users to whom it is allowed.'),
  wide<Binding>('Groups', named('Group'), 'The groups to whom it is allowed.'),
  wide<Binding>('ServiceAccounts', named('ServiceAccount', ({ namespace = '', name }) => `${namespace}/${name}`), 'The service accounts to whom it is allowed.'),
]

const common = {
  group: rbacGroup, version: 'v1', verbs: allVerbs, nameRule: pathSegment, columns,
  default({ roleRef, subjects }: Binding): void {
    roleRef.apiGroup ||= rbacGroup
    for (const subject of subjects ?? []) if (subject.kind === 'User' || subject.kind === 'Group') subject.apiGroup ||= rbacGroup
  },
} as const

export const roleBindings: Kind<RoleBinding> = {
  ...common, kind: 'RoleBinding', resource: 'rolebindings', singular: 'rolebinding', namespaced: true, schema: RoleBinding, storage: 'rolebindings',
  doc: 'Allows what a role lists to some users, within one namespace.',
  validate: (binding) => validate(binding, true),
  validateUpdate: (binding, old) => [...validate(binding, true), ...sameRole(binding, old)],
}

export const clusterRoleBindings: Kind<ClusterRoleBinding> = {
  ...common, kind: 'ClusterRoleBinding', resource: 'clusterrolebindings', singular: 'clusterrolebinding', namespaced: false, schema: ClusterRoleBinding, storage: 'clusterrolebindings',
  doc: 'Allows what a cluster role lists to some users, everywhere.',
  validate: (binding) => validate(binding, false),
  validateUpdate: (binding, old) => [...validate(binding, false), ...sameRole(binding, old)],
}

function validate({ roleRef, subjects }: Binding, namespaced: boolean): FieldError[] {
  return [
    ...validateRoleRef(roleRef, namespaced ? ['Role', 'ClusterRole'] : ['ClusterRole']),
    ...each(subjects, 'subjects', (subject, path) => validateSubject(subject, namespaced, path)),
  ]
}

/** Who may bind one role may not turn the binding to another. */
const sameRole = (binding: Binding, old: Binding): FieldError[] =>
  (semanticEqual(binding.roleRef, old.roleRef) ? [] : [invalid('roleRef', binding.roleRef, 'cannot change roleRef')])
