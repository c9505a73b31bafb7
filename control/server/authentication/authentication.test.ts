import { generateKeyPairSync } from 'node:crypto'
import { SignJWT } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { createManualClock } from '../../../host/manual-clock.ts'
import { legacyClaims } from '../../pki/account-token.ts'
import { signToken, tokenKey } from '../../pki/token-key.ts'
import { pod, startTestServer } from '../testing/test-server.ts'
import type { TestServer } from '../testing/test-server.ts'
import { parseTokenFile } from './static-tokens.ts'

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const older = generateKeyPairSync('rsa', { modulusLength: 2048 })
const stranger = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const issuer = 'https://kubernetes.default.svc.cluster.local'
const accounts = '/api/v1/namespaces/default/serviceaccounts'
const pods = '/api/v1/namespaces/default/pods'
const secrets = '/api/v1/namespaces/default/secrets'
const whoami = '/apis/authentication.k8s.io/v1/selfsubjectreviews'

const clock = createManualClock({ start: '2026-01-01T00:00:00Z' })
const now = () => Math.floor(clock.now() / 1000)
const encoded = (value: unknown) => Buffer.from(JSON.stringify(value)).toString('base64url')
let server: TestServer
let uid: string

beforeAll(async () => {
  server = await startTestServer({
    clock, serviceAccountKey: privateKey, authorizer: { authorize: () => ({ verdict: 'allow' }) },
    authentication: { serviceAccountKeys: [older.publicKey], tokens: parseTokenFile('sesame,alice,42,"devs, ops"\n# none\n\nplain,bob,43\n') },
  })
  uid = (await server.call('POST', accounts, { metadata: { name: 'bob' } })).body.metadata.uid
})
afterAll(() => server.close())

/** A request of somebody who shows nothing but these headers. */
const bare = async (headers: Record<string, string>, path = whoami, method: 'GET' | 'POST' = 'POST') => {
  const type = method === 'POST' ? { 'content-type': 'application/json' } : {}
  const response = await server.server.transport({ method, path, query: new URLSearchParams(), headers: { ...type, ...headers }, ...(method === 'POST' && { body: { kind: 'value', value: {} } }) })
  const body = response.body.kind === 'value' ? response.body.value as any : undefined
  return { status: response.status, body, user: body?.status?.userInfo }
}
const as = (token: string) => bare({ authorization: `Bearer ${token}` })
const tokenOf = async (spec: object, name = 'bob'): Promise<string> => (await server.call('POST', `${accounts}/${name}/token`, { spec })).body.status.token
const claims = (more: object = {}) => ({
  iss: issuer, aud: [issuer], sub: 'system:serviceaccount:default:bob', iat: now(), nbf: now(), exp: now() + 600, jti: 'j',
  'kubernetes.io': { namespace: 'default', serviceaccount: { name: 'bob', uid } }, ...more,
})

