import { internal } from '../../../../api/errors.ts'
import type { Kind } from '../../../../api/kinds/kind.ts'
import type { KubeObject } from '../../../../api/object.ts'
import type { MutatingWebhook, ValidatingWebhook } from '../../../../api/types/admissionregistration-v1/webhook.ts'
import { askWebhook } from '../../custom-resources/ask-webhook.ts'
import { uid } from '../../random-names.ts'
import type { Tools } from '../../tools.ts'
import type { AdmissionRequest } from '../admission.ts'
import { reviewOf } from '../matching/request-variables.ts'
import { denial, noDryRun, readVerdict, reviewVersion } from './review.ts'
import type { Verdict } from './review.ts'

export type Webhook = MutatingWebhook | ValidatingWebhook

/** The objects of a request, in the form of the kind a webhook asks for. */
export interface Seen { readonly kind: Kind; readonly object: KubeObject | undefined; readonly old: KubeObject | undefined }

/**
 * Sends one AdmissionReview and reads the verdict; warnings are passed on. Undefined when the webhook could not be asked
 * and says itself that this does not matter (`failurePolicy: Ignore`). Throws the `ApiError` of the refusal.
 */
export async function ask(tools: Tools, request: AdmissionRequest, webhook: Webhook, seen: Seen, mayPatch: boolean): Promise<Verdict | undefined> {
  if (request.dryRun && webhook.sideEffects !== 'None' && webhook.sideEffects !== 'NoneOnDryRun') throw noDryRun(webhook.name)
  let verdict: Verdict
  try {
    verdict = await call(tools, request, webhook, seen, mayPatch)
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    if (webhook.failurePolicy === 'Ignore') {
      tools.log.warn({ webhook: webhook.name, why }, 'Failed calling a webhook, going on without it')
      return undefined
    }
    throw internal(`failed calling webhook ${JSON.stringify(webhook.name)}: ${why}`)
  }
  for (const warning of verdict.warnings) request.warn?.(warning)
  if (!verdict.allowed) throw denial(webhook.name, verdict.status)
  return verdict
}

async function call(tools: Tools, request: AdmissionRequest, webhook: Webhook, { kind, object, old }: Seen, mayPatch: boolean): Promise<Verdict> {
  const version = reviewVersion(webhook.admissionReviewVersions)
  if (!version) throw new Error('webhook does not accept known AdmissionReview versions (v1, v1beta1)')
  const id = uid(tools.clock)
  const review = { kind: 'AdmissionReview', apiVersion: `admission.k8s.io/${version}`, request: { uid: id, ...reviewOf(request, kind), object: object ?? null, oldObject: old ?? null } }
  let answer: unknown
  try {
    answer = await askWebhook(tools, webhook.clientConfig, review, (webhook.timeoutSeconds ?? 10) * 1000)
  } catch (error) {
    throw new Error(`failed to call webhook: ${error instanceof Error ? error.message : String(error)}`, { cause: error })
  }
  try {
    return readVerdict(answer, version, id, mayPatch)
  } catch (error) {
    throw new Error(`received invalid webhook response: ${(error as Error).message}`, { cause: error })
  }
}

