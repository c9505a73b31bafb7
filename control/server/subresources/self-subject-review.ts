import type { Kind } from '../../../api/kinds/kind.ts'
import { SelfSubjectReview } from '../../../api/types/authentication-v1.ts'
import { rfc3339 } from '../../../host/clock.ts'
import { writeOptions } from '../options.ts'
import { expectedOf, readObject } from '../read-body.ts'
import { valueResponse } from '../respond.ts'
import type { ResourceHandler } from '../router.ts'

/** Never stored: who asks is told who they are (`kubectl auth whoami`). */
export const selfSubjectReviews: Kind<SelfSubjectReview> = {
  group: 'authentication.k8s.io', version: 'v1', kind: 'SelfSubjectReview', resource: 'selfsubjectreviews', singular: 'selfsubjectreview',
  namespaced: false, verbs: ['create'], schema: SelfSubjectReview, storage: 'selfsubjectreviews',
  doc: 'Tells the asking user how the server sees it.',
  validate: () => [],
}

export const reviewSelf: ResourceHandler = async (tools, context) => {
  const { fieldValidation } = writeOptions(context.request.query, 'CreateOptions')
  readObject(context, expectedOf(selfSubjectReviews), fieldValidation)
  const { name, uid, groups, extra } = context.user
  return valueResponse(context, 201, {
    kind: 'SelfSubjectReview', apiVersion: 'authentication.k8s.io/v1', metadata: { creationTimestamp: rfc3339(tools.clock.now()) },
    status: { userInfo: { username: name, ...(uid && { uid }), groups: [...groups], ...(extra && { extra }) } },
  })
}
