import { MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding } from '../../types/admissionregistration-v1beta1/mutating-policy.ts'
import { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from '../../types/admissionregistration-v1beta1/validating-policy.ts'
import { MutatingWebhookConfiguration, ValidatingWebhookConfiguration } from '../../types/admissionregistration-v1beta1/webhook.ts'
import type { MutatingWebhook, ValidatingWebhook } from '../../types/admissionregistration-v1beta1/webhook.ts'
import { mutatingAdmissionPolicies, mutatingAdmissionPolicyBindings } from '../admissionregistration-v1/mutating-policies.ts'
import { validatingAdmissionPolicies, validatingAdmissionPolicyBindings } from '../admissionregistration-v1/validating-policies.ts'
import { fillWebhook, mutatingWebhookConfigurations, validateWebhooks, validatingWebhookConfigurations } from '../admissionregistration-v1/webhooks.ts'
import type { Kind } from '../kind.ts'
import { deprecation, olderVersion } from './older-version.ts'

const version = 'v1beta1'
const group = 'admissionregistration.k8s.io'
const gone = (kind: string) => deprecation(`${group}/v1beta1 ${kind}`, 16, 22, `${group}/v1 ${kind}`)

/** The first version trusted less, waited longer, and asked fewer questions. */
function defaultWebhook(webhook: MutatingWebhook | ValidatingWebhook): void {
  webhook.failurePolicy ??= 'Ignore'
  webhook.matchPolicy ??= 'Exact'
  webhook.sideEffects ??= 'Unknown'
  webhook.timeoutSeconds ??= 30
  if (!webhook.admissionReviewVersions?.length) webhook.admissionReviewVersions = ['v1beta1']
  fillWebhook(webhook as never)
}

const lenient = { anySideEffects: true, unknownReviewVersions: true, repeatedNames: true }
const validate: Kind['validate'] = (configuration) => validateWebhooks(configuration, lenient)

/** `admissionregistration.k8s.io/v1beta1`; the mutating policies of it are not yet deprecated. */
export const olderAdmissionRegistration: readonly Kind[] = Object.freeze([
  olderVersion(mutatingAdmissionPolicies, { version, schema: MutatingAdmissionPolicy }),
  olderVersion(mutatingAdmissionPolicyBindings, { version, schema: MutatingAdmissionPolicyBinding }),
  olderVersion(mutatingWebhookConfigurations, {
    version, schema: MutatingWebhookConfiguration, deprecated: gone('MutatingWebhookConfiguration'), validate,
    default({ webhooks }: MutatingWebhookConfiguration) {
      for (const webhook of webhooks ?? []) {
        defaultWebhook(webhook)
        webhook.reinvocationPolicy ??= 'Never'
      }
    },
  }),
  olderVersion(validatingAdmissionPolicies, { version, schema: ValidatingAdmissionPolicy, deprecated: deprecation(`${group}/v1beta1 ValidatingAdmissionPolicy`, 31, 34) }),
  olderVersion(validatingAdmissionPolicyBindings, { version, schema: ValidatingAdmissionPolicyBinding, deprecated: deprecation(`${group}/v1beta1 ValidatingAdmissionPolicyBinding`, 31, 34) }),
  olderVersion(validatingWebhookConfigurations, {
    version, schema: ValidatingWebhookConfiguration, deprecated: gone('ValidatingWebhookConfiguration'), validate,
    default({ webhooks }: ValidatingWebhookConfiguration) { webhooks?.forEach(defaultWebhook) },
  }),
])
