import { createServer } from 'node:https'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { createAuthority, issue } from '../../pki/certificate.ts'
import { systemClock as clock } from '../../../host/clock.ts'
import { startTlsServer } from '../testing/tls-server.ts'
import type { TlsTestServer } from '../testing/tls-server.ts'

/*
 * A server behind an APIService, for real: HTTPS on a loopback port, under a certificate for its service's name. An
 * ExternalName service stands for it, since endpoints may not be loopback addresses.
 */
let server: TlsTestServer
let behind: ReturnType<typeof createServer>
let authority: Awaited<ReturnType<typeof createAuthority>>
const heard: { url: string; headers: IncomingMessage['headers']; client: string | undefined; body: string }[] = []
let healthy = true
const services = '/api/v1/namespaces/kube-system/services'
const apiServices = '/apis/apiregistration.k8s.io/v1/apiservices'
const merge = { headers: { 'content-type': 'application/merge-patch+json' } }

beforeAll(async () => {
  server = await startTlsServer()
  authority = await createAuthority({ commonName: 'behind', clock })
  const { key, certificate } = await issue(authority, { commonName: 'metrics', dnsNames: ['metrics.kube-system.svc'], usages: ['server'], clock })
  behind = createServer({ key, cert: certificate, ca: server.pki.frontProxy.ca.certificate, requestCert: true, rejectUnauthorized: false }, serve)
  await new Promise<void>((resolve) => behind.listen(0, '127.0.0.1', resolve))
  await server.call('POST', services, { metadata: { name: 'metrics' }, spec: { type: 'ExternalName', externalName: 'localhost' } })
})
afterAll(async () => {
  await server.close()
  behind.closeAllConnections()
  await new Promise((resolve) => behind.close(resolve))
})

function serve(request: IncomingMessage, response: ServerResponse): void {
  let body = ''
  request.on('data', (part) => { body += part })
  request.on('end', () => {
    const socket = request.socket as import('node:tls').TLSSocket
    if (!request.headers['x-remote-user']?.includes('aggregator')) heard.push({ url: request.url!, headers: request.headers, client: socket.authorized ? String(socket.getPeerCertificate().subject?.CN) : undefined, body })
    if (!healthy) return void response.writeHead(500).end()
    if (request.url!.endsWith('/moved')) return void response.writeHead(307, { location: 'https://example.com/' }).end()
    if (request.url === '/apis/metrics.example.com/v1beta1') return json(response, { kind: 'APIResourceList', groupVersion: 'metrics.example.com/v1beta1', resources: [{ name: 'meters', singularName: 'meter', namespaced: true, kind: 'Meter', verbs: ['get', 'list'], shortNames: ['mt'] }, { name: 'meters/status', singularName: '', namespaced: true, kind: 'Meter', verbs: ['get'] }] })
    json(response, { kind: 'MeterList', apiVersion: 'metrics.example.com/v1beta1', metadata: {}, items: [] })
  })
}

function json(response: ServerResponse, value: object): void {
  response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(value))
}

async function until<T>(what: string, ask: () => Promise<T>, good: (value: T) => boolean): Promise<T> {
  for (const begun = Date.now(); ;) {
    const value = await ask()
    if (good(value)) return value
    if (Date.now() - begun > 10_000) throw new Error(`${what} did not come: ${JSON.stringify(value)}`)
    await new Promise((resolve) => setTimeout(resolve, 20))
  }
}

const condition = async (name = 'v1beta1.metrics.example.com') => (await server.call('GET', `${apiServices}/${name}`)).body.status?.conditions?.[0] ?? {}

test('what is served here has its APIServices', async () => {
  const local = await until('v1.apps', () => server.call('GET', `${apiServices}/v1.apps`), ({ status }) => status === 200)
  expect(local.body).toMatchObject({ metadata: { labels: { 'kube-aggregator.kubernetes.io/automanaged': 'onstart' } }, status: { conditions: [{ type: 'Available', status: 'True', reason: 'Local' }] } })
})

