import type { Infer } from '../schema/schema.ts'
import { always, list, map, opt, string, struct } from '../schema/schema.ts'
import { NonResourceAttributes as StableNonResourceAttributes, NonResourceRule as StableNonResourceRule, ResourceAttributes as StableResourceAttributes, ResourceRule as StableResourceRule, SelfSubjectAccessReview as StableSelfSubjectAccessReview, SelfSubjectAccessReviewSpec as StableSelfSubjectAccessReviewSpec, SelfSubjectRulesReview as StableSelfSubjectRulesReview, SelfSubjectRulesReviewSpec as StableSelfSubjectRulesReviewSpec, SubjectAccessReviewStatus as StableSubjectAccessReviewStatus, SubjectRulesReviewStatus as StableSubjectRulesReviewStatus } from './authorization-v1.ts'
import { ObjectMeta } from './meta-v1/meta.ts'

export const NonResourceAttributes = struct('authorization/v1beta1.NonResourceAttributes', StableNonResourceAttributes.fields)
export type NonResourceAttributes = StableNonResourceAttributes

export const ResourceAttributes = struct('authorization/v1beta1.ResourceAttributes', StableResourceAttributes.fields)
export type ResourceAttributes = StableResourceAttributes

export const SubjectAccessReviewSpec = struct('authorization/v1beta1.SubjectAccessReviewSpec', {
  resourceAttributes: opt(1, ResourceAttributes),
  nonResourceAttributes: opt(2, NonResourceAttributes),
  user: opt(3, string),
  group: opt(4, list(string), { listType: 'atomic' }),
  extra: opt(5, map(list(string))),
  uid: opt(6, string),
})
export interface SubjectAccessReviewSpec extends Infer<typeof SubjectAccessReviewSpec> {}

export const SubjectAccessReviewStatus = struct('authorization/v1beta1.SubjectAccessReviewStatus', StableSubjectAccessReviewStatus.fields)
export type SubjectAccessReviewStatus = StableSubjectAccessReviewStatus

export const LocalSubjectAccessReview = struct('authorization/v1beta1.LocalSubjectAccessReview', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, SubjectAccessReviewSpec),
  status: opt(3, SubjectAccessReviewStatus),
})
export interface LocalSubjectAccessReview extends Infer<typeof LocalSubjectAccessReview> {}

export const NonResourceRule = struct('authorization/v1beta1.NonResourceRule', StableNonResourceRule.fields)
export type NonResourceRule = StableNonResourceRule

export const ResourceRule = struct('authorization/v1beta1.ResourceRule', StableResourceRule.fields)
export type ResourceRule = StableResourceRule

export const SelfSubjectAccessReviewSpec = struct('authorization/v1beta1.SelfSubjectAccessReviewSpec', StableSelfSubjectAccessReviewSpec.fields)
export type SelfSubjectAccessReviewSpec = StableSelfSubjectAccessReviewSpec

export const SelfSubjectAccessReview = struct('authorization/v1beta1.SelfSubjectAccessReview', StableSelfSubjectAccessReview.fields)
export type SelfSubjectAccessReview = StableSelfSubjectAccessReview

export const SelfSubjectRulesReviewSpec = struct('authorization/v1beta1.SelfSubjectRulesReviewSpec', StableSelfSubjectRulesReviewSpec.fields)
export type SelfSubjectRulesReviewSpec = StableSelfSubjectRulesReviewSpec

export const SubjectRulesReviewStatus = struct('authorization/v1beta1.SubjectRulesReviewStatus', StableSubjectRulesReviewStatus.fields)
export type SubjectRulesReviewStatus = StableSubjectRulesReviewStatus

export const SelfSubjectRulesReview = struct('authorization/v1beta1.SelfSubjectRulesReview', StableSelfSubjectRulesReview.fields)
export type SelfSubjectRulesReview = StableSelfSubjectRulesReview

export const SubjectAccessReview = struct('authorization/v1beta1.SubjectAccessReview', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, SubjectAccessReviewSpec),
  status: opt(3, SubjectAccessReviewStatus),
})
export interface SubjectAccessReview extends Infer<typeof SubjectAccessReview> {}
