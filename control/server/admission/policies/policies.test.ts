import { afterAll, afterEach, beforeAll, expect, test } from 'vitest'
import { startTestServer } from '../../testing/test-server.ts'
import type { TestServer } from '../../testing/test-server.ts'

let server: TestServer
beforeAll(async () => { server = await startTestServer() })
afterAll(() => server.close())

const base = '/apis/admissionregistration.k8s.io/v1'
const kinds = ['validatingadmissionpolicies', 'validatingadmissionpolicybindings', 'mutatingadmissionpolicies', 'mutatingadmissionpolicybindings']
afterEach(async () => { for (const kind of kinds) await server.call('DELETE', `${base}/${kind}`) })

const match = { resourceRules: [{ apiGroups: ['apps'], apiVersions: ['v1'], operations: ['CREATE', 'UPDATE'], resources: ['deployments'] }] }
async function make(kind: string, name: string, spec: object): Promise<void> {
  const { status, body } = await server.call('POST', `${base}/${kind}`, { metadata: { name }, spec })
  expect([status, body.message]).toEqual([201, undefined])
}
async function policy(spec: object, binding: object = {}): Promise<void> {
  await make('validatingadmissionpolicies', 'p', { matchConstraints: match, ...spec })
  await make('validatingadmissionpolicybindings', 'b', { policyName: 'p', validationActions: ['Deny'], ...binding })
}
async function mutation(spec: object, binding: object = {}, name = 'm'): Promise<void> {
  await make('mutatingadmissionpolicies', name, { matchConstraints: match, reinvocationPolicy: 'Never', ...spec })
  await make('mutatingadmissionpolicybindings', `${name}-b`, { policyName: name, ...binding })
}
let count = 0
const deployment = (spec: object = {}, metadata: object = {}) => ({ apiVersion: 'apps/v1', kind: 'Deployment', metadata: { name: `d${count++}`, ...metadata }, spec: { replicas: 3, selector: { matchLabels: { app: 'x' } }, template: { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'c', image: 'example.com/c:1' }] } }, ...spec } })
const create = (object: object = deployment(), namespace = 'default') => server.call('POST', `/apis/apps/v1/namespaces/${namespace}/deployments`, object, { wire: true })

test('a refusal has the words of the original', async () => {
  await policy({ validations: [{ expression: 'object.spec.replicas <= 5' }] })
  expect((await create()).status).toBe(201)
  const { body } = await create(deployment({ replicas: 6 }, { name: 'big' }))
  const message = "ValidatingAdmissionPolicy 'p' with binding 'b' denied request: failed expression: object.spec.replicas <= 5"
  expect(body).toMatchObject({ code: 422, reason: 'Invalid', message: `deployments.apps "big" is forbidden: ${message}`, details: { name: 'big', group: 'apps', kind: 'deployments', causes: [{ message }] } })
})

test('messages, reasons, variables, conditions', async () => {
  await policy({
    variables: [{ name: 'limit', expression: '5' }, { name: 'tooMany', expression: 'object.spec.replicas > variables.limit' }, { name: 'images', expression: 'object.spec.template.spec.containers.map(c, c.image)' }],
    matchConditions: [{ name: 'not-exempt', expression: '!("exempt" in object.metadata.?labels.orValue({}))' }],
    validations: [
      { expression: '!variables.tooMany', messageExpression: '"at most " + string(variables.limit) + " replicas"', reason: 'Forbidden' },
      { expression: 'variables.images.all(i, i.startsWith("example.com/"))', message: 'only our own images' },
      { expression: 'namespaceObject.metadata.name == request.namespace && request.operation == "CREATE" && request.userInfo.username != ""' },
    ],
  })
  expect((await create()).status).toBe(201)
  expect((await create(deployment({ replicas: 9 }))).body).toMatchObject({ code: 403, reason: 'Forbidden', message: expect.stringContaining('denied request: at most 5 replicas') })
  const foreign = deployment()
  foreign.spec.template.spec.containers[0]!.image = 'other.org/x'
  expect((await create(foreign)).body).toMatchObject({ code: 422, message: expect.stringContaining('denied request: only our own images') })
  expect((await create(deployment({ replicas: 9 }, { labels: { exempt: '' } }))).status).toBe(201)
})

test('warnings do not refuse', async () => {
  await policy({ validations: [{ expression: 'false', message: 'hm' }] }, { validationActions: ['Warn', 'Audit'] })
  const { status, headers } = await create()
  expect([status, headers['warning']]).toEqual([201, expect.stringContaining("Validation failed for ValidatingAdmissionPolicy 'p' with binding 'b': hm")])
})

test('what cannot be evaluated refuses, or not', async () => {
  await policy({ validations: [{ expression: 'object.spec.nope == 1' }] })
  expect((await create()).body).toMatchObject({ code: 422, message: expect.stringContaining("denied request: expression 'object.spec.nope == 1' resulted in error: no such key: nope") })
  await server.call('PATCH', `${base}/validatingadmissionpolicies/p`, { spec: { failurePolicy: 'Ignore' } }, { headers: { 'content-type': 'application/merge-patch+json' } })
  expect((await create()).status).toBe(201)
})