test('a service that is not there is said so, and requests are answered 503', async () => {
  const spec = { group: 'gone.example.com', version: 'v1', groupPriorityMinimum: 100, versionPriority: 10, service: { namespace: 'kube-system', name: 'none' }, insecureSkipTLSVerify: true }
  expect((await server.call('POST', apiServices, { metadata: { name: 'v1.gone.example.com' }, spec })).status).toBe(201)
  await until('the condition', () => condition('v1.gone.example.com'), ({ reason }) => reason === 'ServiceNotFound')
  expect(await condition('v1.gone.example.com')).toMatchObject({ type: 'Available', status: 'False', message: 'service/none in "kube-system" is not present' })
  expect(await server.call('GET', '/apis/gone.example.com/v1/things')).toMatchObject({ status: 503, body: 'service unavailable\n' })
  expect((await server.call('GET', '/apis')).body.groups.map(({ name }: { name: string }) => name)).toContain('gone.example.com')
  await server.call('DELETE', `${apiServices}/v1.gone.example.com`)
  expect((await server.call('GET', '/apis/gone.example.com/v1/things')).status).toBe(404)
})

test('a certificate of the wrong authority is no server', async () => {
  const spec = { group: 'metrics.example.com', version: 'v1beta1', groupPriorityMinimum: 100, versionPriority: 10, caBundle: Buffer.from(server.pki.ca.certificate).toString('base64'), service: { namespace: 'kube-system', name: 'metrics', port: (behind.address() as AddressInfo).port } }
  expect((await server.call('POST', apiServices, { metadata: { name: 'v1beta1.metrics.example.com' }, spec })).status).toBe(201)
  const found = await until('the condition', condition, ({ status }) => status === 'False')
  expect(found).toMatchObject({ reason: 'FailedDiscoveryCheck', message: expect.stringMatching(/^failing or missing response from https:\/\/localhost:\d+\/apis\/metrics\.example\.com\/v1beta1: Get /) })
})

test('with the right one requests go through, in the name of who asks and without their credentials', async () => {
  await server.call('PATCH', `${apiServices}/v1beta1.metrics.example.com`, { spec: { caBundle: Buffer.from(authority.certificate).toString('base64') } }, merge)
  await until('the condition', condition, ({ status }) => status === 'True')
  heard.length = 0
  const answer = await server.call('POST', '/apis/metrics.example.com/v1beta1/namespaces/default/meters?x=1', { hello: 'world' }, {
    wire: true, user: { name: 'jane', uid: 'u1', groups: ['a', 'b, c', 'system:masters'], extra: { 'example.com/Key': ['v'] } },
    headers: { authorization: 'Bearer secret', 'x-remote-user': 'root', 'x-remote-group': 'root', 'x-custom': 'kept' },
  })
  expect(answer).toMatchObject({ status: 200, body: { kind: 'MeterList' } })
  expect(heard).toHaveLength(1)
  const [{ url, headers, client, body }] = heard as [typeof heard[0]]
  expect({ url, client, body }).toEqual({ url: '/apis/metrics.example.com/v1beta1/namespaces/default/meters?x=1', client: 'front-proxy-client', body: '{"hello":"world"}' })
  expect(headers).toMatchObject({ 'x-remote-user': 'jane', 'x-remote-uid': 'u1', 'x-remote-group': 'a, b, c, system:masters', 'x-remote-extra-example.com%2f%4bey': 'v', 'x-custom': 'kept' })
  expect(headers).not.toHaveProperty('authorization')
})

test('a body that comes with a GET is a body there too, and not the next request', async () => {
  heard.length = 0
  const smuggled = 'GET /apis/metrics.example.com/v1beta1/secrets HTTP/1.1\r\nhost: x\r\nx-remote-user: admin\r\nx-remote-group: system:masters\r\n\r\n'
  for (const method of ['GET', 'DELETE'] as const) {
    expect((await server.call(method, '/apis/metrics.example.com/v1beta1/namespaces/default/meters/x', smuggled, { wire: true })).status).toBe(200)
  }
  expect(heard.map(({ url, headers, body }) => [url, headers['content-length'], body])).toEqual(Array(2).fill(['/apis/metrics.example.com/v1beta1/namespaces/default/meters/x', String(smuggled.length), smuggled]))
})

test('a server behind may not send the client elsewhere', async () => {
  const answer = await server.call('GET', '/apis/metrics.example.com/v1beta1/namespaces/default/meters/moved', undefined, { wire: true })
  expect([answer.status, answer.headers['location'], answer.body]).toEqual([502, undefined, 'the backend attempted to redirect this request, which is not permitted'])
})

