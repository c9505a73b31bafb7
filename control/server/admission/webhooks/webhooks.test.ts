import { createServer } from 'node:https'
import type { ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest'
import { systemClock as clock } from '../../../../host/clock.ts'
import { createAuthority, issue } from '../../../pki/certificate.ts'
import { startTestServer } from '../../testing/test-server.ts'
import type { TestServer } from '../../testing/test-server.ts'

/** Webhooks, for real: HTTPS on a loopback port, asked by a server in this process. What one does is said in its path. */
let server: TestServer
let hook: ReturnType<typeof createServer>
let caBundle = ''
let port = 0
const heard: { path: string; review: any; headers: Record<string, unknown> }[] = []

const answers: Record<string, (review: any, response: ServerResponse) => object | undefined> = {
  '/allow': () => ({ allowed: true }),
  '/deny': () => ({ allowed: false, status: { code: 403, reason: 'Forbidden', message: 'not on my watch' } }),
  '/warn': () => ({ allowed: true, warnings: ['careful'], auditAnnotations: { a: 'b' } }),
  '/label-a': ({ request }) => patched([{ op: 'add', path: '/metadata/labels', value: { ...request.object.metadata.labels, a: '1', seen: Object.keys(request.object.metadata.labels ?? {}).sort().join('-') } }]),
  '/label-b': ({ request }) => patched([{ op: 'add', path: '/metadata/labels', value: { ...request.object.metadata.labels, b: '2' } }]),
  '/unknown-field': () => patched([{ op: 'add', path: '/nonsense', value: 1 }, { op: 'add', path: '/data', value: { k: 'v' } }]),
  '/bad-patch': () => patched([{ op: 'remove', path: '/nope' }]),
  '/redirect': (_, response) => void response.writeHead(302, { location: `https://127.0.0.1:${port}/allow` }).end(),
  '/junk': (_, response) => void response.writeHead(200).end('{"kind": "AdmissionReview"'),
  '/secretive': (_, response) => void response.writeHead(200).end('a secret page'),
  '/missing': (_, response) => void response.writeHead(404, { 'content-type': 'text/plain' }).end('a secret page'),
  '/binary': (_, response) => void response.writeHead(500, { 'content-type': 'application/octet-stream' }).end('a secret page'),
  '/broken': (_, response) => void response.writeHead(500, { 'content-type': 'text/plain' }).end('it broke\n'),
  '/hang': () => undefined,
}
const patched = (patch: object[]) => ({ allowed: true, patchType: 'JSONPatch', patch: Buffer.from(JSON.stringify(patch)).toString('base64') })

beforeAll(async () => {
  server = await startTestServer()
  const authority = await createAuthority({ commonName: 'hooks', clock })
  caBundle = Buffer.from(authority.certificate).toString('base64')
  const { key, certificate } = await issue(authority, { commonName: 'hook', dnsNames: ['hook.default.svc', 'localhost'], ips: ['127.0.0.1'], usages: ['server'], clock })
  hook = createServer({ key, cert: certificate }, (request, response) => {
    let body = ''
    request.on('data', (part) => { body += part })
    request.on('end', () => {
      const path = request.url!.split('?')[0]!
      const review = JSON.parse(body)
      heard.push({ path, review, headers: request.headers })
      const answer = answers[path]!(review, response)
      if (answer) response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify({ apiVersion: review.apiVersion, kind: 'AdmissionReview', response: { uid: review.request.uid, ...answer } }))
    })
  })
  await new Promise<void>((resolve) => hook.listen(0, '127.0.0.1', resolve))
  port = (hook.address() as AddressInfo).port
  await server.call('POST', '/api/v1/namespaces', { metadata: { name: 'labelled', labels: { watched: 'yes' } } })
})
afterAll(async () => {
  await server.close()
  hook.closeAllConnections()
  await new Promise((resolve) => hook.close(resolve))
})
const base = '/apis/admissionregistration.k8s.io/v1'
beforeEach(async () => {
  for (const kind of ['mutatingwebhookconfigurations', 'validatingwebhookconfigurations']) await server.call('DELETE', `${base}/${kind}`)
  heard.length = 0
})

