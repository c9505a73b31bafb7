import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import type { UserInfo } from '../../../api/transport.ts'
import { startTestServer } from '../testing/test-server.ts'
import type { TestServer } from '../testing/test-server.ts'

/* Who may do what, asked of the whole server. */

let server: TestServer
const rbac = '/apis/rbac.authorization.k8s.io/v1'
const user = (name: string, ...groups: string[]): UserInfo => ({ name, groups: [...groups, 'system:authenticated'] })
const bob = user('bob')

const call = async (as: UserInfo | undefined, method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', path: string, body?: unknown) => {
  const { status, body: answer } = await server.call(method, path, body, { user: as, ...(method === 'PATCH' && { headers: { 'content-type': 'application/merge-patch+json' } }) })
  return answer?.kind === 'Status' ? `${status} ${answer.message ?? ''}`.trim() : String(status)
}
const role = (name: string, rules: object[], more: object = {}) => ({ apiVersion: 'rbac.authorization.k8s.io/v1', kind: 'ClusterRole', metadata: { name }, rules, ...more })
const bind = (name: string, roleName: string, subject: object, namespace?: string) => ({
  apiVersion: 'rbac.authorization.k8s.io/v1', kind: namespace ? 'RoleBinding' : 'ClusterRoleBinding', metadata: { name },
  roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'ClusterRole', name: roleName }, subjects: [subject],
})
const person = (name: string) => ({ kind: 'User', name })
const make = async (path: string, object: object) => expect((await server.call('POST', path, object)).status).toBe(201)
const rule = (verbs: string, resources: string, apiGroup = '') => ({ verbs: verbs.split(','), apiGroups: [apiGroup], resources: resources.split(',') })

beforeAll(async () => { server = await startTestServer() })
afterAll(async () => { await server.close() })

describe('without a role', () => {
  test.each<[string, UserInfo, string, string]>([
    ['resources', bob, '/api/v1/namespaces/default/pods', '403 pods is forbidden: User "bob" cannot list resource "pods" in API group "" in the namespace "default"'],
    ['one object', bob, '/apis/apps/v1/namespaces/default/deployments/web', '403 deployments.apps "web" is forbidden: User "bob" cannot get resource "deployments" in API group "apps" in the namespace "default"'],
    ['subresources', bob, '/api/v1/namespaces/default/pods/a/log', '403 pods "a" is forbidden: User "bob" cannot get resource "pods/log" in API group "" in the namespace "default"'],
    ['the cluster', bob, '/api/v1/nodes', '403 nodes is forbidden: User "bob" cannot list resource "nodes" in API group "" at the cluster scope'],
    ['a namespace', bob, '/api/v1/namespaces/default', '403 namespaces "default" is forbidden: User "bob" cannot get resource "namespaces" in API group "" in the namespace "default"'],
    ['a path', bob, '/metrics', '403 forbidden: User "bob" cannot get path "/metrics"'],
    ['discovery', bob, '/apis', '200'],
    ['OpenAPI', bob, '/openapi/v2', '200'],
    ['the version, as a stranger', { name: 'system:anonymous', groups: ['system:unauthenticated'] }, '/version', '200'],
    ['discovery, as a stranger', { name: 'system:anonymous', groups: ['system:unauthenticated'] }, '/api', '403 forbidden: User "system:anonymous" cannot get path "/api"'],
    ['metrics, as a monitor', user('prometheus', 'system:monitoring'), '/metrics', '200'],
    ['the keys of tokens, as a service account', user('system:serviceaccount:default:x', 'system:serviceaccounts'), '/api', '200'],
  ])('%s', async (_, as, path, expected) => { expect(await call(as, 'GET', path)).toMatch(expected) })
})