describe('a service account token', () => {
  test('speaks for the account', async () => {
    const { status, user } = await as(await tokenOf({}))
    expect(status).toBe(201)
    expect(user).toEqual({
      username: 'system:serviceaccount:default:bob', uid, groups: ['system:serviceaccounts', 'system:serviceaccounts:default', 'system:authenticated'],
      extra: { 'authentication.kubernetes.io/credential-id': [expect.stringMatching(/^JTI=[0-9a-f-]{36}$/)] },
    })
  })

  test('says which pod and node it was made for, and ends with the pod', async () => {
    const made = (await server.call('POST', pods, pod('p', { spec: { serviceAccountName: 'bob', nodeName: 'n1' } }))).body
    const token = await tokenOf({ boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'p' } })
    const extra = { 'authentication.kubernetes.io/pod-name': ['p'], 'authentication.kubernetes.io/pod-uid': [made.metadata.uid], 'authentication.kubernetes.io/node-name': ['n1'] }
    expect((await as(token)).user.extra).toMatchObject(extra)
    expect((await as(token)).status).toBe(201)
    await server.call('DELETE', `${pods}/p?gracePeriodSeconds=0`)
    expect((await as(token)).status).toBe(401)
    await server.call('POST', pods, pod('p', { spec: { serviceAccountName: 'bob' } }))
    expect((await as(token)).status).toBe(401)
  })

  test.each([
    ['Secret', secrets, {}],
    ['Node', '/api/v1/nodes', { 'authentication.kubernetes.io/node-name': ['bound'] }],
  ])('bound to a %s ends with it', async (kind, path, extra) => {
    await server.call('POST', path, { metadata: { name: 'bound' } })
    const token = await tokenOf({ boundObjectRef: { kind, apiVersion: 'v1', name: 'bound' } })
    const { status, user } = await as(token)
    expect([status, user.extra]).toEqual([201, expect.objectContaining(extra)])
    await server.call('DELETE', `${path}/bound`)
    expect((await as(token)).status).toBe(401)
    await server.call('POST', path, { metadata: { name: 'bound' } })
    expect((await as(token)).status).toBe(401)
  })

  test('of a pod that goes is good for its last minutes, and one more', async () => {
    await server.call('POST', pods, pod('slow', { spec: { serviceAccountName: 'bob', nodeName: 'n1', terminationGracePeriodSeconds: 120 } }))
    const token = await tokenOf({ boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'slow' } })
    await server.call('DELETE', `${pods}/slow`)
    await clock.advance('2m59s')
    expect((await as(token)).status).toBe(201)
    await clock.advance('2s')
    expect((await as(token)).status).toBe(401)
  })

  test('ends with its account, which is not the next one of that name', async () => {
    await server.call('POST', accounts, { metadata: { name: 'short' } })
    const token = await tokenOf({}, 'short')
    expect((await as(token)).status).toBe(201)
    await server.call('DELETE', `${accounts}/short`)
    expect((await as(token)).status).toBe(401)
    await server.call('POST', accounts, { metadata: { name: 'short' } })
    expect((await as(token)).status).toBe(401)
  })

  test('ends by the clock, a minute late for clocks that differ', async () => {
    const token = await tokenOf({ expirationSeconds: 600 })
    await clock.advance('10m30s')
    expect((await as(token)).status).toBe(201)
    await clock.advance('31s')
    expect((await as(token)).status).toBe(401)
  })

  test('may be signed by a key of before', async () => {
    expect((await as(await signToken(older.privateKey, claims()))).status).toBe(201)
  })

  test.each<[string, () => string | Promise<string>]>([
    ['signed by a stranger', () => signToken(stranger.privateKey, claims())],
    ['signed by a stranger under a key id of ours', () => new SignJWT(claims()).setProtectedHeader({ alg: 'ES256', kid: tokenKey(privateKey).id }).sign(stranger.privateKey)],
    ['whose public key is used as a secret', () => new SignJWT(claims()).setProtectedHeader({ alg: 'HS256', kid: tokenKey(privateKey).id }).sign(Buffer.from(tokenKey(privateKey).key.export({ type: 'spki', format: 'pem' })))],
    ['without a signature', async () => `${encoded({ alg: 'none' })}.${encoded(claims())}.`],
    ['for somebody else', () => signToken(privateKey, claims({ aud: ['vault'] }))],
    ['of another issuer', () => signToken(privateKey, claims({ iss: 'https://elsewhere' }))],
    ['that does not hold yet', () => signToken(privateKey, claims({ nbf: now() + 120 }))],
    ['whose subject is not its account', () => signToken(privateKey, claims({ sub: 'system:serviceaccount:kube-system:root' }))],
    ['that names no account', () => signToken(privateKey, claims({ 'kubernetes.io': {} }))],
    ['with another uid', () => signToken(privateKey, claims({ 'kubernetes.io': { namespace: 'default', serviceaccount: { name: 'bob', uid: 'x' } } }))],
    ['that was changed', async () => (await signToken(privateKey, claims())).replace(/\.[^.]*\./, `.${encoded(claims({ sub: 'system:serviceaccount:default:root' }))}.`)],
    ['that is much too long', async () => 'x'.repeat(20_000)],
    ['that is nonsense', async () => 'a.b.c'],
  ])('%s is refused, and nobody is told why', async (_, make) => {
    const { status, body } = await as(await make())
    expect(status).toBe(401)
    expect(body).toMatchObject({ code: 401, reason: 'Unauthorized', message: 'Unauthorized' })
  })

  test('of the old kind lives as long as its Secret holds it', async () => {
    const data = (token: string) => ({ token: Buffer.from(token).toString('base64') })
    const token = await signToken(privateKey, legacyClaims('default', 'old', { name: 'bob', uid }))
    expect((await as(token)).status).toBe(401)
    await server.call('POST', secrets, { metadata: { name: 'old', annotations: { 'kubernetes.io/service-account.name': 'bob' } }, type: 'kubernetes.io/service-account-token', data: data(token) })
    expect((await as(token)).user).toMatchObject({ username: 'system:serviceaccount:default:bob' })
    await server.call('PATCH', `${secrets}/old`, { data: data('another') }, { headers: { 'content-type': 'application/merge-patch+json' } })
    expect((await as(token)).status).toBe(401)
  })
})

