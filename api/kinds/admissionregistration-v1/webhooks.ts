import type { FieldError } from '../../errors.ts'
import { MutatingWebhookConfiguration, ValidatingWebhookConfiguration } from '../../types/admissionregistration-v1/webhook.ts'
import type { MutatingWebhook, ValidatingWebhook } from '../../types/admissionregistration-v1/webhook.ts'
import { age, integer } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { raiseGeneration } from '../strategy.ts'
import { semanticEqual } from '../validation/equal.ts'
import { duplicate, each, invalid, notSupported, optionallyOneOf, required } from '../validation/field.ts'
import { validateLabelSelector } from '../validation/labels.ts'
import { dnsLabel1035 } from '../validation/names.ts'
import { validateFullyQualifiedName, validateWebhookClient } from '../validation/webhook-client.ts'
import { allVerbs } from '../verbs.ts'
import { defaultRules, failurePolicies, matchPolicies, reinvocationPolicies, validateMatchConditions, validateRule } from './rules.ts'
import { isRepeated } from '../validation/repeated.ts'

type Configuration = MutatingWebhookConfiguration | ValidatingWebhookConfiguration
type Webhook = MutatingWebhook | ValidatingWebhook

/** What older versions, and objects that were stored long ago, may have. */
export interface WebhookLeniency {
  readonly anySideEffects?: boolean
  readonly unknownReviewVersions?: boolean
  readonly repeatedNames?: boolean
}

const common = {
  group: 'admissionregistration.k8s.io', version: 'v1', categories: ['api-extensions'], namespaced: false, verbs: allVerbs,
  prepareForCreate({ metadata }: Configuration): void { metadata.generation = 1 },
  prepareForUpdate(configuration: Configuration, old: Configuration): void {
    raiseGeneration(configuration, old, !semanticEqual(configuration.webhooks, old.webhooks))
  },
  validate: (configuration: Configuration) => validateWebhooks(configuration),
  validateUpdate: (configuration: Configuration, old: Configuration) => validateWebhooks(configuration, leniencyOf(old)),
  columns: [integer<Configuration>('Webhooks', ({ webhooks }) => webhooks?.length, 'How many webhooks it names.'), age],
} as const

export const mutatingWebhookConfigurations: Kind<MutatingWebhookConfiguration> = {
  ...common, kind: 'MutatingWebhookConfiguration', resource: 'mutatingwebhookconfigurations', singular: 'mutatingwebhookconfiguration',
  schema: MutatingWebhookConfiguration, storage: 'mutatingwebhookconfigurations',
  doc: 'Names servers that are asked before objects are stored, and may change them.',
  default({ webhooks }) {
    for (const webhook of webhooks ?? []) {
      defaultWebhook(webhook)
      webhook.reinvocationPolicy ??= 'Never'
    }
  },
}

export const validatingWebhookConfigurations: Kind<ValidatingWebhookConfiguration> = {
  ...common, kind: 'ValidatingWebhookConfiguration', resource: 'validatingwebhookconfigurations', singular: 'validatingwebhookconfiguration',
  schema: ValidatingWebhookConfiguration, storage: 'validatingwebhookconfigurations',
  doc: 'Names servers that are asked before objects are stored, and may refuse them.',
  default({ webhooks }) { webhooks?.forEach(defaultWebhook) },
}

function defaultWebhook(webhook: Webhook): void {
  webhook.failurePolicy ??= 'Fail'
  webhook.matchPolicy ??= 'Equivalent'
  webhook.timeoutSeconds ??= 10
  fillWebhook(webhook)
}

/** Defaults that are the same in every version. */
export function fillWebhook(webhook: Webhook): void {
  webhook.namespaceSelector ??= {}
  webhook.objectSelector ??= {}
  if (webhook.clientConfig?.service) webhook.clientConfig.service.port ??= 443
  defaultRules(webhook.rules)
}

/** Every failed check of a configuration, by the rules of the stable version where nothing lenient is said. */
export function validateWebhooks({ webhooks }: Configuration, lenient: WebhookLeniency = {}): FieldError[] {
  const names = (webhooks ?? []).map(({ name }) => name)
  return each(webhooks as Webhook[] | undefined, 'webhooks', (webhook, path, index) => [
    ...validateWebhook(webhook, path, lenient),
    ...validateReviewVersions(webhook.admissionReviewVersions ?? [], `${path}.admissionReviewVersions`, lenient),
    ...(webhook.name && isRepeated(names, webhook.name, index) && !lenient.repeatedNames ? [duplicate(`${path}.name`, webhook.name)] : []),
  ])
}

const harmless = ['None', 'NoneOnDryRun']

function validateWebhook(webhook: Webhook, field: string, { anySideEffects }: WebhookLeniency): FieldError[] {
  const { sideEffects, timeoutSeconds = 10 } = webhook
  const effects = anySideEffects ? [...harmless, 'Some', 'Unknown'] : harmless
  return [
    ...validateFullyQualifiedName(webhook.name, `${field}.name`),
    ...each(webhook.rules, `${field}.rules`, validateRule),
    ...optionallyOneOf(webhook.failurePolicy, failurePolicies, `${field}.failurePolicy`),
    ...optionallyOneOf(webhook.matchPolicy, matchPolicies, `${field}.matchPolicy`),
    ...(sideEffects ? effects.includes(sideEffects) ? [] : [notSupported(`${field}.sideEffects`, sideEffects, effects)] : [required(`${field}.sideEffects`, `must specify one of ${effects.join(', ')}`)]),
    ...(timeoutSeconds >= 1 && timeoutSeconds <= 30 ? [] : [invalid(`${field}.timeoutSeconds`, timeoutSeconds, 'the timeout value must be between 1 and 30 seconds')]),
    ...validateLabelSelector(webhook.namespaceSelector, `${field}.namespaceSelector`),
    ...validateLabelSelector(webhook.objectSelector, `${field}.objectSelector`),
    ...('reinvocationPolicy' in webhook ? optionallyOneOf(webhook.reinvocationPolicy, reinvocationPolicies, `${field}.reinvocationPolicy`) : []),
    ...validateWebhookClient(webhook.clientConfig, `${field}.clientConfig`),
    ...validateMatchConditions(webhook.matchConditions, `${field}.matchConditions`),
  ]
}

const reviewVersions = ['v1', 'v1beta1']

function validateReviewVersions(versions: readonly string[], field: string, { unknownReviewVersions }: WebhookLeniency): FieldError[] {
  if (versions.length === 0) return [required(field, `must specify one of ${reviewVersions.join(', ')}`)]
  return [
    ...each(versions, field, (version, path, index) => (isRepeated(versions, version, index) ? [invalid(path, version, 'duplicate version')] : dnsLabel1035(version).map((wrong) => invalid(path, version, wrong)))),
    ...(unknownReviewVersions || versions.some((version) => reviewVersions.includes(version)) ? [] : [invalid(field, versions, `must include at least one of ${reviewVersions.join(', ')}`)]),
  ]
}

function leniencyOf({ webhooks = [] }: Configuration): WebhookLeniency {
  const all = webhooks as Webhook[]
  return {
    anySideEffects: all.some(({ sideEffects }) => !harmless.includes(sideEffects)),
    unknownReviewVersions: all.some(({ admissionReviewVersions: versions }) => versions.length > 0 && !versions.some((version) => reviewVersions.includes(version))),
    repeatedNames: new Set(all.map(({ name }) => name)).size < all.length,
  }
}