const rule = { operations: ['CREATE', 'UPDATE', 'DELETE'], apiGroups: [''], apiVersions: ['v1'], resources: ['configmaps'] }
const webhook = (path: string, more: object = {}) => ({ name: `${path.slice(1)}.example.com`, clientConfig: { url: `https://127.0.0.1:${port}${path}`, caBundle }, rules: [rule], sideEffects: 'None', admissionReviewVersions: ['v1', 'v1beta1'], ...more })
async function configure(kind: 'mutating' | 'validating', name: string, ...webhooks: object[]): Promise<void> {
  const { status, body } = await server.call('POST', `${base}/${kind}webhookconfigurations`, { metadata: { name }, webhooks })
  expect([status, body.message]).toEqual([201, undefined])
}
let count = 0
const create = (more: object = {}, namespace = 'default', query = '') => server.call('POST', `/api/v1/namespaces/${namespace}/configmaps${query}`, { metadata: { name: `m${count++}` }, ...more }, { wire: true })

test('a refusal comes in the words of the webhook', async () => {
  await configure('validating', 'v', webhook('/deny'))
  expect((await create()).body).toMatchObject({ code: 403, reason: 'Forbidden', message: 'admission webhook "deny.example.com" denied the request: not on my watch' })
  expect(heard[0]).toMatchObject({ path: '/deny', review: {
    apiVersion: 'admission.k8s.io/v1', kind: 'AdmissionReview',
    request: { kind: { group: '', version: 'v1', kind: 'ConfigMap' }, resource: { group: '', version: 'v1', resource: 'configmaps' }, operation: 'CREATE', namespace: 'default', userInfo: { username: 'system:apiserver' }, object: { kind: 'ConfigMap', apiVersion: 'v1' }, oldObject: null, dryRun: false, options: { kind: 'CreateOptions', apiVersion: 'meta.k8s.io/v1' } },
  } })
  expect(heard[0]!.headers).not.toHaveProperty('authorization')
})

test('changes are made one after another, in the order of names, and unknown fields fall away', async () => {
  await configure('mutating', 'z', webhook('/label-b'), webhook('/unknown-field'))
  await configure('mutating', 'a', webhook('/label-a'))
  const { status, body } = await create()
  expect([status, body.metadata?.labels, body.data, body.nonsense]).toEqual([201, { a: '1', b: '2', seen: '' }, { k: 'v' }, undefined])
  expect(heard.map(({ path }) => path)).toEqual(['/label-a', '/label-b', '/unknown-field'])
})

test('who asks for it sees again what others changed', async () => {
  await configure('mutating', 'a', webhook('/label-a', { reinvocationPolicy: 'IfNeeded' }), webhook('/label-b'))
  expect((await create()).body.metadata.labels).toEqual({ a: '1', b: '2', seen: 'a-b-seen' })
  expect(heard.map(({ path }) => path)).toEqual(['/label-a', '/label-b', '/label-a'])
})

test('warnings reach the user', async () => {
  await configure('validating', 'v', webhook('/warn'))
  expect((await create()).headers['warning']).toContain('299 - "careful"')
})

test('warnings reach the user with a refusal, too', async () => {
  await configure('validating', 'v', webhook('/warn'), webhook('/deny'))
  expect(await create()).toMatchObject({ status: 403, headers: { warning: expect.stringContaining('299 - "careful"') } })
})

test.each([
  ['/junk', /^Internal error occurred: failed calling webhook "junk\.example\.com": failed to call webhook: Post "https:\/\/127\.0\.0\.1:\d+\/junk\?timeout=10s": /],
  ['/redirect', /failed calling webhook "redirect\.example\.com": failed to call webhook: .*302/],
])('%s is an error, and is ignored where that is wished', async (path, message) => {
  await configure('validating', 'v', webhook(path))
  expect((await create()).body).toMatchObject({ code: 500, reason: 'InternalError', message: expect.stringMatching(message) })
  expect(heard.map((each) => each.path)).toEqual([path])
  await server.call('DELETE', `${base}/validatingwebhookconfigurations/v`)
  await configure('validating', 'v', webhook(path, { failurePolicy: 'Ignore' }))
  expect((await create()).status).toBe(201)
})

test('a webhook that does not answer in time', async () => {
  await configure('validating', 'v', webhook('/hang', { timeoutSeconds: 1 }))
  expect((await create()).body.message).toMatch(/failed calling webhook "hang\.example\.com": failed to call webhook: Post ".*\/hang\?timeout=1s": context deadline exceeded/)
})

test('a wrong authority is no authority', async () => {
  const other = await createAuthority({ commonName: 'other', clock })
  await configure('validating', 'v', webhook('/allow', { clientConfig: { url: `https://127.0.0.1:${port}/allow`, caBundle: Buffer.from(other.certificate).toString('base64') } }))
  expect((await create()).body).toMatchObject({ code: 500, message: expect.stringMatching(/failed to call webhook: Post "https:.*\?timeout=10s": tls: failed to verify certificate: x509: certificate signed by unknown authority$/) })
  expect(heard).toEqual([])
})