/** Parts of tokens as strangers may make them. */
const heads = [
  {}, { alg: 'ES256' }, { alg: 'ES256', kid: '__proto__' }, { alg: 'none' }, { alg: ['ES256'] }, { alg: 'ES256', crit: ['b64'], b64: false }, { alg: 'ES256', crit: ['x'], x: 1 },
  { alg: 'ES256', jwk: tokenKey(stranger.publicKey).key.export({ format: 'jwk' }) }, { alg: 'RS256', kid: tokenKey(older.publicKey).id }, { alg: 'HS256', kid: { toString: 'x' } }, null, 7, 'text', [],
].map(encoded)
const bodies = [
  { iss: issuer }, { iss: issuer, ['__proto__']: { sub: 'x' } }, { iss: 'kubernetes/serviceaccount' }, { iss: [issuer] }, null, 7, [], 'text', { iss: issuer, exp: 1e308, nbf: -1e308, aud: { a: 1 } },
].map(encoded)
const oddities = ['', '.', '..', '...', 'a', '\u0000', 'ä', '%00', ' ', '{}', `${'['.repeat(5000)}`, Buffer.from('['.repeat(8000)).toString('base64url'), Buffer.alloc(64).toString('base64url'), '=', '====', 'eyJ']

test('whatever is shown as a token, nobody gets in and nothing breaks', async () => {
  const tokens = [...heads, ...oddities].flatMap((head) => [...bodies, ...oddities].flatMap((body) => ['', 'AAAA', Buffer.alloc(64, 1).toString('base64url')].map((signature) => `${head}.${body}.${signature}`)))
  const answers = new Set<number>()
  for (const token of [...tokens, ...oddities]) {
    const { status } = await bare({ authorization: `Bearer ${token}` }, '/api/v1/namespaces', 'GET')
    answers.add(status)
  }
  expect([...answers]).toEqual([401])
  const protocols = oddities.map((oddity) => `v1, base64url.bearer.authorization.k8s.io.${oddity}`)
  for (const protocol of protocols) expect((await bare({ upgrade: 'websocket', 'sec-websocket-protocol': protocol }, '/api/v1/namespaces', 'GET')).status).toBe(401)
})

describe('a bootstrap token', () => {
  const make = (id: string, more: Record<string, string> = {}) => server.call('POST', '/api/v1/namespaces/kube-system/secrets', {
    metadata: { name: `bootstrap-token-${id}` }, type: 'bootstrap.kubernetes.io/token',
    stringData: { 'token-id': id, 'token-secret': '0123456789abcdef', 'usage-bootstrap-authentication': 'true', ...more },
  })

  test('lets a node in that wants to join', async () => {
    await make('abcdef', { 'auth-extra-groups': 'system:bootstrappers:workers', expiration: '2027-01-01T00:00:00Z' })
    expect((await as('abcdef.0123456789abcdef')).user).toEqual({ username: 'system:bootstrap:abcdef', groups: ['system:bootstrappers', 'system:bootstrappers:workers', 'system:authenticated'] })
  })

  test.each<[string, Record<string, string>, string]>([
    ['with another secret', {}, 'fedcba9876543210'],
    ['that is over', { expiration: '2025-01-01T00:00:00Z' }, '0123456789abcdef'],
    ['with an end that is none', { expiration: 'tomorrow' }, '0123456789abcdef'],
    ['that is not for that', { 'usage-bootstrap-authentication': 'false' }, '0123456789abcdef'],
    ['that would make masters', { 'auth-extra-groups': 'system:masters' }, '0123456789abcdef'],
    ['whose id is another', { 'token-id': 'zzzzzz' }, '0123456789abcdef'],
  ])('%s is refused', async (name, more, secret) => {
    const id = tokenIds.next().value!
    await make(id, more)
    expect([name, (await as(`${id}.${secret}`)).status]).toEqual([name, 401])
  })
})

const tokenIds = (function* () { for (let i = 0; ; i++) yield `wrong${i}` })()

describe('who shows', () => {
  test('a token of the file is whom it names', async () => {
    expect((await as('sesame')).user).toEqual({ username: 'alice', uid: '42', groups: ['devs', 'ops', 'system:authenticated'] })
    expect((await as('plain')).user).toEqual({ username: 'bob', uid: '43', groups: ['system:authenticated'] })
  })

  test('a token in a subprotocol is whom it names', async () => {
    const protocol = `base64url.bearer.authorization.k8s.io.${Buffer.from('sesame').toString('base64url')}`
    expect((await bare({ upgrade: 'websocket', 'sec-websocket-protocol': `v5.channel.k8s.io, ${protocol}` })).user.username).toBe('alice')
    expect((await bare({ upgrade: 'websocket', 'sec-websocket-protocol': protocol })).status).toBe(401)
    expect((await bare({ upgrade: 'websocket', 'sec-websocket-protocol': `v5.channel.k8s.io, ${protocol}, ${protocol}` })).status).toBe(401)
  })

  test('a bad token is refused even where anybody may read', async () => {
    expect((await bare({ authorization: 'Bearer nonsense' }, '/healthz', 'GET')).status).toBe(401)
    expect((await bare({ authorization: 'Basic YTpi' }, '/healthz', 'GET')).status).toBe(200)
    expect((await bare({}, '/healthz', 'GET')).status).toBe(200)
    expect((await bare({}, '/api/v1/pods', 'GET')).status).toBe(401)
  })
})