test('a bomb is put out', async () => {
  await policy({ validations: [{ expression: 'lists.range(1000).all(a, lists.range(1000).all(b, lists.range(1000).all(c, a + b + c >= 0)))' }] })
  expect((await create()).body.message).toContain('operation cancelled: actual cost limit exceeded')
})

test('parameters by name and by selector; missing ones', async () => {
  const paramKind = { apiVersion: 'v1', kind: 'ConfigMap' }
  await server.call('POST', '/api/v1/namespaces/default/configmaps', { metadata: { name: 'limits', labels: { limits: 'yes' } }, data: { max: '4' } })
  await policy({ paramKind, validations: [{ expression: 'object.spec.replicas <= int(params.data.max)', messageExpression: "'max ' + params.data.max" }] }, { paramRef: { name: 'limits', parameterNotFoundAction: 'Deny' } })
  expect((await create(deployment({ replicas: 5 }))).body.message).toContain('max 4')
  await server.call('DELETE', `${base}/validatingadmissionpolicybindings/b`)
  await make('validatingadmissionpolicybindings', 'b', { policyName: 'p', validationActions: ['Deny'], paramRef: { selector: { matchLabels: { limits: 'yes' } }, parameterNotFoundAction: 'Deny' } })
  expect((await create(deployment({ replicas: 5 }))).body.message).toContain('max 4')
  await server.call('DELETE', '/api/v1/namespaces/default/configmaps/limits')
  expect((await create()).body.message).toContain('failed to configure binding: no params found for policy binding with `Deny` parameterNotFoundAction')
  await server.call('DELETE', `${base}/validatingadmissionpolicybindings/b`)
  await make('validatingadmissionpolicybindings', 'b', { policyName: 'p', validationActions: ['Deny'], paramRef: { name: 'gone', parameterNotFoundAction: 'Allow' } })
  expect((await create(deployment({ replicas: 5 }))).status).toBe(201)
})

test('bindings choose namespaces; policies without one do nothing', async () => {
  await server.call('POST', '/api/v1/namespaces', { metadata: { name: 'strict', labels: { strict: 'yes' } } })
  await policy({ validations: [{ expression: 'false' }] }, { matchResources: { namespaceSelector: { matchLabels: { strict: 'yes' } } } })
  expect((await create()).status).toBe(201)
  expect((await create(deployment(), 'strict')).status).toBe(422)
  await server.call('DELETE', `${base}/validatingadmissionpolicybindings/b`)
  expect((await create(deployment(), 'strict')).status).toBe(201)
})

test('the authorizer is asked for who sent the request', async () => {
  await policy({ validations: [{ expression: 'authorizer.group("").resource("secrets").namespace("default").check("delete").allowed()', message: 'you may not' }] })
  expect((await create()).status).toBe(201)
  const user = { name: 'nobody', groups: ['system:authenticated'] }
  await server.call('POST', '/apis/rbac.authorization.k8s.io/v1/namespaces/default/roles', { metadata: { name: 'd' }, rules: [{ apiGroups: ['apps'], resources: ['deployments'], verbs: ['create'] }] })
  await server.call('POST', '/apis/rbac.authorization.k8s.io/v1/namespaces/default/rolebindings', { metadata: { name: 'd' }, roleRef: { apiGroup: 'rbac.authorization.k8s.io', kind: 'Role', name: 'd' }, subjects: [{ kind: 'User', name: 'nobody', apiGroup: 'rbac.authorization.k8s.io' }] })
  expect((await server.call('POST', '/apis/apps/v1/namespaces/default/deployments', deployment(), { user })).body.message).toContain('you may not')
})

test('expressions that do not compile are refused with the policy', async () => {
  const { status, body } = await server.call('POST', `${base}/validatingadmissionpolicies`, { metadata: { name: 'bad' }, spec: { matchConstraints: match, variables: [{ name: 'v', expression: '1 + "a"' }], validations: [{ expression: 'object.spec.replicas' }, { expression: 'variables.none == 1' }, { expression: 'true', messageExpression: '1' }] } })
  expect(status).toBe(422)
  expect(body.details.causes.map(({ field }: { field: string }) => field)).toEqual(['spec.variables[0].expression', 'spec.validations[1].expression', 'spec.validations[2].messageExpression'])
  expect(body.message).toContain("undefined field 'none'")
  expect(body.message).toContain('must evaluate to string')
})

