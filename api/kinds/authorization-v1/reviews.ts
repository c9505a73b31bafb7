import { LocalSubjectAccessReview, SelfSubjectAccessReview, SelfSubjectRulesReview, SubjectAccessReview } from '../../types/authorization-v1.ts'
import { review } from '../review.ts'
import { validateLocalSubjectAccessReview, validateSelfSubjectAccessReview, validateSubjectAccessReview } from './validation.ts'

const group = 'authorization.k8s.io'

export const localSubjectAccessReviews = review<LocalSubjectAccessReview>(group, {
  kind: 'LocalSubjectAccessReview', namespaced: true, schema: LocalSubjectAccessReview, validate: validateLocalSubjectAccessReview,
  doc: 'Asks whether somebody may do something within one namespace.',
})

export const selfSubjectAccessReviews = review<SelfSubjectAccessReview>(group, {
  kind: 'SelfSubjectAccessReview', schema: SelfSubjectAccessReview, validate: validateSelfSubjectAccessReview,
  doc: 'Asks whether the asking user may do something.',
})

export const selfSubjectRulesReviews = review<SelfSubjectRulesReview>(group, {
  kind: 'SelfSubjectRulesReview', schema: SelfSubjectRulesReview, doc: 'Asks for all that the asking user may do within one namespace.',
})

export const subjectAccessReviews = review<SubjectAccessReview>(group, {
  kind: 'SubjectAccessReview', schema: SubjectAccessReview, validate: validateSubjectAccessReview,
  doc: 'Asks whether somebody may do something.',
})
