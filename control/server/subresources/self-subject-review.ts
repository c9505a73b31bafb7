import { apiVersionOf } from '../../../api/kinds/kind.ts'
import { rfc3339 } from '../../../host/clock.ts'
import { writeOptions } from '../options.ts'
import { expectedOf, readObject } from '../read-body.ts'
import { valueResponse } from '../respond.ts'
import type { ResourceHandler } from '../router.ts'
import { admitReview } from './admit-review.ts'

/** Who asks is told who they are (`kubectl auth whoami`); nothing is stored. */
export const reviewSelf: ResourceHandler = async (tools, context) => {
  const { fieldValidation } = writeOptions(context.request.query, 'CreateOptions')
  await admitReview(tools, context, readObject(context, expectedOf(context.kind), fieldValidation))
  const { name, uid, groups, extra } = context.user
  return valueResponse(context, 201, {
    kind: 'SelfSubjectReview', apiVersion: apiVersionOf(context.kind), metadata: { creationTimestamp: rfc3339(tools.clock.now()) },
    status: { userInfo: { username: name, ...(uid && { uid }), groups: [...groups], ...(extra && { extra }) } },
  })
}
