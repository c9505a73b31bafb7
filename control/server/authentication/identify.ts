import { ApiError, unauthorized } from '../../../api/errors.ts'
import type { UserInfo } from '../../../api/transport.ts'
import type { Peer } from '../peer.ts'
import type { Authenticated, TokenAuthenticator } from './authenticator.ts'
import { credentialOf } from './credentials.ts'
import type { Headers } from './credentials.ts'
import { dropRemoteHeaders, remoteUser } from './request-header.ts'

/** Who asks, or undefined: nobody who is known. What gave them away (tokens, a proxy's headers) is taken out of `headers`. */
export type Identify = (request: Asking, peer: Peer | undefined) => UserInfo | undefined | Promise<UserInfo | undefined>

/** The head of a request. `rawHeaders`: names and values in turn, as they came. */
export interface Asking { readonly headers: Headers; readonly rawHeaders?: readonly string[] | undefined }

/**
 * The chain of the original: a trusted proxy's word, then the client certificate, then tokens. Synchronous unless a token has to be
 * verified. A bad token is nobody, and its header stays: `carriesToken` tells that somebody was refused, not that nobody asked.
 */
export const identifier = (tokens: readonly TokenAuthenticator[]): Identify => (request, peer) => {
  const headers = request.headers as Record<string, string | undefined>
  const remote = peer?.frontProxy ? remoteUser(headers, request.rawHeaders) : undefined
  if (peer?.frontProxy) dropRemoteHeaders(headers)
  const known = remote ?? peer?.user
  const credential = credentialOf(headers)
  if (credential === undefined) return known
  const clean = (user: UserInfo): UserInfo => {
    delete headers['authorization']
    if (credential === 'malformed') delete headers['sec-websocket-protocol']
    else if (credential.protocols !== undefined) headers['sec-websocket-protocol'] = credential.protocols
    return user
  }
  if (known) return clean(known)
  if (credential === 'malformed') return undefined
  const found = authenticateToken(tokens, credential.token, [])
  if (found instanceof Promise) return found.then(({ user }) => clean(user), nobody)
  return found && clean(found.user)
}

/** Whether a request shows a token: one that was not accepted, if it still does. */
export const carriesToken = (headers: Headers): boolean => credentialOf(headers) !== undefined

function nobody(error: unknown): undefined {
  if (error instanceof ApiError && error.code === 401) return undefined
  throw error
}

/**
 * Asks one authenticator after the other, on to the next after a refusal, too: two may share an issuer. Synchronously undefined when a
 * token is nobody's; a promise of one that is nobody's rejects with 401, whose message is for TokenReview alone.
 */
export function authenticateToken(tokens: readonly TokenAuthenticator[], token: string, audiences: readonly string[]): Authenticated | undefined | Promise<Authenticated> {
  for (const [i, authenticator] of tokens.entries()) {
    const found = attempt(authenticator, token, audiences)
    if (found instanceof Promise) return settle(found, tokens.slice(i + 1), token, audiences)
    if (found instanceof ApiError) return settle(Promise.reject(found), tokens.slice(i + 1), token, audiences)
    if (found) return found
  }
  return undefined
}

function attempt(authenticator: TokenAuthenticator, token: string, audiences: readonly string[]) {
  try {
    return authenticator.authenticate(token, audiences)
  } catch (error) {
    if (error instanceof ApiError) return error
    throw error
  }
}

async function settle(first: Promise<Authenticated | undefined>, rest: readonly TokenAuthenticator[], token: string, audiences: readonly string[]): Promise<Authenticated> {
  const refusals: ApiError[] = []
  for (const found of [() => first, ...rest.map((authenticator) => async () => authenticator.authenticate(token, audiences))]) {
    try {
      const authenticated = await found()
      if (authenticated) return authenticated
    } catch (error) {
      if (!(error instanceof ApiError)) throw error
      refusals.push(error)
    }
  }
  throw unauthorized(refusals.length === 0 ? invalidToken : `[${[invalidToken, ...refusals.map(({ message }) => message)].join(', ')}]`)
}

/** What TokenReview says of a token that nobody knows. */
export const invalidToken = 'invalid bearer token'
