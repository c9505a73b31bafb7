import { struct } from '../schema/schema.ts'
import { TokenReview as StableTokenReview, TokenReviewSpec as StableTokenReviewSpec, TokenReviewStatus as StableTokenReviewStatus } from './authentication-v1-token-review.ts'
import { SelfSubjectReview as StableSelfSubjectReview, SelfSubjectReviewStatus as StableSelfSubjectReviewStatus, UserInfo as StableUserInfo } from './authentication-v1.ts'

export const SelfSubjectReviewStatus = struct('authentication/v1beta1.SelfSubjectReviewStatus', StableSelfSubjectReviewStatus.fields)
export type SelfSubjectReviewStatus = StableSelfSubjectReviewStatus

export const SelfSubjectReview = struct('authentication/v1beta1.SelfSubjectReview', StableSelfSubjectReview.fields)
export type SelfSubjectReview = StableSelfSubjectReview

export const TokenReviewSpec = struct('authentication/v1beta1.TokenReviewSpec', StableTokenReviewSpec.fields)
export type TokenReviewSpec = StableTokenReviewSpec

export const UserInfo = struct('authentication/v1beta1.UserInfo', StableUserInfo.fields)
export type UserInfo = StableUserInfo

export const TokenReviewStatus = struct('authentication/v1beta1.TokenReviewStatus', StableTokenReviewStatus.fields)
export type TokenReviewStatus = StableTokenReviewStatus

export const TokenReview = struct('authentication/v1beta1.TokenReview', StableTokenReview.fields)
export type TokenReview = StableTokenReview
