import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { startTestServer, take } from '../testing/test-server.ts'
import type { TestServer } from '../testing/test-server.ts'

let server: TestServer
beforeAll(async () => { server = await startTestServer() })
afterAll(() => server.close())

const jane = { name: 'jane', groups: ['dev', 'system:authenticated'] }

describe('who may', () => {
  test('strangers see health and version, and nothing else', async () => {
    const ask = (path: string, headers = {}) => server.server.transport({ method: 'GET', path, query: new URLSearchParams(), headers })
    for (const path of ['/healthz', '/livez', '/readyz', '/version']) expect((await ask(path)).status, path).toBe(200)
    for (const path of ['/api', '/metrics', '/api/v1/pods', '/openapi/v2', '/nope']) expect(await ask(path), path).toMatchObject({ status: 401, body: { value: { kind: 'Status', reason: 'Unauthorized', message: 'Unauthorized' } } })
    // A single check tells more of the cluster than whether it is well.
    expect(await ask('/readyz/ping')).toMatchObject({ status: 403, body: { value: { message: 'forbidden: User "system:anonymous" cannot get path "/readyz/ping"' } } })
    expect((await ask('/version', { authorization: 'Bearer nonsense' })).status).toBe(401)
  })

  test.each([
    ['/api/v1/namespaces/default/pods', 'pods is forbidden: User "jane" cannot list resource "pods" in API group "" in the namespace "default"'],
    ['/apis/apps/v1/deployments', 'deployments.apps is forbidden: User "jane" cannot list resource "deployments" in API group "apps" at the cluster scope'],
    ['/api/v1/namespaces/default/pods/x/log', 'pods "x" is forbidden: User "jane" cannot get resource "pods/log" in API group "" in the namespace "default"'],
    ['/api/v1/namespaces/x', 'namespaces "x" is forbidden: User "jane" cannot get resource "namespaces" in API group "" in the namespace "x"'],
    ['/metrics', 'forbidden: User "jane" cannot get path "/metrics"'],
  ])('a certificate of no part of the cluster may not get %s', async (path, message) => {
    expect((await server.call('GET', path, undefined, { user: jane })).body).toMatchObject({ code: 403, reason: 'Forbidden', message })
  })

  test('an authorizer of one’s own decides, at once or later', async () => {
    const other = await startTestServer({ authorizer: { authorize: async ({ user, verb }) => ({ verdict: user.name === 'jane' && verb === 'list' ? 'allow' : 'noOpinion', reason: 'because' }) } })
    expect((await other.call('GET', '/api/v1/pods', undefined, { user: jane })).status).toBe(200)
    expect((await other.call('GET', '/api/v1/namespaces/a', undefined, { user: jane })).body.message).toMatch(/in the namespace "a": because$/)
    await other.close()
  })

  test('whoami', async () => {
    const review = await server.call('POST', '/apis/authentication.k8s.io/v1/selfsubjectreviews', { kind: 'SelfSubjectReview', apiVersion: 'authentication.k8s.io/v1' })
    expect(review).toMatchObject({ status: 201, body: { status: { userInfo: { username: 'system:apiserver', groups: ['system:masters', 'system:authenticated'] } } } })
  })
})

test('a path that leads nowhere is told as a Status below groups that are served, as a page elsewhere', async () => {
  const page = { status: 404, body: '404 page not found\n', headers: { 'content-type': 'text/plain; charset=utf-8' } }
  for (const path of ['/nothing', '/apis/none', '/apis/none/v1/things', '/apis/none/v1/namespaces/default/things/x', '/logs']) expect(await server.call('GET', path), path).toMatchObject(page)
  for (const path of ['/api/v9', '/api/v1/nothing', '/apis/apps/v9', '/apis/apps/v1/nothing', '/api/v1/namespaces/default/secrets/x/nothing']) {
    expect((await server.call('GET', path)).body, path).toMatchObject({ kind: 'Status', reason: 'NotFound', message: 'the server could not find the requested resource', details: {}, code: 404 })
  }
  expect((await server.call('GET', '/')).body.paths).toEqual(expect.arrayContaining(['/api', '/api/v1', '/apis', '/apis/apps/v1', '/healthz', '/readyz/ping', '/version']))
})

test.each([
  ['POST', '/api/v1/namespaces/default/configmaps/x'], ['PUT', '/api/v1/namespaces/default/configmaps'], ['PATCH', '/api/v1/namespaces/default/configmaps'],
  ['POST', '/api/v1/configmaps'], ['DELETE', '/api/v1/configmaps'], ['POST', '/api/v1/nodes/x'], ['POST', '/apis/authorization.k8s.io/v1/localsubjectaccessreviews'],
] as const)('%s %s is not the place for it', async (method, path) => {
  expect((await server.call(method, path, { metadata: { name: 'x' } })).body).toMatchObject({ code: 405, reason: 'MethodNotAllowed', message: 'the server does not allow this method on the requested resource' })
})

describe('health', () => {
  test('says ok, or each check with verbose', async () => {
    expect((await server.call('GET', '/readyz')).body).toBe('ok')
    expect((await server.call('GET', '/readyz?verbose')).body).toMatch(/^\[\+\]ping ok\n[^]*readyz check passed\n$/)
    expect((await server.call('GET', '/livez?verbose&exclude=etcd')).body).toContain('[+]etcd excluded: ok')
    expect((await server.call('GET', '/readyz/nope')).status).toBe(404)
  })
})

