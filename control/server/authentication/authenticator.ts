import type { UserInfo } from '../../../api/transport.ts'

/**
 * Finds out whom a bearer token speaks for. `undefined`: not one of mine, ask the next. Throws `ApiError` 401 for one that is
 * mine and not (or no longer) good.
 */
export interface TokenAuthenticator {
  readonly name: string
  /** `audiences`: for whom the token must be; the API server's own when empty. */
  authenticate(token: string, audiences: readonly string[]): Authenticated | undefined | Promise<Authenticated | undefined>
}

/**
 * The audiences of which a token that names none is good: this server's, as far as they are asked for. Undefined when none of them is, for such
 * a token is then nobody's.
 */
export function impliedAudiences(own: readonly string[], asked: readonly string[]): readonly string[] | undefined {
  if (asked.length === 0) return own
  const common = own.filter((audience) => asked.includes(audience))
  return common.length > 0 ? common : undefined
}

/** Whom a token speaks for, and for which of the asked audiences it is good (TokenReview tells them). */
export interface Authenticated { readonly user: UserInfo; readonly audiences?: readonly string[] }
