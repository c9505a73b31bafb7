import { unauthorized } from '../../../api/errors.ts'
import { legacyIssuer } from '../../pki/account-token.ts'
import { claimedIssuer, openToken } from '../../pki/token-key.ts'
import type { TokenKey } from '../../pki/token-key.ts'
import type { Tools } from '../tools.ts'
import type { Authenticated, TokenAuthenticator } from './authenticator.ts'
import { checkBoundObjects, leeway } from './bound-objects.ts'
import { readClaims } from './service-account-claims.ts'
import type { AccountClaims } from './service-account-claims.ts'
import { TokenCache } from './token-cache.ts'

export interface ServiceAccountTokensOptions {
  /** By any of these a token may be signed: several while keys are changed. */
  readonly keys: readonly TokenKey[]
  readonly issuers: readonly string[]
  /** Of this server: for one of these a token must be, unless others are asked for. */
  readonly audiences: readonly string[]
}

/**
 * Tokens that this cluster has signed. That a signature is right is remembered for a while, by the token's hash; the time and the
 * objects the token is tied to are looked at each time, from memory.
 */
export function serviceAccountTokens(tools: Pick<Tools, 'resources' | 'clock'>, { keys, issuers, audiences: own }: ServiceAccountTokensOptions): TokenAuthenticator {
  const known = new TokenCache<AccountClaims>(tools.clock)
  const judge = (token: string, claims: AccountClaims, asked: readonly string[]): Authenticated | Promise<Authenticated> => {
    checkTimes(claims, tools.clock.now())
    const wanted = asked.length > 0 ? asked : own
    // A token that names no audience is for this server.
    const theirs = claims.audiences.length > 0 ? claims.audiences : own
    const audiences = theirs.filter((audience) => wanted.includes(audience))
    if (audiences.length === 0) throw unauthorized(`token audiences ${quoted(theirs)} is invalid for the target audiences ${quoted(wanted)}`)
    const authenticated = { user: claims.user, audiences }
    return checkBoundObjects(tools, token, claims)?.then(() => authenticated) ?? authenticated
  }
  const open = async (token: string, asked: readonly string[]): Promise<Authenticated> => {
    const opened = await openToken(token, keys)
    const claims = opened && readClaims(opened)
    if (!claims) throw unauthorized('the token is not signed by a key of this cluster')
    known.set(token, claims)
    return judge(token, claims, asked)
  }
  return {
    name: 'serviceaccount',
    authenticate(token, asked) {
      const claims = known.get(token)
      if (claims) return judge(token, claims, asked)
      const issuer = claimedIssuer(token)
      if (issuer === undefined || (issuer !== legacyIssuer && !issuers.includes(issuer))) return undefined
      return open(token, asked)
    },
  }
}

function checkTimes({ expires, notBefore }: AccountClaims, now: number): void {
  if (expires !== undefined && now > expires * 1000 + leeway) throw unauthorized('service account token has expired')
  if (notBefore !== undefined && now < notBefore * 1000 - leeway) throw unauthorized('service account token is not valid yet')
}

/** A list of texts as Go prints it with `%q`. */
const quoted = (texts: readonly string[]): string => `[${texts.map((text) => JSON.stringify(text)).join(' ')}]`
