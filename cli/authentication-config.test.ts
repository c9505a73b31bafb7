import { generateKeyPairSync } from 'node:crypto'
import { Command } from 'commander'
import { describe, expect, test } from 'vitest'
import { authenticationDefaults, authenticationOptions, authenticationProblems } from './authentication-config.ts'
import type { AuthenticationConfig } from './authentication-config.ts'
import { askedAuthentication, withAuthentication } from './authentication-flags.ts'

const requestHeader = { ca: 'PEM', allowedNames: ['front-proxy-client'] }
const asked = (...flags: string[]): Partial<AuthenticationConfig> => {
  const command = withAuthentication(new Command()).parse(flags, { from: 'user' })
  return Object.fromEntries(Object.entries(askedAuthentication(command.opts())).filter(([, value]) => value !== undefined))
}
const files: Record<string, string> = { '/key': generateKeyPairSync('ec', { namedCurve: 'P-256', publicKeyEncoding: { type: 'spki', format: 'pem' }, privateKeyEncoding: { type: 'pkcs8', format: 'pem' } }).privateKey, '/tokens': 't,jane,1,"a,b"', '/ca': 'CA' }
const read = async (path: string) => files[path] ?? Promise.reject(new Error(`no ${path}`))

describe('who gets in', () => {
  test('is nobody else by default', async () => {
    expect(authenticationProblems(authenticationDefaults)).toEqual([])
    expect(await authenticationOptions(authenticationDefaults, requestHeader, read)).toEqual({ requestHeader, apiAudiences: [], serviceAccountKeys: [], serviceAccountIssuers: [] })
    expect(asked()).toEqual({})
  })

  test('is said by the flags of the original', async () => {
    const config = { ...authenticationDefaults, ...asked(
      '--token-auth-file', '/tokens', '--api-audiences', 'api, vault', '--oidc-issuer-url', 'https://idp', '--oidc-client-id', 'k8s', '--oidc-groups-claim', 'roles', '--oidc-groups-prefix', 'oidc:',
      '--oidc-required-claim', 'team=red', '--oidc-required-claim', 'note=a=b', '--oidc-ca-file', '/ca', '--oidc-signing-algs', 'RS256,ES256', '--service-account-key-file', '/key', '--service-account-issuer', 'https://new', '--service-account-issuer', 'https://old',
    ) }
    expect(authenticationProblems(config)).toEqual([])
    const { tokens, oidc, apiAudiences, serviceAccountKeys, serviceAccountIssuers } = await authenticationOptions(config, requestHeader, read)
    expect(apiAudiences).toEqual(['api', 'vault'])
    expect(serviceAccountKeys!.map(({ type }) => type)).toEqual(['public'])
    expect(serviceAccountIssuers).toEqual(['https://old'])
    expect([...tokens!.keys()]).toEqual(['t'])
    expect(oidc).toEqual({ issuerURL: 'https://idp', clientID: 'k8s', usernameClaim: 'sub', groupsClaim: 'roles', groupsPrefix: 'oidc:', requiredClaims: { team: 'red', note: 'a=b' }, signingAlgs: ['RS256', 'ES256'], ca: 'CA' })
  })

  test.each([
    [['--legacy-service-account-token-no-auto-generation'], { legacyServiceAccountTokenNoAutoGeneration: true }],
    [['--legacy-service-account-token-no-auto-generation=false'], { legacyServiceAccountTokenNoAutoGeneration: false }],
    [['--token-auth-file', '', '--oidc-issuer-url', ''], { tokenAuthFile: null, oidcIssuerURL: null }],
  ])('%j', (flags, config) => {
    expect(asked(...flags)).toEqual(config)
  })

  test.each<[Partial<AuthenticationConfig>, string]>([
    [{ tokenAuthFile: 'tokens' }, 'tokenAuthFile "tokens" is not an absolute path'],
    [{ oidcIssuerURL: 'http://idp', oidcClientID: 'x' }, 'oidcIssuerURL "http://idp" is not an https URL'],
    [{ oidcIssuerURL: 'https://idp' }, 'oidcIssuerURL needs an oidcClientID'],
    [{ oidcRequiredClaims: ['team'] }, 'oidcRequiredClaims ["team"] are not of the form key=value'],
    [{ oidcSigningAlgs: ['HS256'] }, 'oidcSigningAlgs ["HS256"] are not among RS256, RS384, RS512, ES256, ES384, ES512, PS256, PS384, PS512'],
    [{ serviceAccountKeyFiles: ['sa.key'] }, 'serviceAccountKeyFiles "sa.key" is not an absolute path'],
    [{ apiAudiences: 'api' as never }, 'apiAudiences "api" is not a list of texts'],
    [{ legacyServiceAccountTokenNoAutoGeneration: 'yes' as never }, 'legacyServiceAccountTokenNoAutoGeneration must be true or false'],
  ])('%j is refused', (over, problem) => {
    expect(authenticationProblems({ ...authenticationDefaults, ...over })).toEqual([problem])
  })
})
