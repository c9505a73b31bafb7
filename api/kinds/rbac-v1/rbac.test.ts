import { describe, expect, test } from 'vitest'
import type { RoleBinding } from '../../types/rbac-v1.ts'
import { changeFailures, created, failures } from '../testing.ts'
import { clusterRoleBindings, roleBindings } from './bindings.ts'
import { clusterRoles, roles } from './roles.ts'

const rule = (more: object = {}) => ({ rules: [{ verbs: ['get'], apiGroups: [''], resources: ['pods'], ...more }] })

describe('rules', () => {
  test.each<[object, string[]]>([
    [rule(), []],
    [rule({ verbs: [] }), ['rules[0].verbs: Required value: verbs must contain at least one value']],
    [rule({ apiGroups: [] }), ['rules[0].apiGroups: Required value: resource rules must supply at least one api group']],
    [rule({ resources: [] }), ['rules[0].resources: Required value: resource rules must supply at least one resource']],
    [rule({ nonResourceURLs: ['/x'] }), ['rules[0].nonResourceURLs: Invalid value: ["/x"]: rules cannot apply to both regular resources and non-resource URLs']],
  ])('%j', (object, expected) => expect(failures(clusterRoles, object as never)).toEqual(expected))

  test('of a namespace are about resources only', () => {
    expect(failures(roles, { rules: [{ verbs: ['get'], nonResourceURLs: ['/x'] }] })).toEqual(['rules[0].nonResourceURLs: Invalid value: ["/x"]: namespaced rules cannot apply to non-resource URLs'])
  })

  test('are gathered by selectors', () => {
    expect(failures(clusterRoles, { aggregationRule: {} })).toEqual(['aggregationRule.clusterRoleSelectors: Required value: at least one clusterRoleSelector required if aggregationRule is non-nil'])
  })
})

describe('bindings', () => {
  const binding = (more: object = {}) => ({ roleRef: { kind: 'ClusterRole', name: 'view' }, subjects: [{ kind: 'User', name: 'jane' }], ...more })

  test('name the group by themselves', () => {
    const { roleRef, subjects } = created(roleBindings, binding({ subjects: [{ kind: 'User', name: 'jane' }, { kind: 'ServiceAccount', name: 'a', namespace: 'b' }] }))
    expect(roleRef.apiGroup).toBe('rbac.authorization.k8s.io')
    expect(subjects!.map(({ apiGroup }) => apiGroup)).toEqual(['rbac.authorization.k8s.io', undefined])
  })

  test.each<[object, string[]]>([
    [binding({ roleRef: { kind: 'Pod', name: 'x' } }), ['roleRef.kind: Unsupported value: "Pod": supported values: "Role", "ClusterRole"']],
    [binding({ roleRef: { kind: 'Role', name: '' } }), ['roleRef.name: Required value']],
    [binding({ roleRef: { kind: 'Role', name: 'x', apiGroup: 'other' } }), ['roleRef.apiGroup: Unsupported value: "other": supported values: "rbac.authorization.k8s.io"']],
    [binding({ subjects: [{ kind: 'Robot', name: 'x' }] }), ['subjects[0].kind: Unsupported value: "Robot": supported values: "ServiceAccount", "User", "Group"']],
    [binding({ subjects: [{ kind: 'User', name: '' }] }), ['subjects[0].name: Required value', 'subjects[0].name: Invalid value: "": user name cannot be empty']],
    [binding({ subjects: [{ kind: 'ServiceAccount', name: 'a', apiGroup: 'x' }] }), ['subjects[0].apiGroup: Unsupported value: "x": supported values: ""']],
  ])('%j', (object, expected) => expect(failures(roleBindings, object as never)).toEqual(expected))

  test('of the cluster say where a service account is', () => {
    expect(failures(clusterRoleBindings, binding({ subjects: [{ kind: 'ServiceAccount', name: 'a' }] }))).toEqual(['subjects[0].namespace: Required value'])
    expect(failures(clusterRoleBindings, binding({ roleRef: { kind: 'Role', name: 'x' } }))).toEqual(['roleRef.kind: Unsupported value: "Role": supported values: "ClusterRole"'])
  })

  test('stay with their role', () => {
    expect(changeFailures<RoleBinding>(roleBindings, binding(), ({ roleRef }) => { roleRef.name = 'admin' })).toEqual(['roleRef: Invalid value: {"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"admin"}: cannot change roleRef'])
  })

  test('kubectl get rolebindings -o wide', () => {
    const object = created(roleBindings, binding({ subjects: [{ kind: 'User', name: 'jane' }, { kind: 'Group', name: 'g' }, { kind: 'User', name: 'joe' }, { kind: 'ServiceAccount', name: 'a', namespace: 'b' }] }))
    expect(roleBindings.columns!.filter(({ name }) => name !== 'Age').map((column) => column.value(object, 0))).toEqual(['ClusterRole/view', 'jane, joe', 'g', 'b/a'])
  })
})