test('types are checked afterwards, and the status says so', async () => {
  await policy({ validations: [{ expression: 'object.spec.replicaz > 1' }, { expression: 'object.metadata.name == 1 || true' }, { expression: 'object.spec.replicas > 1' }] })
  let status: any
  for (const begun = Date.now(); !status?.observedGeneration && Date.now() - begun < 10_000;) {
    status = (await server.call('GET', `${base}/validatingadmissionpolicies/p`)).body.status
    await new Promise((resolve) => setTimeout(resolve, 10))
  }
  expect(status.observedGeneration).toBe(1)
  expect(status.typeChecking.expressionWarnings).toEqual([
    { fieldRef: 'spec.validations[0].expression', warning: "apps/v1, Kind=Deployment: ERROR: <input>:1:12: undefined field 'replicaz'\n | object.spec.replicaz > 1\n | ...........^\n" },
    { fieldRef: 'spec.validations[1].expression', warning: "apps/v1, Kind=Deployment: ERROR: <input>:1:22: found no matching overload for '_==_' applied to '(string, int)'\n | object.metadata.name == 1 || true\n | .....................^\n" },
  ])
})

test('ApplyConfiguration merges lists by their keys', async () => {
  await mutation({ mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{metadata: Object.metadata{labels: {"seen": "yes"}}, spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: [Object.spec.template.spec.containers{name: "sidecar", image: object.spec.template.spec.containers[0].image}]}}}}' } }] })
  const { status, body } = await create()
  expect([status, body.message]).toEqual([201, undefined])
  expect([body.metadata.labels, body.spec.template.spec.containers.map(({ name, image, imagePullPolicy }: Record<string, string>) => [name, image, imagePullPolicy])]).toEqual([
    { seen: 'yes' }, [['c', 'example.com/c:1', 'IfNotPresent'], ['sidecar', 'example.com/c:1', 'IfNotPresent']],
  ])
})

test('what has one owner as a whole may not be set in part', async () => {
  await mutation({ mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{spec: Object.spec{selector: Object.spec.selector{matchLabels: {"a": "b"}}}}' } }] })
  expect((await create()).body).toMatchObject({ code: 403, reason: 'Invalid', message: "policy 'm' with binding 'm-b' denied request: error applying patch: invalid ApplyConfiguration: may not mutate atomic arrays, maps or structs: .spec.selector" })
})

test('what may not be set in part is told by its place', async () => {
  await mutation({ mutations: [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: 'Object{spec: Object.spec{template: Object.spec.template{spec: Object.spec.template.spec{containers: [Object.spec.template.spec.containers{name: "c", args: ["a"]}]}}}}' } }] })
  expect((await create()).body.message).toMatch(/structs: \.spec\.template\.spec\.containers\[0\]\.args$/)
})

test('JSONPatch, with keys that must be escaped; changes see each other', async () => {
  await mutation({
    matchConditions: [{ name: 'new', expression: 'request.operation == "CREATE"' }],
    mutations: [
      { patchType: 'JSONPatch', jsonPatch: { expression: '[JSONPatch{op: "add", path: "/metadata/annotations", value: {"a/b": "1"}}]' } },
      { patchType: 'JSONPatch', jsonPatch: { expression: '[JSONPatch{op: "test", path: "/spec/replicas", value: 3}, JSONPatch{op: "add", path: "/metadata/annotations/" + jsonpatch.escapeKey("c/d"), value: object.metadata.annotations["a/b"] + "2"}]' } },
    ],
  })
  expect((await create()).body.metadata.annotations).toEqual({ 'a/b': '1', 'c/d': '12' })
  expect((await create(deployment({ replicas: 4 }))).body.message).toContain("policy 'm' with binding 'm-b' denied request: ")
})

test('who asks for it runs again after others', async () => {
  const add = (label: string, value: string) => [{ patchType: 'ApplyConfiguration', applyConfiguration: { expression: `Object{metadata: Object.metadata{labels: {${JSON.stringify(label)}: ${value}}}}` } }]
  await mutation({ reinvocationPolicy: 'IfNeeded', mutations: add('seen', 'string(object.metadata.?labels.orValue({}).size())') }, {}, 'a')
  await mutation({ mutations: add('late', '"yes"') }, {}, 'b')
  expect((await create()).body.metadata.labels).toEqual({ seen: '2', late: 'yes' })
})

test('configurations of webhooks are judged, policies themselves are not', async () => {
  const rules = [{ apiGroups: ['admissionregistration.k8s.io'], apiVersions: ['*'], operations: ['*'], resources: ['*'] }]
  await policy({ matchConstraints: { resourceRules: rules }, validations: [{ expression: 'false', message: 'no' }] })
  expect((await server.call('POST', `${base}/mutatingwebhookconfigurations`, { metadata: { name: 'w' } })).body).toMatchObject({ code: 422, message: expect.stringContaining('denied request: no') })
  expect((await server.call('DELETE', `${base}/validatingadmissionpolicies/p`)).status).toBe(200)
  expect((await server.call('POST', `${base}/mutatingwebhookconfigurations`, { metadata: { name: 'w' } })).status).toBe(201)
  await server.call('DELETE', `${base}/mutatingwebhookconfigurations/w`)
})
