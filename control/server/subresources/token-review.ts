import { ApiError, badRequest } from '../../../api/errors.ts'
import { apiVersionOf } from '../../../api/kinds/kind.ts'
import type { TokenReview, TokenReviewStatus } from '../../../api/types/authentication-v1-token-review.ts'
import type { Authenticated } from '../authentication/authenticator.ts'
import type { Authentication } from '../authentication/create-authentication.ts'
import { longestToken } from '../authentication/credentials.ts'
import { authenticateToken, invalidToken } from '../authentication/identify.ts'
import { writeOptions } from '../options.ts'
import { expectedOf, readObject } from '../read-body.ts'
import { valueResponse } from '../respond.ts'
import type { ResourceHandler } from '../router.ts'
import { admitReview } from './admit-review.ts'

type Known = Pick<Authentication, 'tokens' | 'audiences'>

/** POST `tokenreviews`: whom a token speaks for. The answer repeats the question, as in the original. */
export const reviewToken = ({ tokens, audiences }: Known): ResourceHandler => async (server, context) => {
  const { kind, request } = context
  const { fieldValidation } = writeOptions(request.query, 'CreateOptions')
  const review: TokenReview = readObject(context, expectedOf(kind), fieldValidation)
  await admitReview(server, context, review)
  const token = review.spec.token ?? ''
  if (token === '') throw badRequest('token is required for TokenReview in authentication')
  const asked = review.spec.audiences?.length ? review.spec.audiences : audiences
  return valueResponse(context, 201, {
    kind: kind.kind, apiVersion: apiVersionOf(kind), metadata: { ...review.metadata }, spec: review.spec, status: await judge({ tokens, audiences }, token, asked),
  })
}

async function judge({ tokens }: Known, token: string, asked: readonly string[]): Promise<TokenReviewStatus> {
  if (token.length > longestToken) return { user: {}, error: invalidToken }
  try {
    const found = await authenticateToken(tokens, token, asked)
    return found ? statusOf(found) : { user: {}, error: invalidToken }
  } catch (error) {
    if (error instanceof ApiError && error.code === 401) return { user: {}, error: error.message }
    throw error
  }
}

const statusOf = ({ user: { name, uid, groups, extra }, audiences }: Authenticated): TokenReviewStatus => ({
  authenticated: true, user: { username: name, ...(uid && { uid }), groups: [...groups], ...(extra && { extra: structuredClone(extra) as Record<string, string[]> }) },
  ...(audiences && { audiences: [...audiences] }),
})
