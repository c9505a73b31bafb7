import type { Infer } from '../schema/schema.ts'
import { always, int64, list, map, opt, string, struct, time } from '../schema/schema.ts'
import { ObjectMeta } from './meta-v1/meta.ts'

export const BoundObjectReference = struct('authentication/v1.BoundObjectReference', {
  kind: opt(1, string),
  apiVersion: opt(2, string),
  name: opt(3, string),
  uid: opt(4, string),
})
export interface BoundObjectReference extends Infer<typeof BoundObjectReference> {}

export const UserInfo = struct('authentication/v1.UserInfo', {
  username: opt(1, string),
  uid: opt(2, string),
  groups: opt(3, list(string), { listType: 'atomic' }),
  extra: opt(4, map(list(string))),
})
export interface UserInfo extends Infer<typeof UserInfo> {}

export const SelfSubjectReviewStatus = struct('authentication/v1.SelfSubjectReviewStatus', {
  userInfo: opt(1, UserInfo),
})
export interface SelfSubjectReviewStatus extends Infer<typeof SelfSubjectReviewStatus> {}

export const SelfSubjectReview = struct('authentication/v1.SelfSubjectReview', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  status: opt(2, SelfSubjectReviewStatus),
})
export interface SelfSubjectReview extends Infer<typeof SelfSubjectReview> {}

export const TokenRequestSpec = struct('authentication/v1.TokenRequestSpec', {
  audiences: opt(1, list(string), { listType: 'atomic' }),
  expirationSeconds: opt(4, int64, { pointer: true }),
  boundObjectRef: opt(3, BoundObjectReference),
})
export interface TokenRequestSpec extends Infer<typeof TokenRequestSpec> {}

export const TokenRequestStatus = struct('authentication/v1.TokenRequestStatus', {
  token: opt(1, string),
  expirationTimestamp: opt(2, time),
})
export interface TokenRequestStatus extends Infer<typeof TokenRequestStatus> {}

export const TokenRequest = struct('authentication/v1.TokenRequest', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, TokenRequestSpec),
  status: opt(3, TokenRequestStatus),
})
export interface TokenRequest extends Infer<typeof TokenRequest> {}
