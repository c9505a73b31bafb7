import * as authentication from '../../types/authentication-v1beta1.ts'
import * as authorization from '../../types/authorization-v1beta1.ts'
import { selfSubjectReviews, tokenReviews } from '../authentication-v1/reviews.ts'
import { localSubjectAccessReviews, selfSubjectAccessReviews, selfSubjectRulesReviews, subjectAccessReviews } from '../authorization-v1/reviews.ts'
import type { Kind } from '../kind.ts'
import { deprecation, olderVersion } from './older-version.ts'
import type { Conversion } from './older-version.ts'

const version = 'v1beta1'
const gone = ({ group, kind }: Kind) => deprecation(`${group}/v1beta1 ${kind}`, 19, 22, `${group}/v1 ${kind}`)

/** `groups` was called `group`. */
const groups: Conversion = { toStable: renamed('group', 'groups'), fromStable: renamed('groups', 'group') }

function renamed(from: string, to: string) {
  return (review: any): any => {
    const { [from]: value, ...spec } = review.spec ?? {}
    return value === undefined ? review : { ...review, spec: { ...spec, [to]: value } }
  }
}

/** `authentication.k8s.io/v1beta1` and `authorization.k8s.io/v1beta1`. */
export const olderReviews: readonly Kind[] = Object.freeze([
  olderVersion(selfSubjectReviews, { version, schema: authentication.SelfSubjectReview, deprecated: deprecation('authentication.k8s.io/v1beta1 SelfSubjectReview', 30, 33) }),
  olderVersion(tokenReviews, { version, schema: authentication.TokenReview, deprecated: gone(tokenReviews) }),
  olderVersion(localSubjectAccessReviews, { version, schema: authorization.LocalSubjectAccessReview, deprecated: gone(localSubjectAccessReviews), convert: groups }),
  olderVersion(selfSubjectAccessReviews, { version, schema: authorization.SelfSubjectAccessReview, deprecated: gone(selfSubjectAccessReviews) }),
  olderVersion(selfSubjectRulesReviews, { version, schema: authorization.SelfSubjectRulesReview, deprecated: gone(selfSubjectRulesReviews) }),
  olderVersion(subjectAccessReviews, { version, schema: authorization.SubjectAccessReview, deprecated: gone(subjectAccessReviews), convert: groups }),
])