test('nobody there', async () => {
  await configure('validating', 'v', webhook('/allow', { clientConfig: { url: 'https://127.0.0.1:1/allow', caBundle } }))
  expect((await create()).body.message).toBe('Internal error occurred: failed calling webhook "allow.example.com": failed to call webhook: Post "https://127.0.0.1:1/allow?timeout=10s": dial tcp 127.0.0.1:1: connect: connection refused')
})

test('connections are kept, and one that was closed meanwhile is no failure', async () => {
  await configure('validating', 'v', webhook('/allow'))
  let connections = 0
  hook.on('secureConnection', () => connections++)
  for (let i = 0; i < 5; i++) expect((await create()).status).toBe(201)
  expect(connections).toBeLessThanOrEqual(1)
  hook.closeAllConnections()
  for (let i = 0; i < 3; i++) expect((await create()).status).toBe(201)
  expect(connections).toBeGreaterThanOrEqual(1)
})

test('a patch that does not fit is an error', async () => {
  await configure('mutating', 'm', webhook('/bad-patch'))
  expect((await create()).body).toMatchObject({ code: 500, reason: 'InternalError' })
})

test('by service: its name is the name of the certificate', async () => {
  await server.call('POST', '/api/v1/namespaces/default/services', { metadata: { name: 'hook' }, spec: { type: 'ExternalName', externalName: '127.0.0.1' } })
  await configure('validating', 'v', webhook('/deny', { clientConfig: { service: { namespace: 'default', name: 'hook', path: '/deny', port }, caBundle } }))
  expect((await create()).body).toMatchObject({ code: 403 })
  await configure('validating', 'w', webhook('/deny', { clientConfig: { service: { namespace: 'default', name: 'gone' }, caBundle } }))
  await server.call('DELETE', `${base}/validatingwebhookconfigurations/v`)
  expect((await create()).body.message).toContain('failed calling webhook "deny.example.com": failed to call webhook: ')
})

test('selectors and conditions choose', async () => {
  await configure('validating', 'a', webhook('/deny', { name: 'a.b.c', namespaceSelector: { matchLabels: { watched: 'yes' } } }))
  await configure('validating', 'b', webhook('/deny', { name: 'b.b.c', objectSelector: { matchLabels: { bad: 'yes' } } }))
  await configure('validating', 'c', webhook('/deny', { name: 'c.b.c', matchConditions: [{ name: 'big', expression: 'has(object.data) && object.data.size() > 1' }, { name: 'not-him', expression: 'request.userInfo.username != "someone"' }] }))
  expect((await create()).status).toBe(201)
  expect((await create({}, 'labelled')).body.message).toContain('"a.b.c"')
  expect((await create({ metadata: { name: 'bad', labels: { bad: 'yes' } } })).body.message).toContain('"b.b.c"')
  expect((await create({ data: { a: '', b: '' } })).body.message).toContain('"c.b.c"')
})

test('a condition that fails refuses, or is no match where failures are ignored', async () => {
  const matchConditions = [{ name: 'c', expression: 'object.nope == 1' }]
  await configure('validating', 'a', webhook('/deny', { matchConditions, failurePolicy: 'Ignore' }))
  expect((await create()).status).toBe(201)
  await configure('validating', 'b', webhook('/allow', { matchConditions }))
  expect((await create()).body).toMatchObject({ code: 403, message: expect.stringContaining("is forbidden: expression 'object.nope == 1' resulted in error: no such key: nope") })
})

test('a dry run asks only who has no side effects', async () => {
  await configure('validating', 'v', webhook('/allow', { sideEffects: 'NoneOnDryRun' }))
  expect((await create({}, 'default', '?dryRun=All')).status).toBe(201)
  expect(heard[0]!.review.request.dryRun).toBe(true)
})

test('deletions and updates are told, with what was there', async () => {
  const { body } = await create({ data: { a: '1' } })
  await configure('validating', 'v', webhook('/allow'))
  const path = `/api/v1/namespaces/default/configmaps/${body.metadata.name}`
  expect((await server.call('PUT', path, { ...body, data: { a: '2' } })).status).toBe(200)
  expect((await server.call('DELETE', path)).status).toBe(200)
  expect(heard.map(({ review: { request } }) => [request.operation, request.object?.data, request.oldObject?.data, request.options?.kind])).toEqual([
    ['UPDATE', { a: '2' }, { a: '1' }, 'UpdateOptions'], ['DELETE', undefined, { a: '2' }, 'DeleteOptions'],
  ])
})

