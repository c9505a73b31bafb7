import { createPrivateKey } from 'node:crypto'
import { connect } from 'node:http2'
import { request } from 'node:https'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../../host/clock.ts'
import { createClusterPki } from '../../pki/cluster-pki.ts'
import { createAuthority, issue } from '../../pki/certificate.ts'
import type { KeyPair } from '../../pki/certificate.ts'
import { startTestServer } from '../testing/test-server.ts'
import type { TestServer } from '../testing/test-server.ts'
import { parseTokenFile } from './static-tokens.ts'

/* Who asks, over the wire: the edge must settle it from the connection and the head of the request, before the body. */

const whoami = '/apis/authentication.k8s.io/v1/selfsubjectreviews'
const clock = systemClock
let server: TestServer
let port: number
let ca: string
let admin: KeyPair
let proxy: KeyPair
let strangerProxy: KeyPair
let notProxy: KeyPair

beforeAll(async () => {
  const pki = await createClusterPki({ clock })
  const front = await createAuthority({ commonName: 'front', clock })
  const make = (authority: KeyPair, commonName: string) => issue(authority, { commonName, usages: ['client'], clock })
  ;[proxy, strangerProxy, notProxy] = await Promise.all([make(front, 'front-proxy-client'), make(front, 'somebody'), make(pki.ca, 'front-proxy-client')])
  ca = pki.ca.certificate
  admin = pki.admin
  server = await startTestServer({
    serviceAccountKey: createPrivateKey(pki.serviceAccount.key), authorizer: { authorize: () => ({ verdict: 'allow' }) },
    authentication: { requestHeader: { ca: front.certificate, allowedNames: ['front-proxy-client'] }, tokens: parseTokenFile('sesame,alice,42') },
  })
  ;({ port } = await server.server.listen({ host: '127.0.0.1', port: 0, tls: { key: pki.apiserver.key, cert: pki.apiserver.certificate, ca } }))
})
afterAll(() => server.close())

interface Answer { status: number; body: any; user: any }

const ask = (headers: Record<string, string | string[]> = {}, identity?: KeyPair, method = 'POST', path = whoami) => new Promise<Answer>((resolve, reject) => {
  const sent = request({ host: '127.0.0.1', port, method, path, agent: false, ca, headers: { 'content-type': 'application/json', ...headers }, ...(identity && { key: identity.key, cert: identity.certificate }) }, (response) => {
    const parts: Buffer[] = []
    response.on('data', (part) => parts.push(part))
    response.on('end', () => {
      const text = Buffer.concat(parts).toString()
      const body = text.startsWith('{') ? JSON.parse(text) : text
      resolve({ status: response.statusCode!, body, user: body?.status?.userInfo })
    })
  })
  sent.on('error', reject)
  sent.end(method === 'POST' ? '{"apiVersion":"authentication.k8s.io/v1","kind":"SelfSubjectReview"}' : undefined)
})

describe('over TLS', () => {
  test('a token brings its body along, over HTTP/1.1 and h2', async () => {
    expect((await ask({ authorization: 'Bearer sesame' })).user.username).toBe('alice')
    await server.call('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'bob' } })
    const { token } = (await server.call('POST', '/api/v1/namespaces/default/serviceaccounts/bob/token', { spec: {} })).body.status
    expect((await ask({ authorization: `bearer ${token}` })).user.username).toBe('system:serviceaccount:default:bob')
    const session = connect(`https://127.0.0.1:${port}`, { ca })
    const stream = session.request({ ':method': 'POST', ':path': whoami, 'content-type': 'application/json', authorization: `Bearer ${token}`, 'impersonate-user': 'carol', 'impersonate-group': ['a, b', 'c'] })
    stream.end('{}')
    const parts: Buffer[] = []
    for await (const part of stream) parts.push(part)
    session.close()
    expect(JSON.parse(Buffer.concat(parts).toString()).status.userInfo).toEqual({ username: 'carol', groups: ['a, b', 'c', 'system:authenticated'] })
  })

  test('a certificate comes before a token', async () => {
    expect((await ask({ authorization: 'Bearer sesame' }, admin)).user.username).toBe('kubernetes-admin')
    expect((await ask({ authorization: 'Bearer nonsense' }, admin)).user.username).toBe('kubernetes-admin')
  })

  test('nobody and a bad token are 401', async () => {
    expect((await ask()).body).toMatchObject({ code: 401, message: 'Unauthorized' })
    expect((await ask({ authorization: 'Bearer nonsense' })).status).toBe(401)
    expect((await ask({ authorization: 'Bearer nonsense' }, undefined, 'GET', '/healthz')).status).toBe(401)
    expect((await ask({}, undefined, 'GET', '/healthz')).body).toBe('ok')
  })

  test('a token in a subprotocol opens a stream', async () => {
    const path = '/api/v1/namespaces/default/pods/none/exec?command=sh'
    const stream = { connection: 'Upgrade', upgrade: 'websocket', 'sec-websocket-version': '13', 'sec-websocket-key': 'AAAAAAAAAAAAAAAAAAAAAA==' }
    const protocols = (token: string) => `base64url.bearer.authorization.k8s.io.${Buffer.from(token).toString('base64url')}, v5.channel.k8s.io`
    expect((await ask({ ...stream, 'sec-websocket-protocol': protocols('sesame') }, undefined, 'GET', path)).body).toMatchObject({ code: 404, message: 'pods "none" not found' })
    expect((await ask({ ...stream, 'sec-websocket-protocol': protocols('nonsense') }, undefined, 'GET', path)).status).toBe(401)
  })

  test('a proxy is believed, nobody else is', async () => {
    const headers = { 'x-remote-user': 'dave', 'x-remote-uid': '9', 'x-remote-group': ['x, y', 'z'], 'x-remote-extra-acme.com%2fproject': ['p1', 'p2'] }
    expect((await ask(headers, proxy)).user).toEqual({ username: 'dave', uid: '9', groups: ['x, y', 'z', 'system:authenticated'], extra: { 'acme.com/project': ['p1', 'p2'] } })
    expect((await ask({}, proxy)).status).toBe(401)
    expect((await ask(headers, strangerProxy)).status).toBe(401)
    expect((await ask(headers, notProxy)).user.username).toBe('front-proxy-client')
    expect((await ask(headers, admin)).user.username).toBe('kubernetes-admin')
    expect((await ask(headers)).status).toBe(401)
    expect((await ask({ ...headers, authorization: 'Bearer sesame' })).user.username).toBe('alice')
  })
})
