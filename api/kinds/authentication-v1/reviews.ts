import { TokenReview } from '../../types/authentication-v1-token-review.ts'
import { SelfSubjectReview } from '../../types/authentication-v1.ts'
import { review } from '../review.ts'

const group = 'authentication.k8s.io'

export const selfSubjectReviews = review<SelfSubjectReview>(group, {
  kind: 'SelfSubjectReview', schema: SelfSubjectReview, doc: 'Tells the asking user how the server sees it.',
})

export const tokenReviews = review<TokenReview>(group, {
  kind: 'TokenReview', schema: TokenReview, doc: 'Asks whom a token speaks for.',
})
