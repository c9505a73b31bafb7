import type { Infer } from '../schema/schema.ts'
import { always, bool, list, map, opt, req, string, struct } from '../schema/schema.ts'
import { LabelSelectorRequirement, ObjectMeta } from './meta-v1/meta.ts'
import { FieldSelectorRequirement } from './meta-v1/request-options.ts'

export const FieldSelectorAttributes = struct('authorization/v1.FieldSelectorAttributes', {
  rawSelector: opt(1, string),
  requirements: opt(2, list(FieldSelectorRequirement), { listType: 'atomic' }),
})
export interface FieldSelectorAttributes extends Infer<typeof FieldSelectorAttributes> {}

export const LabelSelectorAttributes = struct('authorization/v1.LabelSelectorAttributes', {
  rawSelector: opt(1, string),
  requirements: opt(2, list(LabelSelectorRequirement), { listType: 'atomic' }),
})
export interface LabelSelectorAttributes extends Infer<typeof LabelSelectorAttributes> {}

export const NonResourceAttributes = struct('authorization/v1.NonResourceAttributes', {
  path: opt(1, string),
  verb: opt(2, string),
})
export interface NonResourceAttributes extends Infer<typeof NonResourceAttributes> {}

export const ResourceAttributes = struct('authorization/v1.ResourceAttributes', {
  namespace: opt(1, string),
  verb: opt(2, string),
  group: opt(3, string),
  version: opt(4, string),
  resource: opt(5, string),
  subresource: opt(6, string),
  name: opt(7, string),
  fieldSelector: opt(8, FieldSelectorAttributes),
  labelSelector: opt(9, LabelSelectorAttributes),
})
export interface ResourceAttributes extends Infer<typeof ResourceAttributes> {}

export const SubjectAccessReviewSpec = struct('authorization/v1.SubjectAccessReviewSpec', {
  resourceAttributes: opt(1, ResourceAttributes),
  nonResourceAttributes: opt(2, NonResourceAttributes),
  user: opt(3, string),
  groups: opt(4, list(string), { listType: 'atomic' }),
  extra: opt(5, map(list(string))),
  uid: opt(6, string),
})
export interface SubjectAccessReviewSpec extends Infer<typeof SubjectAccessReviewSpec> {}

export const SubjectAccessReviewStatus = struct('authorization/v1.SubjectAccessReviewStatus', {
  allowed: req(1, bool),
  denied: opt(4, bool),
  reason: opt(2, string),
  evaluationError: opt(3, string),
})
export interface SubjectAccessReviewStatus extends Infer<typeof SubjectAccessReviewStatus> {}

export const LocalSubjectAccessReview = struct('authorization/v1.LocalSubjectAccessReview', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, SubjectAccessReviewSpec),
  status: opt(3, SubjectAccessReviewStatus),
})
export interface LocalSubjectAccessReview extends Infer<typeof LocalSubjectAccessReview> {}

export const NonResourceRule = struct('authorization/v1.NonResourceRule', {
  verbs: req(1, list(string), { listType: 'atomic' }),
  nonResourceURLs: opt(2, list(string), { listType: 'atomic' }),
})
export interface NonResourceRule extends Infer<typeof NonResourceRule> {}

export const ResourceRule = struct('authorization/v1.ResourceRule', {
  verbs: req(1, list(string), { listType: 'atomic' }),
  apiGroups: opt(2, list(string), { listType: 'atomic' }),
  resources: opt(3, list(string), { listType: 'atomic' }),
  resourceNames: opt(4, list(string), { listType: 'atomic' }),
})
export interface ResourceRule extends Infer<typeof ResourceRule> {}

export const SelfSubjectAccessReviewSpec = struct('authorization/v1.SelfSubjectAccessReviewSpec', {
  resourceAttributes: opt(1, ResourceAttributes),
  nonResourceAttributes: opt(2, NonResourceAttributes),
})
export interface SelfSubjectAccessReviewSpec extends Infer<typeof SelfSubjectAccessReviewSpec> {}

export const SelfSubjectAccessReview = struct('authorization/v1.SelfSubjectAccessReview', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, SelfSubjectAccessReviewSpec),
  status: opt(3, SubjectAccessReviewStatus),
})
export interface SelfSubjectAccessReview extends Infer<typeof SelfSubjectAccessReview> {}

export const SelfSubjectRulesReviewSpec = struct('authorization/v1.SelfSubjectRulesReviewSpec', {
  namespace: opt(1, string),
})
export interface SelfSubjectRulesReviewSpec extends Infer<typeof SelfSubjectRulesReviewSpec> {}

export const SubjectRulesReviewStatus = struct('authorization/v1.SubjectRulesReviewStatus', {
  resourceRules: req(1, list(ResourceRule), { listType: 'atomic' }),
  nonResourceRules: req(2, list(NonResourceRule), { listType: 'atomic' }),
  incomplete: req(3, bool),
  evaluationError: opt(4, string),
})
export interface SubjectRulesReviewStatus extends Infer<typeof SubjectRulesReviewStatus> {}

export const SelfSubjectRulesReview = struct('authorization/v1.SelfSubjectRulesReview', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, SelfSubjectRulesReviewSpec),
  status: opt(3, SubjectRulesReviewStatus),
})
export interface SelfSubjectRulesReview extends Infer<typeof SelfSubjectRulesReview> {}

export const SubjectAccessReview = struct('authorization/v1.SubjectAccessReview', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, SubjectAccessReviewSpec),
  status: opt(3, SubjectAccessReviewStatus),
})
export interface SubjectAccessReview extends Infer<typeof SubjectAccessReview> {}
