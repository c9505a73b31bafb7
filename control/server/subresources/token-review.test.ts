import { generateKeyPairSync } from 'node:crypto'
import { createLocalJWKSet, jwtVerify } from 'jose'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { tokenReviews } from '../../../api/kinds/authentication-v1/reviews.ts'
import { builtinKinds } from '../../../api/kinds/registry.ts'
import { createManualClock } from '../../../host/manual-clock.ts'
import { parseTokenFile } from '../authentication/static-tokens.ts'
import { startTestServer } from '../testing/test-server.ts'
import type { TestServer } from '../testing/test-server.ts'

const { privateKey } = generateKeyPairSync('ec', { namedCurve: 'P-256' })
const older = generateKeyPairSync('rsa', { modulusLength: 2048 })
const issuer = 'https://issuer.example.com'
const clock = createManualClock({ start: '2026-01-01T00:00:00Z' })
let server: TestServer

beforeAll(async () => {
  server = await startTestServer({
    clock, kinds: [...new Set([...builtinKinds, tokenReviews])], serviceAccountKey: privateKey, serviceAccountIssuer: issuer, advertise: { address: '10.0.0.1', port: 6443 },
    authentication: { serviceAccountKeys: [older.publicKey], apiAudiences: ['api'], tokens: parseTokenFile('sesame,alice,42') },
  })
  await server.call('POST', '/api/v1/namespaces/default/serviceaccounts', { metadata: { name: 'bob' } })
})
afterAll(() => server.close())

const review = (spec: object) => server.call('POST', '/apis/authentication.k8s.io/v1/tokenreviews', { apiVersion: 'authentication.k8s.io/v1', kind: 'TokenReview', spec })
const tokenFor = async (...audiences: string[]): Promise<string> => (await server.call('POST', '/api/v1/namespaces/default/serviceaccounts/bob/token', { spec: { audiences } })).body.status.token

describe('a review', () => {
  test('says whom a token speaks for, and for which of the asked audiences it is', async () => {
    const token = await tokenFor('vault', 'api')
    const { status, body } = await review({ token, audiences: ['vault', 'bank'] })
    expect(status).toBe(201)
    expect(body).toMatchObject({ kind: 'TokenReview', apiVersion: 'authentication.k8s.io/v1', spec: { token } })
    expect(body.status).toMatchObject({ authenticated: true, audiences: ['vault'], user: { username: 'system:serviceaccount:default:bob', groups: expect.arrayContaining(['system:serviceaccounts']) } })
    expect((await review({ token })).body.status).toMatchObject({ authenticated: true, audiences: ['api'] })
    expect((await review({ token: 'sesame' })).body.status).toEqual({ authenticated: true, audiences: ['api'], user: { username: 'alice', uid: '42', groups: ['system:authenticated'] } })
  })

  test('is answered in the old version too', async () => {
    const path = '/apis/authentication.k8s.io/v1beta1/tokenreviews'
    const { status, body } = await server.call('POST', path, { apiVersion: 'authentication.k8s.io/v1beta1', kind: 'TokenReview', spec: { token: 'sesame' } })
    expect([status, body.apiVersion, body.status.user.username]).toEqual([201, 'authentication.k8s.io/v1beta1', 'alice'])
  })

  test('says why not, to those who may ask', async () => {
    const token = await tokenFor('api')
    expect((await review({ token: 'x'.repeat(20_000) })).body.status).toEqual({ user: {}, error: 'invalid bearer token' })
    expect((await review({ token, audiences: ['bank'] })).body.status).toEqual({ user: {}, error: '[invalid bearer token, token audiences ["api"] is invalid for the target audiences ["bank"]]' })
    expect((await review({ token: 'sesame', audiences: ['bank'] })).body.status).toEqual({ user: {}, error: 'invalid bearer token' })
    expect((await review({ token: 'nonsense' })).body.status).toEqual({ user: {}, error: 'invalid bearer token' })
    await clock.advance('2h')
    expect((await review({ token })).body.status).toEqual({ user: {}, error: '[invalid bearer token, service account token has expired]' })
  })

  test('needs a token', async () => {
    expect((await review({})).body).toMatchObject({ code: 400, message: 'token is required for TokenReview in authentication' })
  })
})

test('whoever may read the keys can verify a token', async () => {
  const description = await server.call('GET', '/.well-known/openid-configuration', undefined, { wire: true })
  expect(description.headers).toMatchObject({ 'content-type': 'application/json', 'cache-control': 'public, max-age=3600' })
  expect(description.body).toEqual({
    issuer, jwks_uri: 'https://10.0.0.1:6443/openid/v1/jwks', response_types_supported: ['id_token'], subject_types_supported: ['public'], id_token_signing_alg_values_supported: ['ES256', 'RS256'],
  })
  const keys = await server.call('GET', '/openid/v1/jwks', undefined, { wire: true })
  expect(keys.headers['content-type']).toBe('application/jwk-set+json')
  expect(keys.body.keys).toEqual([expect.objectContaining({ use: 'sig', kty: 'EC', alg: 'ES256' }), expect.objectContaining({ use: 'sig', kty: 'RSA', alg: 'RS256', e: 'AQAB' })])
  expect(JSON.stringify(keys.body)).not.toContain('"d"')
  const { payload } = await jwtVerify(await tokenFor('vault'), createLocalJWKSet(keys.body), { issuer, audience: 'vault', currentDate: new Date(clock.now()) })
  expect(payload.sub).toBe('system:serviceaccount:default:bob')
})