describe('a role', () => {
  test('counts from the moment it is bound, where it is bound, until it is not', async () => {
    await make(`${rbac}/clusterroles`, role('reader', [rule('get,list', 'configmaps')]))
    const path = '/api/v1/namespaces/default/configmaps'
    expect(await call(user('ann'), 'GET', path)).toMatch('403')
    await make(`${rbac}/namespaces/default/rolebindings`, bind('ann', 'reader', person('ann'), 'default'))
    expect(await call(user('ann'), 'GET', path)).toBe('200')
    expect(await call(user('ann'), 'GET', '/api/v1/namespaces/kube-system/configmaps')).toMatch('403')
    expect(await call(user('ann'), 'GET', '/api/v1/configmaps')).toMatch('403')
    await server.call('DELETE', `${rbac}/namespaces/default/rolebindings/ann`)
    expect(await call(user('ann'), 'GET', path)).toMatch('403')
  })

  test('to read streams does not open them', async () => {
    await make(`${rbac}/clusterroles`, role('listener', [rule('get', 'pods/exec')]))
    await make(`${rbac}/clusterrolebindings`, bind('listener', 'listener', person('lea')))
    expect(await call(user('lea'), 'GET', '/api/v1/namespaces/default/pods/a/exec')).toBe('403 pods "a" is forbidden: User "lea" cannot create resource "pods/exec" in API group "" in the namespace "default"')
    await make(`${rbac}/clusterrolebindings`, bind('editor', 'system:aggregate-to-edit', person('ed')))
    expect(await call(user('ed'), 'GET', '/api/v1/namespaces/default/pods/a/exec')).toMatch('400 Upgrade request required')
  })

  test('that is not there is told', async () => {
    await make(`${rbac}/clusterrolebindings`, bind('ghost', 'ghost', person('eve')))
    expect(await call(user('eve'), 'GET', '/api/v1/nodes')).toBe('403 nodes is forbidden: User "eve" cannot list resource "nodes" in API group "" at the cluster scope: RBAC: clusterrole.rbac.authorization.k8s.io "ghost" not found')
  })
})

describe('nobody hands out what they do not have', () => {
  const carl = user('carl', 'devs')
  beforeAll(async () => {
    await make(`${rbac}/clusterroles`, role('role-writer', [rule('create,update,patch,get', 'roles,rolebindings,clusterroles,clusterrolebindings', 'rbac.authorization.k8s.io'), rule('get', 'pods')]))
    await make(`${rbac}/clusterrolebindings`, bind('role-writer', 'role-writer', { kind: 'Group', name: 'devs' }))
  })

  test('in a role', async () => {
    expect(await call(carl, 'POST', `${rbac}/clusterroles`, role('more', [rule('get,list', 'pods,secrets'), { verbs: ['get'], nonResourceURLs: ['/metrics'] }, { ...rule('get', 'pods'), resourceNames: ['x'] }]))).toBe(
      '403 clusterroles.rbac.authorization.k8s.io "more" is forbidden: user "carl" (groups=["devs" "system:authenticated"]) is attempting to grant RBAC permissions not currently held:\n'
      + '{APIGroups:[""], Resources:["pods"], Verbs:["list"]}\n{APIGroups:[""], Resources:["secrets"], Verbs:["get" "list"]}\n{NonResourceURLs:["/metrics"], Verbs:["get"]}')
    expect(await call(carl, 'POST', `${rbac}/clusterroles`, role('same', [rule('get', 'pods')]))).toBe('201')
    expect(await call(carl, 'PATCH', `${rbac}/clusterroles/same`, { rules: [rule('*', 'pods')] })).toMatch('not currently held:\n{APIGroups:[""], Resources:["pods"], Verbs:["*"]}')
    // By a label a role is gathered into others.
    expect(await call(carl, 'PATCH', `${rbac}/clusterroles/cluster-admin`, { metadata: { labels: { 'rbac.authorization.k8s.io/aggregate-to-view': 'true' } } })).toMatch('403')
    expect(await call(carl, 'PATCH', `${rbac}/clusterroles/cluster-admin`, { metadata: { finalizers: ['a.example/b'] } })).toBe('200')
  })

  test('in a binding', async () => {
    const mallory = bind('mine', 'cluster-admin', person('carl'))
    expect(await call(carl, 'POST', `${rbac}/clusterrolebindings`, mallory)).toMatch('{APIGroups:["*"], Resources:["*"], Verbs:["*"]}\n{NonResourceURLs:["*"], Verbs:["*"]}')
    expect(await call(carl, 'POST', `${rbac}/clusterrolebindings`, bind('mine', 'nonsense', person('carl')))).toBe('404 clusterroles.rbac.authorization.k8s.io "nonsense" not found')
    expect(await call(carl, 'POST', `${rbac}/namespaces/default/rolebindings`, bind('mine', 'same', person('dora'), 'default'))).toBe('201')
    expect(await call(carl, 'PATCH', `${rbac}/clusterrolebindings/ghost`, { subjects: [person('carl')] })).toMatch('404')
  })

  test('by aggregation', async () => {
    const aggregated = role('gathering', [], { aggregationRule: { clusterRoleSelectors: [{ matchLabels: { any: 'thing' } }] } })
    expect(await call(carl, 'POST', `${rbac}/clusterroles`, aggregated)).toBe('403 clusterroles.rbac.authorization.k8s.io "gathering" is forbidden: must have cluster-admin privileges to use the aggregationRule')
    await make(`${rbac}/clusterroles`, aggregated)
    expect(await call(carl, 'PATCH', `${rbac}/clusterroles/gathering`, { aggregationRule: null })).toMatch('must have cluster-admin privileges')
  })

  test('unless they may escalate or bind', async () => {
    const dana = user('dana')
    await make(`${rbac}/clusterroles`, role('escalator', [rule('create,escalate', 'clusterroles', 'rbac.authorization.k8s.io'), rule('create', 'clusterrolebindings', 'rbac.authorization.k8s.io'), { ...rule('bind', 'clusterroles', 'rbac.authorization.k8s.io'), resourceNames: ['view'] }]))
    await make(`${rbac}/clusterrolebindings`, bind('escalator', 'escalator', person('dana')))
    expect(await call(dana, 'POST', `${rbac}/clusterroles`, role('root', [rule('*', '*', '*')]))).toBe('201')
    expect(await call(dana, 'POST', `${rbac}/clusterrolebindings`, bind('viewer', 'view', person('x')))).toBe('201')
    expect(await call(dana, 'POST', `${rbac}/clusterrolebindings`, bind('rooter', 'root', person('x')))).toMatch('403')
  })
})

