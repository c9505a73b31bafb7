import { validatingWebhookConfigurations } from '../../../../api/kinds/admissionregistration-v1/webhooks.ts'
import type { ValidatingWebhook } from '../../../../api/types/admissionregistration-v1/webhook.ts'
import type { Tools } from '../../tools.ts'
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts'
import { isExempt } from '../matching/rules.ts'
import { ask } from './ask.ts'
import { configured } from './configured.ts'
import type { Configured } from './configured.ts'
import { couldConcern, wanted } from './wanted.ts'

const index = configured(validatingWebhookConfigurations)

/** Servers elsewhere that refuse objects: asked all at once; the first refusal in their order is told. */
export const validatingWebhooks: AdmissionPlugin = {
  name: 'ValidatingAdmissionWebhook',
  load: index.load,
  validate(request, tools) {
    const all = index.of(tools)
    if (all.length === 0 || isExempt(request.kind)) return
    const concerned = all.filter(({ webhook }) => couldConcern(tools, request, webhook))
    if (concerned.length > 0) return askAll(tools, request, concerned)
  },
}

async function askAll(tools: Tools, request: AdmissionRequest, webhooks: readonly Configured<ValidatingWebhook>[]): Promise<void> {
  const answers = await Promise.allSettled(webhooks.map(async ({ webhook }) => {
    const seen = await wanted(tools, request, webhook)
    if (seen) await ask(tools, request, webhook, seen, false)
  }))
  for (const answer of answers) if (answer.status === 'rejected') throw answer.reason
}