test('the path that goes on is the one that was authorized', async () => {
  const root = '/apis/metrics.example.com/v1beta1'
  for (const path of ['/meters/../../../../api/v1/secrets', '/namespaces/default/meters/x/sub/%2e%2e/%2E./secrets', '/meters%2fx', '/meters/x%5c..%5cy', '/namespaces/default/meters/x/proxy/..%2f..%2fy', '/./meters']) {
    heard.length = 0
    expect(await server.call('GET', root + path, undefined, { wire: true }), path).toMatchObject({ status: 400, body: { kind: 'Status', reason: 'BadRequest' } })
    expect(heard).toEqual([])
  }
  await server.call('GET', `${root}//namespaces//default/meters/x/proxy/a%2Fb/`, undefined, { wire: true, user: { name: 'Zoë', groups: ['system:masters'] } })
  expect(heard.map(({ url, headers }) => [url, Buffer.from(String(headers['x-remote-user']), 'latin1').toString()])).toEqual([[`${root}/namespaces/default/meters/x/proxy/a%2Fb/`, 'Zoë']])
})

test('discovery shows it, classic and aggregated', async () => {
  expect((await server.call('GET', '/apis/metrics.example.com')).body).toMatchObject({ kind: 'APIGroup', name: 'metrics.example.com', preferredVersion: { groupVersion: 'metrics.example.com/v1beta1' } })
  expect((await server.call('GET', '/apis/metrics.example.com/v1beta1')).body).toMatchObject({ resources: [{ name: 'meters' }, {}] })
  const { body } = await server.call('GET', '/apis', undefined, { headers: { accept: 'application/json;g=apidiscovery.k8s.io;v=v2;as=APIGroupDiscoveryList' } })
  expect(body.items.find((item: { metadata: { name: string } }) => item.metadata.name === 'metrics.example.com')).toMatchObject({
    versions: [{ version: 'v1beta1', freshness: 'Current', resources: [{ resource: 'meters', scope: 'Namespaced', shortNames: ['mt'], subresources: [{ subresource: 'status' }] }] }],
  })
})

test('its OpenAPI document is told of, and asked of it', async () => {
  const { body } = await server.call('GET', '/openapi/v3')
  expect(body.paths['apis/metrics.example.com/v1beta1']).toEqual({ serverRelativeURL: '/openapi/v3/apis/metrics.example.com/v1beta1' })
  expect(body.paths['apis/apps/v1'].serverRelativeURL).toMatch(/^\/openapi\/v3\/apis\/apps\/v1\?hash=/)
  heard.length = 0
  await server.call('GET', '/openapi/v3/apis/metrics.example.com/v1beta1')
  expect(heard.map(({ url }) => url)).toEqual(['/openapi/v3/apis/metrics.example.com/v1beta1'])
})

test('who may not ask is not passed on', async () => {
  heard.length = 0
  expect((await server.call('GET', '/apis/metrics.example.com/v1beta1/namespaces/default/meters', undefined, { user: { name: 'nobody', groups: ['system:authenticated'] } })).status).toBe(403)
  expect(heard).toEqual([])
})

test('a server that begins to fail is found out, and comes back', async () => {
  healthy = false
  const touch = (n: number) => server.call('PATCH', `${services}/metrics`, { metadata: { annotations: { touched: String(n) } } }, merge)
  await touch(1)
  await until('the condition', condition, ({ status }) => status === 'False')
  expect(await condition()).toMatchObject({ reason: 'FailedDiscoveryCheck', message: expect.stringMatching(/bad status from https:.*: 500$/) })
  expect((await server.call('GET', '/apis/metrics.example.com/v1beta1/namespaces/default/meters')).status).toBe(503)
  healthy = true
  await touch(2)
  await until('the condition', condition, ({ status }) => status === 'True')
})

test('servers behind learn whom to believe', async () => {
  const { body } = await server.call('GET', '/api/v1/namespaces/kube-system/configmaps/extension-apiserver-authentication')
  expect(body.data).toMatchObject({ 'requestheader-client-ca-file': server.pki.frontProxy.ca.certificate, 'requestheader-allowed-names': '["front-proxy-client"]', 'client-ca-file': server.pki.ca.certificate })
})
