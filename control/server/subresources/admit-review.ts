import { admit, validateAdmission } from '../admission/admission.ts'
import type { AdmissionRequest } from '../admission/admission.ts'
import { warnerOf } from '../context.ts'
import type { ResourceContext } from '../context.ts'
import { optionsObject, writeOptions } from '../options.ts'
import type { Tools } from '../tools.ts'

/** A question that is posted is a creation to admission, though nothing is stored: webhooks may fill it in or refuse it. `check` comes between the two. */
export async function admitReview(tools: Tools, context: ResourceContext, review: { metadata?: object }, check?: () => void): Promise<void> {
  const { kind, info, request: { query }, user } = context
  review.metadata ??= {}
  const { dryRun } = writeOptions(query, 'CreateOptions')
  const { name = '' } = review.metadata as { name?: string }
  const request: AdmissionRequest = { operation: 'create', kind, subresource: '', namespace: info.namespace, name, object: review, old: undefined, user, dryRun, options: optionsObject(query, 'CreateOptions'), warn: warnerOf(context) }
  await admit(tools, request)
  check?.()
  await validateAdmission(tools, request)
}
