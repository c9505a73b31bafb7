import { generateKeyPairSync } from 'node:crypto'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import { SignJWT } from 'jose'
import type { JWTPayload } from 'jose'
import { pino } from 'pino'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'
import { systemClock } from '../../../host/clock.ts'
import { createManualClock } from '../../../host/manual-clock.ts'
import { createAuthority, issue } from '../../pki/certificate.ts'
import { tokenKey } from '../../pki/token-key.ts'
import { startTestServer } from '../testing/test-server.ts'
import { oidcTokens } from './oidc.ts'
import type { OIDCOptions } from './oidc.ts'

const first = generateKeyPairSync('rsa', { modulusLength: 2048 })
const second = generateKeyPairSync('rsa', { modulusLength: 2048 })
const clock = createManualClock({ start: '2026-01-01T00:00:00Z' })
const now = () => Math.floor(clock.now() / 1000)
const log = pino({ level: 'silent' })
const jwk = ({ publicKey }: typeof first) => ({ ...publicKey.export({ format: 'jwk' }), use: 'sig', alg: 'RS256', kid: tokenKey(publicKey).id })

/** A provider on loopback, with a certificate of an authority nobody else knows. */
let issuerURL: string
let ca: string
let published = [jwk(first)]
const asked: string[] = []
let provider: ReturnType<typeof createServer>

beforeAll(async () => {
  const authority = await createAuthority({ commonName: 'idp-ca', clock: systemClock })
  const { key, certificate } = await issue(authority, { commonName: 'idp', ips: ['127.0.0.1'], usages: ['server'], clock: systemClock })
  ca = authority.certificate
  provider = createServer({ key, cert: certificate }, (request, response) => {
    asked.push(request.url!)
    const documents: Record<string, unknown> = { '/.well-known/openid-configuration': { issuer: issuerURL, jwks_uri: `${issuerURL}/keys` }, '/keys': { keys: published } }
    response.writeHead(documents[request.url!] ? 200 : 404).end(JSON.stringify(documents[request.url!]))
  })
  await new Promise<void>((resolve) => { provider.listen(0, '127.0.0.1', resolve) })
  issuerURL = `https://127.0.0.1:${(provider.address() as AddressInfo).port}`
})
afterAll(() => new Promise((resolve) => { provider.close(resolve) }))

const tokenOf = (claims: JWTPayload = {}, by = first) =>
  new SignJWT({ iss: issuerURL, aud: 'k8s', sub: 'jane', exp: now() + 600, ...claims }).setProtectedHeader({ alg: 'RS256', kid: tokenKey(by.publicKey).id }).sign(by.privateKey)
const authenticator = (more: Partial<OIDCOptions> = {}) => oidcTokens({ issuerURL, clientID: 'k8s', ca, ...more }, { clock, log, audiences: ['api'] })

describe('an ID token', () => {
  test('speaks for its subject, at the server itself', async () => {
    const server = await startTestServer({ clock, authorizer: { authorize: () => ({ verdict: 'allow' }) }, authentication: { oidc: { issuerURL, clientID: 'k8s', ca, groupsClaim: 'roles', groupsPrefix: 'oidc:' } } })
    const { body } = await server.server.transport({
      method: 'POST', path: '/apis/authentication.k8s.io/v1/selfsubjectreviews', query: new URLSearchParams(),
      headers: { 'content-type': 'application/json', authorization: `Bearer ${await tokenOf({ roles: ['devs'], jti: '7' })}` }, body: { kind: 'value', value: {} },
    })
    expect((body as any).value.status.userInfo).toEqual({ username: `${issuerURL}#jane`, groups: ['oidc:devs', 'system:authenticated'], extra: { 'authentication.kubernetes.io/credential-id': ['JTI=7'] } })
    await server.close()
  })

  test.each<[Partial<OIDCOptions>, JWTPayload, string]>([
    [{ usernameClaim: 'email' }, { email: 'jane@example.com', email_verified: true }, 'jane@example.com'],
    [{ usernameClaim: 'email' }, { email: 'jane@example.com' }, 'jane@example.com'],
    [{ usernameClaim: 'name', usernamePrefix: '-' }, { name: 'Jane' }, 'Jane'],
    [{ usernamePrefix: 'x:' }, { aud: ['other', 'k8s'] }, 'x:jane'],
    [{ usernamePrefix: '-', requiredClaims: { team: 'red' } }, { team: 'red' }, 'jane'],
  ])('with %j and %j is %s', async (options, claims, name) => {
    expect((await authenticator(options).authenticate(await tokenOf(claims), []))?.user.name).toBe(name)
  })

  test.each<[string, Partial<OIDCOptions>, () => JWTPayload]>([
    ['for somebody else', {}, () => ({ aud: 'other' })],
    ['that is over', {}, () => ({ exp: now() - 1 })],
    ['that begins later', {}, () => ({ nbf: now() + 600 })],
    ['without the name', { usernameClaim: 'name' }, () => ({})],
    ['with an address nobody has checked', { usernameClaim: 'email' }, () => ({ email: 'a@b', email_verified: false })],
    ['without what is required', { requiredClaims: { team: 'red' } }, () => ({ team: 'blue' })],
    ['with groups that are none', { groupsClaim: 'roles' }, () => ({ roles: [{}] })],
    ['with another algorithm than allowed', { signingAlgs: ['ES256'] }, () => ({})],
  ])('%s is refused', async (_, options, claims) => {
    await expect(authenticator(options).authenticate(await tokenOf(claims()), [])).rejects.toMatchObject({ code: 401 })
  })

  test('of another issuer is left to others', async () => {
    expect(await authenticator().authenticate(await tokenOf({ iss: 'https://elsewhere' }), [])).toBeUndefined()
  })

  test('signed by a new key is known once the provider publishes it; strangers do not make us ask', async () => {
    const own = authenticator()
    await own.authenticate(await tokenOf(), [])
    const before = asked.length
    for (let i = 0; i < 3; i++) await expect(own.authenticate(await tokenOf({ jti: String(i) }, second), [])).rejects.toMatchObject({ code: 401 })
    expect(asked.length).toBe(before)
    published = [jwk(first), jwk(second)]
    await clock.advance('11s')
    expect((await own.authenticate(await tokenOf({}, second), []))?.user.name).toBe(`${issuerURL}#jane`)
    expect(asked.slice(before)).toEqual(['/keys'])
  })

  test('is refused while the provider is not to be trusted or not there', async () => {
    const { ca: _, ...blind } = { issuerURL, clientID: 'k8s', ca }
    await expect(oidcTokens(blind, { clock, log, audiences: [] }).authenticate(await tokenOf(), [])).rejects.toMatchObject({ message: 'oidc: authenticator not initialized' })
    const liar = oidcTokens({ ...blind, ca }, { clock, log, audiences: [], fetch: async () => JSON.stringify({ issuer: 'https://elsewhere', jwks_uri: 'https://elsewhere/keys' }) })
    await expect(liar.authenticate(await tokenOf(), [])).rejects.toMatchObject({ code: 401 })
  })
})

test('options that cannot be meant are refused', () => {
  expect(() => authenticator({ issuerURL: 'http://plain' })).toThrow('Cannot use the OIDC issuer "http://plain": it is no https URL')
  expect(() => authenticator({ signingAlgs: ['none'] })).toThrow('Cannot use the OIDC signing algorithm "none"')
  expect(() => authenticator({ signingAlgs: ['HS256'] })).toThrow(RangeError)
})
