import type { Infer } from '../schema/schema.ts'
import { always, bool, list, opt, string, struct } from '../schema/schema.ts'
import { UserInfo } from './authentication-v1.ts'
import { ObjectMeta } from './meta-v1/meta.ts'

export const TokenReviewSpec = struct('authentication/v1.TokenReviewSpec', {
  token: opt(1, string),
  audiences: opt(2, list(string), { listType: 'atomic' }),
})
export interface TokenReviewSpec extends Infer<typeof TokenReviewSpec> {}

export const TokenReviewStatus = struct('authentication/v1.TokenReviewStatus', {
  authenticated: opt(1, bool),
  user: opt(2, UserInfo),
  audiences: opt(4, list(string), { listType: 'atomic' }),
  error: opt(3, string),
})
export interface TokenReviewStatus extends Infer<typeof TokenReviewStatus> {}

export const TokenReview = struct('authentication/v1.TokenReview', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, TokenReviewSpec),
  status: opt(3, TokenReviewStatus),
})
export interface TokenReview extends Infer<typeof TokenReview> {}