describe('reviews', () => {
  const review = async (as: UserInfo | undefined, kind: string, spec: object, namespace?: string) => {
    const path = `/apis/authorization.k8s.io/v1/${namespace ? `namespaces/${namespace}/` : ''}${kind.toLowerCase()}s`
    const { status, body } = await server.call('POST', path, { apiVersion: 'authorization.k8s.io/v1', kind, spec }, { user: as })
    return status === 201 ? body.status : `${status} ${body.message}`
  }
  const pods = { verb: 'list', resource: 'pods', namespace: 'default' }

  test('ask for others', async () => {
    expect(await review(undefined, 'SubjectAccessReview', { user: 'bob', resourceAttributes: pods })).toEqual({ allowed: false })
    expect(await review(undefined, 'SubjectAccessReview', { groups: ['system:masters'], resourceAttributes: pods })).toEqual({ allowed: true })
    expect(await review(undefined, 'SubjectAccessReview', { user: 'p', groups: ['system:monitoring'], nonResourceAttributes: { path: '/metrics', verb: 'get' } }))
      .toEqual({ allowed: true, reason: 'RBAC: allowed by ClusterRoleBinding "system:monitoring" of ClusterRole "system:monitoring" to Group "system:monitoring"' })
    expect(await review(undefined, 'SubjectAccessReview', { resourceAttributes: pods })).toMatch('422')
    expect(await review(bob, 'SubjectAccessReview', { user: 'bob', resourceAttributes: pods })).toMatch('403')
    expect(await review(undefined, 'LocalSubjectAccessReview', { user: 'bob', resourceAttributes: { ...pods, namespace: 'other' } }, 'default')).toMatch('must match metadata.namespace')
    expect(await review(undefined, 'LocalSubjectAccessReview', { user: 'bob', resourceAttributes: pods }, 'default')).toEqual({ allowed: false })
  })

  test('ask for oneself', async () => {
    expect(await review(bob, 'SelfSubjectAccessReview', { resourceAttributes: pods })).toEqual({ allowed: false })
    expect(await review(bob, 'SelfSubjectAccessReview', { nonResourceAttributes: { path: '/api', verb: 'get' } })).toMatchObject({ allowed: true })
    const rules = await review(bob, 'SelfSubjectRulesReview', { namespace: 'default' })
    expect(rules).toMatchObject({ incomplete: false, resourceRules: expect.arrayContaining([{ verbs: ['create'], apiGroups: ['authorization.k8s.io'], resources: ['selfsubjectaccessreviews', 'selfsubjectrulesreviews'] }]) })
    expect(await review(bob, 'SelfSubjectRulesReview', {})).toBe('400 no namespace on request')
  })

  test('narrow a question by selectors', async () => {
    const node = { user: 'system:node:n1', groups: ['system:nodes'] }
    const asked = (fieldSelector: object) => review(undefined, 'SubjectAccessReview', { ...node, resourceAttributes: { verb: 'list', resource: 'pods', fieldSelector } })
    expect(await asked({ rawSelector: 'spec.nodeName=n1' })).toEqual({ allowed: true })
    expect(await asked({ requirements: [{ key: 'spec.nodeName', operator: 'In', values: ['n1'] }] })).toEqual({ allowed: true })
    expect(await asked({ requirements: [{ key: 'spec.nodeName', operator: 'In', values: ['n2'] }] })).toMatchObject({ allowed: false })
    expect(await asked({ rawSelector: '!!' })).toMatchObject({ allowed: false, evaluationError: 'spec.resourceAttributes.fieldSelector ignored due to parse error' })
    expect(await review(user('system:node:n1', 'system:nodes'), 'SelfSubjectRulesReview', { namespace: 'default' })).toMatchObject({ incomplete: true, evaluationError: 'node authorizer does not support user rule resolution' })
  })
})
