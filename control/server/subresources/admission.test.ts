import { generateKeyPairSync } from 'node:crypto'
import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import type { AdmissionRequest } from '../admission/admission.ts'
import { admissionChain } from '../admission/chain.ts'
import { admissionPlugins } from '../admission/plugins.ts'
import { startTestServer } from '../testing/test-server.ts'
import type { TestServer } from '../testing/test-server.ts'

/* What is posted to a view, or is a question only, goes past admission like any write. */

const seen: { step: string; request: AdmissionRequest }[] = []
const note = (step: string) => (request: AdmissionRequest) => { seen.push({ step, request }) }
let server: TestServer
beforeAll(async () => {
  const spy = { name: 'Spy', admit: note('admit'), validate: note('validate') }
  server = await startTestServer({ admission: [...admissionChain(admissionPlugins, { disableAdmissionPlugins: ['ServiceAccount'] }), spy], serviceAccountKey: generateKeyPairSync('ec', { namedCurve: 'P-256' }).privateKey })
  await server.call('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'robot' } })
  for (const name of ['bound', 'evicted']) await server.call('POST', '/api/v1/namespaces/default/pods', { metadata: { name }, spec: { containers: [{ name: 'c', image: 'web' }] } })
})
afterAll(async () => { await server.close() })
afterEach(() => { seen.length = 0 })

const core = '/api/v1/namespaces/default'
const attributes = { namespace: 'default', verb: 'get', resource: 'pods' }
test.each<[string, string, object]>([
  ['tokenreviews/', '/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token: 'x' } }],
  ['selfsubjectreviews/', '/apis/authentication.k8s.io/v1/selfsubjectreviews', {}],
  ['subjectaccessreviews/', '/apis/authorization.k8s.io/v1/subjectaccessreviews', { spec: { user: 'u', resourceAttributes: attributes } }],
  ['selfsubjectaccessreviews/', '/apis/authorization.k8s.io/v1/selfsubjectaccessreviews', { spec: { resourceAttributes: attributes } }],
  ['selfsubjectrulesreviews/', '/apis/authorization.k8s.io/v1/selfsubjectrulesreviews', { spec: { namespace: 'default' } }],
  ['localsubjectaccessreviews/', '/apis/authorization.k8s.io/v1/namespaces/default/localsubjectaccessreviews', { spec: { user: 'u', resourceAttributes: attributes } }],
  ['serviceaccounts/token', `${core}/serviceaccounts/robot/token`, { spec: { audiences: [] } }],
  ['pods/binding', `${core}/pods/bound/binding`, { metadata: { name: 'bound' }, target: { name: 'n' } }],
  ['pods/eviction', `${core}/pods/evicted/eviction`, { apiVersion: 'policy/v1', kind: 'Eviction', metadata: { name: 'evicted' } }],
])('%s', async (what, path, body) => {
  const { status, body: answer } = await server.call('POST', path, body)
  expect([status, status > 299 ? answer.message : undefined]).toEqual([201, undefined])
  const told = seen.filter(({ request: { kind, subresource } }) => `${kind.resource}/${subresource}` === what)
  expect(told.map(({ step, request: { operation, options } }) => [step, operation, options?.['kind']])).toEqual([['admit', 'create', 'CreateOptions'], ['validate', 'create', 'CreateOptions']])
})

test('policies have no say about reviews', async () => {
  const policies = '/apis/admissionregistration.k8s.io/v1'
  const rule = { apiGroups: ['*'], apiVersions: ['*'], operations: ['CREATE'], resources: ['*'] }
  await server.call('POST', `${policies}/validatingadmissionpolicies`, { metadata: { name: 'never' }, spec: { failurePolicy: 'Fail', matchConstraints: { resourceRules: [rule] }, validations: [{ expression: 'false' }] } })
  await server.call('POST', `${policies}/validatingadmissionpolicybindings`, { metadata: { name: 'never' }, spec: { policyName: 'never', validationActions: ['Deny'] } })
  expect((await server.call('POST', `${core}/configmaps`, { metadata: { name: 'c' } })).status).toBe(422)
  expect((await server.call('POST', '/apis/authentication.k8s.io/v1/tokenreviews', { spec: { token: 'x' } })).status).toBe(201)
  expect((await server.call('POST', '/apis/authorization.k8s.io/v1/subjectaccessreviews', { spec: { user: 'u', resourceAttributes: attributes } })).status).toBe(201)
})
