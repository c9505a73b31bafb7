import type { Infer } from '../../schema/schema.ts'
import { always, int32, list, opt, req, string, struct, text } from '../../schema/schema.ts'
import { RuleWithOperations } from '../admissionregistration-v1/rules.ts'
import { ReinvocationPolicyType, ServiceReference as StableServiceReference, WebhookClientConfig as StableWebhookClientConfig } from '../admissionregistration-v1/webhook.ts'
import { FailurePolicyType, MatchCondition, MatchPolicyType } from './rules.ts'
import { LabelSelector, ObjectMeta } from '../meta-v1/meta.ts'

export const SideEffectClass = text('None', 'NoneOnDryRun', 'Some', 'Unknown')

export const ServiceReference = struct('admissionregistration/v1beta1.ServiceReference', StableServiceReference.fields)
export type ServiceReference = StableServiceReference

export const WebhookClientConfig = struct('admissionregistration/v1beta1.WebhookClientConfig', StableWebhookClientConfig.fields)
export type WebhookClientConfig = StableWebhookClientConfig

export const MutatingWebhook = struct('admissionregistration/v1beta1.MutatingWebhook', {
  name: req(1, string),
  clientConfig: req(2, WebhookClientConfig),
  rules: opt(3, list(RuleWithOperations), { listType: 'atomic' }),
  failurePolicy: opt(4, FailurePolicyType, { pointer: true }),
  matchPolicy: opt(9, MatchPolicyType, { pointer: true }),
  namespaceSelector: opt(5, LabelSelector),
  objectSelector: opt(11, LabelSelector),
  sideEffects: opt(6, SideEffectClass, { pointer: true }),
  timeoutSeconds: opt(7, int32, { pointer: true }),
  admissionReviewVersions: opt(8, list(string), { listType: 'atomic' }),
  reinvocationPolicy: opt(10, ReinvocationPolicyType, { pointer: true }),
  matchConditions: opt(12, list(MatchCondition), { listType: 'map', listMapKeys: ['name'], patchMergeKey: 'name', patchStrategy: 'merge' }),
})
export interface MutatingWebhook extends Infer<typeof MutatingWebhook> {}

export const MutatingWebhookConfiguration = struct('admissionregistration/v1beta1.MutatingWebhookConfiguration', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  webhooks: opt(2, list(MutatingWebhook), { listType: 'map', listMapKeys: ['name'], patchMergeKey: 'name', patchStrategy: 'merge' }),
})
export interface MutatingWebhookConfiguration extends Infer<typeof MutatingWebhookConfiguration> {}

export const ValidatingWebhook = struct('admissionregistration/v1beta1.ValidatingWebhook', {
  name: req(1, string),
  clientConfig: req(2, WebhookClientConfig),
  rules: opt(3, list(RuleWithOperations), { listType: 'atomic' }),
  failurePolicy: opt(4, FailurePolicyType, { pointer: true }),
  matchPolicy: opt(9, MatchPolicyType, { pointer: true }),
  namespaceSelector: opt(5, LabelSelector),
  objectSelector: opt(10, LabelSelector),
  sideEffects: opt(6, SideEffectClass, { listType: 'atomic', pointer: true }),
  timeoutSeconds: opt(7, int32, { pointer: true }),
  admissionReviewVersions: opt(8, list(string), { listType: 'atomic' }),
  matchConditions: opt(11, list(MatchCondition), { listType: 'map', listMapKeys: ['name'], patchMergeKey: 'name', patchStrategy: 'merge' }),
})
export interface ValidatingWebhook extends Infer<typeof ValidatingWebhook> {}

export const ValidatingWebhookConfiguration = struct('admissionregistration/v1beta1.ValidatingWebhookConfiguration', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  webhooks: opt(2, list(ValidatingWebhook), { listType: 'map', listMapKeys: ['name'], patchMergeKey: 'name', patchStrategy: 'merge' }),
})
export interface ValidatingWebhookConfiguration extends Infer<typeof ValidatingWebhookConfiguration> {}
