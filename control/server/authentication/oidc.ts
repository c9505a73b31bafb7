import type { CompactVerifyGetKey } from 'jose'
import type { Logger } from 'pino'
import { unauthorized } from '../../../api/errors.ts'
import type { UserInfo } from '../../../api/transport.ts'
import type { Clock } from '../../../host/clock.ts'
import { claimedIssuer } from '../../pki/token-key.ts'
import { impliedAudiences } from './authenticator.ts'
import type { TokenAuthenticator } from './authenticator.ts'
import { fetchHttps } from './fetch-https.ts'
import type { FetchText } from './fetch-https.ts'
import { providerKeys } from './oidc-keys.ts'
import { TokenCache } from './token-cache.ts'

/** An OpenID Connect provider whose ID tokens are believed: the `--oidc-…` flags of the original. */
export interface OIDCOptions {
  /** https; must be `iss` of the tokens. */
  readonly issuerURL: string
  /** For whom the tokens must be. */
  readonly clientID: string
  /** Default `sub`. */
  readonly usernameClaim?: string
  /** Default the issuer and `#`, unless the name is an e-mail address; `-` for none. */
  readonly usernamePrefix?: string
  readonly groupsClaim?: string
  readonly groupsPrefix?: string
  /** What tokens must say beside. */
  readonly requiredClaims?: Readonly<Record<string, string>>
  /** Default RS256. */
  readonly signingAlgs?: readonly string[]
  /** PEM: who signs the provider's certificate. Default the authorities of the system. */
  readonly ca?: string
}

/** What the authenticator needs of the server. `audiences`: the server's own. */
export interface OIDCDeps { readonly clock: Clock; readonly log: Logger; readonly audiences: readonly string[]; readonly fetch?: FetchText }

type Claims = Readonly<Record<string, unknown>>
const asymmetric = /^(RS|ES|PS)(256|384|512)$/
/** How early a token may come, for clocks that differ. */
const early = 300

/** Throws a `RangeError` in a sentence for options that cannot be meant. */
export function oidcTokens(options: OIDCOptions, { clock, log, audiences, fetch = fetchHttps }: OIDCDeps): TokenAuthenticator {
  const { issuerURL, ca, signingAlgs = ['RS256'] } = options
  if (!URL.canParse(issuerURL) || new URL(issuerURL).protocol !== 'https:') throw new RangeError(`Cannot use the OIDC issuer ${JSON.stringify(issuerURL)}: it is no https URL`)
  if (options.clientID === '') throw new RangeError('Cannot use the OIDC issuer: it needs a client id')
  const weak = signingAlgs.find((algorithm) => !asymmetric.test(algorithm))
  if (weak !== undefined) throw new RangeError(`Cannot use the OIDC signing algorithm ${JSON.stringify(weak)}`)
  const keys = providerKeys({ issuerURL, ca, clock, fetch })
  const known = new TokenCache<Claims>(clock, { lifetime: 10_000 })

  async function open(token: string): Promise<Claims> {
    const key = await keys.current().catch((error: unknown) => {
      log.warn({ err: error, issuer: issuerURL }, 'Cannot read the keys of the OIDC issuer')
      throw unauthorized('oidc: authenticator not initialized')
    })
    const claims = await verified(token, key, signingAlgs) ?? await keys.renewed()?.then((newer) => verified(token, newer, signingAlgs))
    if (!claims) throw unauthorized('oidc: verify token: failed to verify signature')
    known.set(token, claims)
    return claims
  }

  return {
    name: 'oidc',
    async authenticate(token, asked) {
      const good = impliedAudiences(audiences, asked)
      if (!good || claimedIssuer(token) !== issuerURL) return undefined
      const claims = known.get(token) ?? await open(token)
      checkClaims(claims, options, clock.now() / 1000)
      return { user: userOf(claims, options), audiences: good }
    },
  }
}

/** The claims, if a key of the set has signed them. */
async function verified(token: string, key: CompactVerifyGetKey, algorithms: readonly string[]): Promise<Claims | undefined> {
  const { compactVerify } = await import('jose')
  try {
    const { payload } = await compactVerify(token, key, { algorithms: [...algorithms] })
    return JSON.parse(Buffer.from(payload).toString()) as Claims
  } catch {
    return undefined
  }
}

/** OpenID Connect Core 1.0, section 3.1.3.7, as far as it concerns a token that comes alone. */
function checkClaims(claims: Claims, { issuerURL, clientID, requiredClaims = {} }: OIDCOptions, now: number): void {
  const { iss, aud, exp, nbf } = claims
  if (iss !== issuerURL) throw unauthorized('oidc: verify token: oidc: id token issued by a different provider')
  if (![aud].flat().includes(clientID)) throw unauthorized(`oidc: verify token: oidc: expected audience ${JSON.stringify(clientID)}`)
  if (typeof exp !== 'number' || exp <= now) throw unauthorized('oidc: verify token: oidc: token is expired')
  if (typeof nbf === 'number' && nbf > now + early) throw unauthorized('oidc: verify token: oidc: current time before the nbf (not before) time')
  for (const [name, value] of Object.entries(requiredClaims)) {
    if (!Object.hasOwn(claims, name)) throw unauthorized(`oidc: required claim ${name} not present in ID token`)
    if (claims[name] !== value) throw unauthorized(`oidc: required claim ${name} value does not match`)
  }
}

function userOf(claims: Claims, { issuerURL, usernameClaim = 'sub', usernamePrefix, groupsClaim, groupsPrefix = '' }: OIDCOptions): UserInfo {
  const name = Object.hasOwn(claims, usernameClaim) ? claims[usernameClaim] : undefined
  if (typeof name !== 'string' || name === '') throw unauthorized(`oidc: parse username claims ${JSON.stringify(usernameClaim)}: claim not present`)
  if (usernameClaim === 'email' && Object.hasOwn(claims, 'email_verified') && claims['email_verified'] !== true) throw unauthorized('oidc: email not verified')
  const prefix = usernamePrefix === '-' ? '' : usernamePrefix ?? (usernameClaim === 'email' ? '' : `${issuerURL}#`)
  const named = groupsClaim !== undefined && Object.hasOwn(claims, groupsClaim) ? [claims[groupsClaim]].flat() : []
  if (named.some((group) => typeof group !== 'string')) throw unauthorized(`oidc: parse groups claim ${JSON.stringify(groupsClaim)}: it is no list of texts`)
  const { jti } = claims
  return {
    name: prefix + name, groups: [...new Set([...named.map((group) => groupsPrefix + String(group)), 'system:authenticated'])],
    ...(typeof jti === 'string' && jti && { extra: { 'authentication.kubernetes.io/credential-id': [`JTI=${jti}`] } }),
  }
}
