import { createPublicKey, generateKeyPairSync } from 'node:crypto'
import { jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { pod, startTestServer } from '../testing/test-server.ts'
import type { TestServer } from '../testing/test-server.ts'

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const issuer = 'https://kubernetes.default.svc.cluster.local'
const accounts = '/api/v1/namespaces/default/serviceaccounts'
let server: TestServer
let uid: string

beforeAll(async () => {
  server = await startTestServer({ serviceAccountKey: privateKey })
  uid = (await server.call('POST', accounts, { metadata: { name: 'bob' } })).body.metadata.uid
})
afterAll(() => server.close())

const ask = (spec: object, name = 'bob') => server.call('POST', `${accounts}/${name}/token`, { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenRequest', spec })
const claimsOf = async (token: string, audience: string) => (await jwtVerify(token, createPublicKey(privateKey.export({ type: 'pkcs8', format: 'pem' })), { audience, issuer })).payload

describe('a token', () => {
  test('is signed, says whose it is, and ends', async () => {
    const { status, body } = await ask({ audiences: ['vault'], expirationSeconds: 600 })
    expect(status).toBe(201)
    const claims = await claimsOf(body.status.token, 'vault')
    expect(claims).toMatchObject({ sub: 'system:serviceaccount:default:bob', iss: issuer, 'kubernetes.io': { namespace: 'default', serviceaccount: { name: 'bob', uid } } })
    expect(claims.exp! - claims.iat!).toBe(600)
    expect(Date.parse(body.status.expirationTimestamp)).toBe(claims.exp! * 1000)
  })

  test('may be bound to a pod of the account', async () => {
    const made = (await server.call('POST', '/api/v1/namespaces/default/pods', pod('p', { spec: { serviceAccountName: 'bob' } }))).body
    const { body } = await ask({ boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'p', uid: made.metadata.uid } })
    expect(await claimsOf(body.status.token, issuer)).toMatchObject({ 'kubernetes.io': { pod: { name: 'p', uid: made.metadata.uid } } })
    await server.call('POST', accounts, { metadata: { name: 'alice' } })
    await server.call('POST', '/api/v1/namespaces/default/pods', pod('other', { spec: { serviceAccountName: 'alice' } }))
    expect((await ask({ boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'other' } })).body).toMatchObject({ code: 400, message: 'cannot bind token for serviceaccount "bob" to pod running with different serviceaccount name.' })
    expect((await ask({ boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'p', uid: 'old' } })).body).toMatchObject({ code: 409, message: expect.stringMatching(/^Operation cannot be fulfilled on Pod "p": the UID in the bound object reference \(old\) does not match/) })
  })

  test('of a pod lives on for old clients, and says when to warn', async () => {
    const unbound = await claimsOf((await ask({ expirationSeconds: 3607 })).body.status.token, issuer)
    expect(unbound.exp! - unbound.iat!).toBe(3607)
    await server.call('POST', '/api/v1/namespaces/default/pods', pod('old', { spec: { serviceAccountName: 'bob', nodeName: 'n1' } }))
    const { body } = await ask({ expirationSeconds: 3607, boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'old' } })
    const claims = await claimsOf(body.status.token, issuer)
    expect(claims).toMatchObject({ 'kubernetes.io': { pod: { name: 'old' }, node: { name: 'n1' } } })
    expect((Date.parse(body.status.expirationTimestamp) / 1000) - claims.iat!).toBe(3607)
    expect(claims.exp! - claims.iat!).toBe(365 * 24 * 3600)
    expect((claims['kubernetes.io'] as { warnafter: number }).warnafter - claims.iat!).toBe(3607)
  })

  test.each([
    [{ expirationSeconds: 10 }, 'bob', 422, 'TokenRequest.authentication.k8s.io "" is invalid: spec.expirationSeconds: Invalid value: 10: may not specify a duration less than 10 minutes'],
    [{}, 'nobody', 404, 'serviceaccounts "nobody" not found'],
    [{ boundObjectRef: { kind: 'Pod', apiVersion: 'v1', name: 'none' } }, 'bob', 404, 'pods "none" not found'],
    [{ boundObjectRef: { kind: 'Rock', apiVersion: 'v1', name: 'x' } }, 'bob', 400, 'cannot bind token to object of type /v1, Kind=Rock'],
  ])('%j for %s is refused', async (spec, name, code, message) => {
    expect((await ask(spec, name)).body).toMatchObject({ code, message })
  })

  test('lives no longer than this server allows, and says so', async () => {
    const strict = await startTestServer({ serviceAccountKey: privateKey, authentication: { maxExpiration: 1200, apiAudiences: ['api', 'other'] } })
    await strict.call('POST', accounts, { metadata: { name: 'bob' } })
    const { body, headers } = await strict.call('POST', `${accounts}/bob/token`, { spec: { expirationSeconds: 7200 } }, { wire: true })
    expect(body.spec).toMatchObject({ expirationSeconds: 1200, audiences: ['api', 'other'] })
    expect(headers['warning']).toContain('requested expiration of 7200 seconds shortened to 1200 seconds')
    await strict.close()
  })

  test('names its account or nobody', async () => {
    const named = (metadata: object) => server.call('POST', `${accounts}/bob/token`, { metadata, spec: {} })
    expect((await named({ name: 'bob', namespace: 'default' })).status).toBe(201)
    expect((await named({ name: 'eve' })).body).toMatchObject({ code: 422, message: 'TokenRequest.authentication.k8s.io "bob" is invalid: metadata.name: Invalid value: "eve": must match the service account name if specified' })
  })

  test('without a key there are none', async () => {
    const keyless = await startTestServer()
    await keyless.call('POST', accounts, { metadata: { name: 'bob' } })
    expect((await keyless.call('POST', `${accounts}/bob/token`, {})).body.code).toBe(503)
    await keyless.close()
  })
})
