import { internal } from '../../../../api/errors.ts'
import { mutatingWebhookConfigurations } from '../../../../api/kinds/admissionregistration-v1/webhooks.ts'
import { jsonPatch } from '../../../../api/patch/json-patch.ts'
import type { MutatingWebhook } from '../../../../api/types/admissionregistration-v1/webhook.ts'
import type { Tools } from '../../tools.ts'
import type { AdmissionPlugin, AdmissionRequest } from '../admission.ts'
import { replaceObject } from '../matching/forms.ts'
import { noteAsked, takesPart } from '../matching/reinvocation.ts'
import { isExempt } from '../matching/rules.ts'
import { ask } from './ask.ts'
import type { Seen } from './ask.ts'
import { configured } from './configured.ts'
import type { Configured } from './configured.ts'
import { couldConcern, wanted } from './wanted.ts'

const index = configured(mutatingWebhookConfigurations)

/** Servers elsewhere that change objects: asked one after another, each seeing what those before it made. */
export const mutatingWebhooks: AdmissionPlugin = {
  name: 'MutatingAdmissionWebhook',
  load: index.load,
  admit(request, tools) {
    const all = index.of(tools)
    if (all.length === 0 || isExempt(request.kind)) return
    const concerned = all.filter(({ webhook }) => couldConcern(tools, request, webhook))
    if (concerned.length > 0) return askAll(tools, request, concerned)
  },
}

async function askAll(tools: Tools, request: AdmissionRequest, webhooks: readonly Configured<MutatingWebhook>[]): Promise<void> {
  for (const { id, webhook } of webhooks) {
    if (!takesPart(request, id)) continue
    const seen = await wanted(tools, request, webhook)
    if (!seen) continue
    const verdict = await ask(tools, request, webhook, seen, true)
    if (verdict?.patch?.length) await change(request, seen, verdict.patch)
    if (webhook.reinvocationPolicy === 'IfNeeded' && request.object) noteAsked(request, id)
  }
}

async function change(request: AdmissionRequest, { kind, object }: Seen, patch: readonly unknown[]): Promise<void> {
  if (!object) throw internal(`admission webhook attempted to modify the object, which is not supported for this operation`)
  let made: unknown
  try {
    made = jsonPatch(object, patch)
  } catch (error) {
    throw internal((error as Error).message)
  }
  await replaceObject(request, made, kind)
}