test('Equivalent: a webhook of another version sees that version, and its patch lands in the one that was asked for', async () => {
  const rules = [{ operations: ['CREATE'], apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments'] }]
  await configure('mutating', 'm', webhook('/label-a', { rules }))
  const deployment = { apiVersion: 'extensions/v1beta1', kind: 'Deployment', metadata: { name: 'old' }, spec: { template: { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'c', image: 'i' }] } } } }
  const { status, body } = await server.call('POST', '/apis/extensions/v1beta1/namespaces/default/deployments', deployment)
  expect([status, body.apiVersion, body.metadata?.labels?.a]).toEqual([201, 'extensions/v1beta1', '1'])
  expect(heard[0]!.review.request).toMatchObject({ kind: { group: 'apps', version: 'v1' }, requestKind: { group: 'extensions', version: 'v1beta1' }, object: { apiVersion: 'apps/v1' } })
  await server.call('DELETE', `${base}/mutatingwebhookconfigurations/m`)
  await configure('mutating', 'm', webhook('/label-a', { rules, matchPolicy: 'Exact' }))
  await server.call('POST', '/apis/extensions/v1beta1/namespaces/default/deployments', { ...deployment, metadata: { name: 'older' } })
  expect(heard).toHaveLength(1)
})

test('configurations themselves are sent to nobody', async () => {
  const all = [{ operations: ['*'], apiGroups: ['*'], apiVersions: ['*'], resources: ['*/*'] }]
  await configure('validating', 'v', webhook('/deny', { rules: all }))
  expect((await create()).status).toBe(403)
  expect((await server.call('DELETE', `${base}/validatingwebhookconfigurations/v`)).status).toBe(200)
  expect((await create()).status).toBe(201)
})

test('streams are asked for too: CONNECT with what the query says', async () => {
  await server.call('POST', '/api/v1/namespaces/default/services', { metadata: { name: 'far' }, spec: { ports: [{ port: 80 }] } })
  await server.call('POST', '/api/v1/namespaces/default/pods', { metadata: { name: 'p' }, spec: { containers: [{ name: 'c', image: 'i' }] } })
  await server.call('PATCH', '/api/v1/namespaces/default/pods/p/status', { status: { podIP: '192.0.2.7' } }, { headers: { 'content-type': 'application/merge-patch+json' } })
  await configure('validating', 'v', webhook('/deny', { rules: [{ operations: ['CONNECT'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods/proxy'] }] }))
  const { body } = await server.call('GET', '/api/v1/namespaces/default/pods/p/proxy/some/where?a=b')
  expect(body).toMatchObject({ code: 403, message: 'admission webhook "deny.example.com" denied the request: not on my watch' })
  expect(heard[0]!.review.request).toMatchObject({ operation: 'CONNECT', subResource: 'proxy', name: 'p', kind: { group: '', version: 'v1', kind: 'PodProxyOptions' }, object: { kind: 'PodProxyOptions', path: '/some/where' } })
})

test('a scale is seen as a Scale', async () => {
  const { body } = await server.call('POST', '/apis/apps/v1/namespaces/default/deployments', { metadata: { name: 'scaled' }, spec: { selector: { matchLabels: { app: 'x' } }, template: { metadata: { labels: { app: 'x' } }, spec: { containers: [{ name: 'c', image: 'i' }] } } } })
  expect(body.metadata?.name).toBe('scaled')
  await configure('validating', 'v', webhook('/deny', { rules: [{ operations: ['UPDATE'], apiGroups: ['apps'], apiVersions: ['v1'], resources: ['deployments/scale'] }] }))
  const path = '/apis/apps/v1/namespaces/default/deployments/scaled/scale'
  const scale = (await server.call('GET', path)).body
  expect((await server.call('PUT', path, { ...scale, spec: { replicas: 4 } })).status).toBe(403)
  expect(heard[0]!.review.request).toMatchObject({ operation: 'UPDATE', subResource: 'scale', kind: { group: 'autoscaling', version: 'v1', kind: 'Scale' }, object: { kind: 'Scale', spec: { replicas: 4 } } })
})

test.each([
  ['/secretive', 'the answer is not JSON'],
  ['/missing', 'the server could not find the requested resource'],
  ['/binary', 'an error on the server ("unknown") has prevented the request from succeeding'],
  ['/broken', 'an error on the server ("it broke") has prevented the request from succeeding'],
  ['/redirect', 'the server responded with the status code 302 but did not return more details'],
])('what stands at an address that is no webhook is not shown to the user: %s', async (path, expected) => {
  await configure('validating', 'v', webhook(path))
  const { status, body } = await create()
  expect(status).toBe(500)
  expect(body.message).toContain(expected)
  expect(body.message).not.toContain('secret page')
})
