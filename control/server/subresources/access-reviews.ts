import { badRequest, invalid } from '../../../api/errors.ts'
import type { SubjectAccessReview, SubjectAccessReviewStatus } from '../../../api/types/authorization-v1.ts'
import type { UserInfo } from '../../../api/transport.ts'
import type { Authorizer, Rules } from '../authorization/authorizer.ts'
import { questionOf, userOf } from '../authorization/reviews/attributes-of-review.ts'
import type { ResourceContext } from '../context.ts'
import { settleNamespace } from '../object-names.ts'
import { writeOptions } from '../options.ts'
import { expectedOf, readObject } from '../read-body.ts'
import { valueResponse } from '../respond.ts'
import type { ResourceHandler } from '../router.ts'
import type { Tools } from '../tools.ts'
import { admitReview } from './admit-review.ts'

/*
 * The four reviews of `authorization.k8s.io`: questions that are posted and answered, never stored. The answer repeats the question.
 */

/** `subjectaccessreviews` and `localsubjectaccessreviews`: may somebody do something? */
export const reviewSubjectAccess: ResourceHandler = async (tools, context) => {
  const review = await asked(tools, context)
  return answer(context, review, await statusOf(tools.authorizer, userOf(review.spec), review))
}

/** `selfsubjectaccessreviews`: may I do it? (`kubectl auth can-i`) */
export const reviewSelfSubjectAccess: ResourceHandler = async (tools, context) => {
  const review = await asked(tools, context)
  return answer(context, review, await statusOf(tools.authorizer, context.user, review))
}

/** `selfsubjectrulesreviews`: what may I do? (`kubectl auth can-i --list`) */
export const reviewSelfSubjectRules: ResourceHandler = async (tools, context) => {
  const review = await asked(tools, context)
  const namespace = (review.spec as { namespace?: string } | undefined)?.namespace
  if (!namespace) throw badRequest('no namespace on request')
  return answer(context, review, rulesStatus(tools.authorizer.rulesFor?.(context.user, namespace)))
}

/** The question, in the form of `authorization.k8s.io/v1` whatever version it was asked in. */
async function asked(tools: Tools, context: ResourceContext): Promise<SubjectAccessReview> {
  const { kind, info, request } = context
  const { fieldValidation } = writeOptions(request.query, 'CreateOptions')
  const review = readObject(context, expectedOf(kind), fieldValidation)
  settleNamespace(kind, review, info.namespace)
  kind.default?.(review)
  await admitReview(tools, context, review, () => {
    const errors = kind.validate(review)
    if (errors.length > 0) throw invalid(kind, '', errors)
  })
  return kind.storedAs ? kind.storedAs.toStored(review) as SubjectAccessReview : review
}

function answer(context: ResourceContext, review: SubjectAccessReview, status: object) {
  const answered = { ...review, status }
  const { kind } = context
  return valueResponse(context, 201, kind.storedAs ? kind.storedAs.fromStored(answered) : answered)
}

async function statusOf(authorizer: Authorizer, user: UserInfo, { spec }: SubjectAccessReview): Promise<SubjectAccessReviewStatus> {
  const { attributes, errors } = questionOf(user, spec)
  const { verdict, reason, error } = await authorizer.authorize(attributes)
  const evaluationError = [...(error ? [error] : []), ...errors].join('; ')
  return { allowed: verdict === 'allow', ...(verdict === 'deny' && { denied: true }), ...(reason && { reason }), ...(evaluationError && { evaluationError }) }
}

/** Only what a rule of the API has: authorizers may know more. */
function rulesStatus(rules: Rules | undefined) {
  const { resourceRules = [], nonResourceRules = [], incomplete = rules === undefined, error } = rules ?? {}
  return {
    resourceRules: resourceRules.map(({ verbs, apiGroups, resources, resourceNames }) => ({
      verbs, ...(apiGroups?.length && { apiGroups }), ...(resources?.length && { resources }), ...(resourceNames?.length && { resourceNames }),
    })),
    nonResourceRules: nonResourceRules.map(({ verbs, nonResourceURLs }) => ({ verbs, ...(nonResourceURLs?.length && { nonResourceURLs }) })),
    incomplete, ...(error && { evaluationError: error }),
  }
}

/** The handlers by the name of the resource. */
export const accessReviews: Readonly<Record<string, ResourceHandler>> = {
  subjectaccessreviews: reviewSubjectAccess, localsubjectaccessreviews: reviewSubjectAccess,
  selfsubjectaccessreviews: reviewSelfSubjectAccess, selfsubjectrulesreviews: reviewSelfSubjectRules,
}