describe('discovery', () => {
  test('classic and aggregated', async () => {
    expect((await server.call('GET', '/api')).body).toMatchObject({ kind: 'APIVersions', versions: ['v1'] })
    expect((await server.call('GET', '/apis')).body.groups.map((group: { name: string }) => group.name)).toEqual(expect.arrayContaining(['apps', 'coordination.k8s.io', 'discovery.k8s.io']))
    expect((await server.call('GET', '/api/v1')).body.resources.map((resource: { name: string }) => resource.name)).toEqual(expect.arrayContaining(['pods', 'pods/log', 'services', 'namespaces/finalize']))
    expect((await server.call('GET', '/apis/apps')).body).toMatchObject({ kind: 'APIGroup', preferredVersion: { version: 'v1' } })
    expect((await server.call('GET', '/apis/apps/v1/')).body).toMatchObject({ kind: 'APIResourceList', groupVersion: 'apps/v1' })
    const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList,application/json;g=apidiscovery.k8s.io;v=v2beta1;as=APIGroupDiscoveryList,application/json'
    const aggregated = await server.call('GET', '/apis', undefined, { headers: { accept }, wire: true })
    expect(aggregated.headers['content-type']).toBe('application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList')
    expect(aggregated.body.kind).toBe('APIGroupDiscoveryList')
  })

  test('who has the aggregated document is told whether it is still true', async () => {
    for (const path of ['/api', '/apis']) {
      const accept = 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList'
      const { headers } = await server.call('GET', path, undefined, { headers: { accept }, wire: true })
      expect(headers, path).toMatchObject({ etag: expect.stringMatching(/^"[0-9A-F]{128}"$/), vary: 'Accept' })
      expect(await server.call('GET', path, undefined, { headers: { accept, 'if-none-match': headers['etag']! } }), path).toMatchObject({ status: 304, body: undefined })
      expect((await server.call('GET', path, undefined, { headers: { accept, 'if-none-match': '"other"' } })).status, path).toBe(200)
    }
  })

  test('OpenAPI in its three forms, with ETags', async () => {
    const v2 = await server.call('GET', '/openapi/v2')
    expect(v2.body.definitions['io.k8s.api.core.v1.Pod']).toBeDefined()
    expect((await server.call('GET', '/openapi/v2', undefined, { headers: { 'if-none-match': v2.headers['etag']! } })).status).toBe(304)
    const protobuf = await server.call('GET', '/openapi/v2', undefined, { headers: { accept: 'application/com.github.proto-openapi.spec.v2@v1.0+protobuf' } })
    expect(protobuf.headers['content-type']).toContain('protobuf')
    const index = (await server.call('GET', '/openapi/v3')).body.paths
    expect((await server.call('GET', index['apis/apps/v1'].serverRelativeURL)).body.components.schemas['io.k8s.api.apps.v1.Deployment']).toBeDefined()
    expect((await server.call('GET', '/openapi/v3/apis/nope/v1')).status).toBe(404)
    const named = index['apis/apps/v1'].serverRelativeURL as string
    expect((await server.call('GET', named)).headers['cache-control']).toContain('immutable')
    expect(await server.call('GET', '/openapi/v3/apis/apps/v1?hash=OLD')).toMatchObject({ status: 301, headers: { location: named } })
  })
})

describe('metrics', () => {
  test('count requests under the original’s names, and not what is made up', async () => {
    for (let i = 0; i < 3; i++) await server.call('GET', '/api/v1/namespaces/default/pods/none')
    for (const path of ['/api/v1/nonsense', '/nonsense/more', '/apis/x/y/z']) await server.call('GET', path)
    const text: string = (await server.call('GET', '/metrics')).body
    expect(text).toContain('apiserver_request_total{verb="GET",group="",version="v1",resource="pods",subresource="",scope="resource",component="apiserver",code="404",dry_run=""} 3')
    expect(text).toMatch(/apiserver_request_duration_seconds_bucket\{/)
    expect(text).toMatch(/apiserver_current_inflight_requests\{request_kind="readOnly"\} 1/)
    expect(text).not.toContain('nonsense')
  })

  test('tell what is stored, what was sent to watches, and who uses what is old', async () => {
    await server.call('POST', '/api/v1/namespaces/default/configmaps', { metadata: { name: 'counted' } })
    await server.call('GET', '/apis/policy/v1beta1/poddisruptionbudgets')
    const over = new AbortController()
    await take(await server.raw('GET', '/api/v1/namespaces/default/configmaps?watch=1', undefined, { signal: over.signal }), 1)
    over.abort()
    const read = async (): Promise<string> => (await server.call('GET', '/metrics')).body
    const text = await read()
    expect(text).toContain('apiserver_storage_objects{resource="configmaps"} 1\n')
    expect(text).toContain('apiserver_resource_objects{group="",resource="namespaces"} 4\n')
    expect(text).toContain('apiserver_storage_objects{resource="clusterroles.rbac.authorization.k8s.io"}')
    expect(text).not.toContain('events.events.k8s.io')
    expect(text).toContain('apiserver_watch_events_total{group="",version="v1",resource="configmaps"} 1\n')
    expect(text).toContain('apiserver_requested_deprecated_apis{group="policy",version="v1beta1",resource="poddisruptionbudgets",subresource="",removed_release="1.25"} 1\n')
    expect(text).toMatch(/apiserver_request_sli_duration_seconds_bucket\{/)
    expect(text).toMatch(/kubernetes_build_info\{major="1",minor="36",git_version="v1\.36\./)
    await server.call('DELETE', '/api/v1/namespaces/default/configmaps/counted')
    expect(await read()).toContain('apiserver_storage_objects{resource="configmaps"} 0\n')
  })
})
