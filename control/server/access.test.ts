import { afterAll, beforeAll, expect, test } from 'vitest'
import { nodes } from '../../api/kinds/core-v1/node.ts'
import type { UserInfo } from '../../api/transport.ts'
import { aggregatedRules } from './authorization/bootstrap/user-roles.ts'
import { ruleOf } from './authorization/bootstrap/rule.ts'
import type { ResourceContext } from './context.ts'
import { requestInfo } from './request-info.ts'
import { destinationOf } from './stream-destination.ts'
import type { Tools } from './tools.ts'
import { startTestServer } from './testing/test-server.ts'
import type { TestServer } from './testing/test-server.ts'

/* Ways round the rules that were tried once and must stay shut. */

let server: TestServer
const robin: UserInfo = { name: 'robin', groups: ['system:authenticated'] }

beforeAll(async () => {
  server = await startTestServer()
  for (const name of ['mine', 'other']) await server.call('POST', '/api/v1/namespaces', { metadata: { name } })
  const rbac = '/apis/rbac.authorization.k8s.io/v1/namespaces/mine'
  expect((await server.call('POST', `${rbac}/roles`, { metadata: { name: 'all' }, rules: [{ apiGroups: ['*'], resources: ['*'], verbs: ['*'] }] })).status).toBe(201)
  expect((await server.call('POST', `${rbac}/rolebindings`, { metadata: { name: 'all' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'all' }, subjects: [{ apiGroup: 'rbac.authorization.k8s.io', kind: 'User', name: 'robin' }] })).status).toBe(201)
})
afterAll(async () => { await server.close() })

test.each<['GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE', string, unknown?]>([
  ['GET', '/api/v1/namespaces/mine/namespaces'],
  ['GET', '/api/v1/namespaces/mine/namespaces?watch=1'],
  ['GET', '/api/v1/namespaces/mine/namespaces/other'],
  ['GET', '/api/v1/namespaces/mine/namespaces/other/status'],
  ['GET', '/api/v1/watch/namespaces/mine/namespaces/other'],
  ['PUT', '/api/v1/namespaces/mine/namespaces/other/finalize', { metadata: { name: 'other' } }],
  ['POST', '/api/v1/namespaces/mine/namespaces', { metadata: { name: 'third' } }],
  ['DELETE', '/api/v1/namespaces/mine/namespaces/other'],
  ['DELETE', '/api/v1/namespaces/mine/namespaces'],
  ['GET', '/api/v1/namespaces/mine/nodes'],
])('who has all rights in one namespace reaches no other through %s %s', async (method, path, body) => {
  const { status } = await server.call(method, path, body, { user: robin })
  expect([403, 404]).toContain(status)
})

test('an upgrade reaches no node by the path of a namespace', async () => {
  const request = { method: 'GET' as const, path: '/api/v1/namespaces/mine/nodes/n1/proxy/run', query: new URLSearchParams(), headers: {} }
  const context = { request, info: requestInfo(request), kind: nodes } as unknown as ResourceContext
  // Without any tools: nothing may be looked up.
  expect(await destinationOf({} as Tools, context, undefined)).toBeUndefined()
})

test('the roles for people give nothing that sends this server to addresses, or concerns the cluster', () => {
  const writes = aggregatedRules.flatMap(({ rules }) => rules.map(ruleOf)).filter(({ verbs }) => verbs.some((verb) => !['get', 'list', 'watch'].includes(verb)))
  const groups = new Set(writes.flatMap(({ apiGroups = [] }) => apiGroups))
  expect([...groups].filter((group) => ['*', 'admissionregistration.k8s.io', 'apiregistration.k8s.io', 'apiextensions.k8s.io', 'certificates.k8s.io', 'discovery.k8s.io', 'flowcontrol.apiserver.k8s.io', 'storage.k8s.io'].includes(group))).toEqual([])
  const resources = new Set(writes.flatMap(({ resources = [] }) => resources))
  expect(['*', 'endpoints', 'nodes', 'nodes/proxy', 'namespaces', 'namespaces/finalize', 'persistentvolumes', 'resourcequotas', 'limitranges', 'pods/binding', 'bindings', 'clusterroles', 'clusterrolebindings'].filter((resource) => resources.has(resource))).toEqual([])
})
