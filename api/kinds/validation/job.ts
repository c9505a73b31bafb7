import type { FieldError } from '../../errors.ts'
import { matchesLabels, selectorOf } from '../../selectors/labels.ts'
import type { Job, JobSpec } from '../../types/batch-v1.ts'
import type { PodTemplateSpec } from '../../types/core-v1/pod.ts'
import { validateDomainPrefixedPath } from './domain-path.ts'
import { semanticEqual } from './equal.ts'
import { immutableMessage, invalid, nonNegative, notSupported, optionallyOneOf, required, tooLong } from './field.ts'
import { validatePodFailurePolicy, validateSuccessPolicy } from './job-policies.ts'
import { selectorMismatch, validateLabelSelector } from './labels.ts'
import { dnsLabel } from './names.ts'
import { validatePodTemplateSpec } from './pod-template.ts'

export const isIndexed = ({ completionMode }: JobSpec): boolean => completionMode === 'Indexed'
/** The labels of the pods of a Job: its uid and its name, each under the old key and the new. */
export const uidLabels = ['batch.kubernetes.io/controller-uid', 'controller-uid'] as const
export const nameLabels = ['batch.kubernetes.io/job-name', 'job-name'] as const

/** Every failed check of a new Job, whose selector has been generated. */
export function validateJob(job: Job): FieldError[] {
  return [...validateGeneratedSelector(job), ...validateSelectedSpec(job.spec), ...validateHostNames(job)]
}

/** Unless the user manages the selector, it and the template's labels must name this Job and no other. */
function validateGeneratedSelector({ metadata, spec }: Job): FieldError[] {
  if (spec.manualSelector || !spec.selector) return []
  const { uid = '', name = '' } = metadata
  const labels = spec.template.metadata?.labels ?? {}
  const expected = Object.fromEntries([...uidLabels.map((key) => [key, uid]), ...nameLabels.map((key) => [key, name])])
  const must = [uidLabels[1], nameLabels[1], uidLabels[0], nameLabels[0]]
  return [
    ...(uid ? [] : [required('metadata.uid')]),
    ...must.flatMap((key) => hasLabel(labels, key, expected[key]!, 'spec.template.metadata')),
    ...(validateLabelSelector(spec.selector, '').length === 0 && !matchesLabels(selectorOf(spec.selector), expected)
      ? [invalid('spec.selector', spec.selector, '`selector` not auto-generated')] : []),
  ]
}

function hasLabel(labels: Readonly<Record<string, string>>, key: string, value: string, field: string): FieldError[] {
  if (!Object.hasOwn(labels, key)) return [required(`${field}.labels[${key}]`, `must be '${value}'`)]
  return labels[key] === value ? [] : [invalid(`${field}.labels[${key}]`, labels, `must be '${value}'`)]
}

function validateSelectedSpec(spec: JobSpec): FieldError[] {
  const labels = spec.template.metadata?.labels
  const wrong = spec.selector ? validateLabelSelector(spec.selector, 'spec.selector') : [required('spec.selector')]
  return [
    ...validateJobSpec(spec, 'spec'),
    ...wrong,
    ...(spec.selector && !wrong.length && !matchesLabels(selectorOf(spec.selector), labels) ? [selectorMismatch(labels, 'spec.template')] : []),
  ]
}

/** A pod of an indexed Job is called after its index. */
function validateHostNames({ metadata: { name = '' }, spec }: Job): FieldError[] {
  if (!isIndexed(spec) || !spec.completions || spec.completions < 0) return []
  const longest = `${name}-${spec.completions - 1}`
  return dnsLabel(longest).length ? [invalid('metadata.name', name, `will not able to create pod with invalid DNS label: ${longest}`)] : []
}

const counts = ['parallelism', 'completions', 'activeDeadlineSeconds', 'backoffLimit', 'ttlSecondsAfterFinished', 'backoffLimitPerIndex', 'maxFailedIndexes'] as const

/** A spec on its own, in a Job or in the template of a CronJob. */
export function validateJobSpec(spec: JobSpec, field: string): FieldError[] {
  const { managedBy, podFailurePolicy, successPolicy } = spec
  return [
    ...counts.flatMap((name) => nonNegative(spec[name], `${field}.${name}`)),
    ...(spec.maxFailedIndexes !== undefined && spec.backoffLimitPerIndex === undefined ? [required(`${field}.backoffLimitPerIndex`, 'when maxFailedIndexes is specified')] : []),
    ...(managedBy === undefined ? [] : validateDomainPrefixedPath(managedBy, `${field}.managedBy`)),
    ...(managedBy && managedBy.length > 63 ? [tooLong(`${field}.managedBy`, 63)] : []),
    ...optionallyOneOf(spec.completionMode, ['NonIndexed', 'Indexed'], `${field}.completionMode`),
    ...(isIndexed(spec) ? validateIndexed(spec, field) : validateNonIndexed(spec, field)),
    ...(podFailurePolicy ? validatePodFailurePolicy(spec, `${field}.podFailurePolicy`) : []),
    ...(!successPolicy ? [] : isIndexed(spec) ? validateSuccessPolicy(spec, `${field}.successPolicy`) : [invalid(`${field}.successPolicy`, successPolicy, 'requires indexed completion mode')]),
    ...optionallyOneOf(spec.podReplacementPolicy, podFailurePolicy ? ['Failed'] : ['Failed', 'TerminatingOrFailed'], `${field}.podReplacementPolicy`),
    ...validatePodTemplateSpec(spec.template, `${field}.template`),
    ...validateRestartPolicy(spec, `${field}.template.spec.restartPolicy`),
  ]
}

const most = 100_000
/** What is left for each of the two when there are more completions than that. */
const mostOfMany = 10_000

function validateIndexed(spec: JobSpec, field: string): FieldError[] {
  const { completions, parallelism = 0, maxFailedIndexes: failed } = spec
  return [
    ...(completions === undefined ? [required(`${field}.completions`, 'when completion mode is Indexed')] : []),
    ...(parallelism > most ? [invalid(`${field}.parallelism`, parallelism, `must be less than or equal to ${most} when completion mode is Indexed`)] : []),
    ...(completions !== undefined && failed !== undefined && failed > completions ? [invalid(`${field}.maxFailedIndexes`, failed, 'must be less than or equal to completions')] : []),
    ...(failed !== undefined && failed > most ? [invalid(`${field}.maxFailedIndexes`, failed, `must be less than or equal to ${most}`)] : []),
    ...(completions !== undefined && completions > most && spec.backoffLimitPerIndex !== undefined ? validateMany(parallelism, failed, field) : []),
  ]
}

function validateMany(parallelism: number, failed: number | undefined, field: string): FieldError[] {
  const detail = `must be less than or equal to ${mostOfMany} when completions are above ${most} and used with backoff limit per index`
  return [
    ...(failed === undefined ? [required(`${field}.maxFailedIndexes`, `must be specified when completions is above ${most}`)] : []),
    ...(parallelism > mostOfMany ? [invalid(`${field}.parallelism`, parallelism, detail)] : []),
    ...(failed !== undefined && failed > mostOfMany ? [invalid(`${field}.maxFailedIndexes`, failed, detail)] : []),
  ]
}

function validateNonIndexed(spec: JobSpec, field: string): FieldError[] {
  if (spec.completionMode !== undefined && spec.completionMode !== 'NonIndexed') return []
  return (['backoffLimitPerIndex', 'maxFailedIndexes'] as const).filter((name) => spec[name] !== undefined)
    .map((name) => invalid(`${field}.${name}`, spec[name], 'requires indexed completion mode'))
}

/** Pods of a Job end. A template without a policy has got `Always` by default, which counts as none. */
function validateRestartPolicy({ template, podFailurePolicy }: JobSpec, field: string): FieldError[] {
  const policy = template.spec.restartPolicy
  if (!policy || policy === 'Always') return [required(field, 'valid values: "OnFailure", "Never"')]
  if (policy !== 'OnFailure' && policy !== 'Never') return [notSupported(field, policy, ['OnFailure', 'Never'])]
  return podFailurePolicy && policy !== 'Never' ? [invalid(field, policy, 'only "Never" is supported when podFailurePolicy is specified')] : []
}

const immutable = ['selector', 'completionMode', 'podFailurePolicy', 'backoffLimitPerIndex', 'managedBy', 'successPolicy'] as const

/** A Job is made once; what may change is how wide it runs, how long, and while it is suspended what its pods ask for. */
export function validateJobUpdate(job: Job, old: Job): FieldError[] {
  const { spec } = job
  const fixed = (name: keyof JobSpec): FieldError[] => (semanticEqual(spec[name], old.spec[name]) ? [] : [invalid(`spec.${name}`, spec[name] ?? null, immutableMessage)])
  return [
    ...validateSelectedSpec(spec),
    ...(isIndexed(spec) ? validateCompletionsChange(spec, old.spec) : fixed('completions')),
    ...(semanticEqual(spec.template, forgiven(spec.template, old)) ? [] : [invalid('spec.template', spec.template, immutableMessage)]),
    ...immutable.flatMap(fixed),
  ]
}

/** An indexed Job may grow and shrink, all of it at once. */
function validateCompletionsChange(spec: JobSpec, { completions: before }: JobSpec): FieldError[] {
  const { completions, parallelism } = spec
  return completions === before || completions === undefined || completions === parallelism ? []
    : [invalid('spec.completions', completions, 'can only be modified in tandem with spec.parallelism')]
}

/** The old template with everything taken over that may change in the state the Job is in. */
function forgiven(template: PodTemplateSpec, { spec, status }: Job): PodTemplateSpec {
  const stopped = !status?.active && status?.conditions?.some((condition) => condition.type === 'Suspended' && condition.status === 'True')
  if (!spec.suspend || (status?.startTime && !stopped)) return spec.template
  const { nodeSelector, tolerations, schedulingGates, affinity } = template.spec
  const before = spec.template
  const kept = { ...before.spec.affinity, nodeAffinity: affinity?.nodeAffinity }
  const resources = (list: 'containers' | 'initContainers') => before.spec[list]?.map((container) => {
    const now = template.spec[list]?.find(({ name }) => name === container.name)
    return now ? { ...container, resources: now.resources } : container
  })
  return {
    ...before,
    metadata: { ...before.metadata, annotations: template.metadata?.annotations, labels: template.metadata?.labels },
    spec: {
      ...before.spec, nodeSelector, tolerations, schedulingGates,
      affinity: Object.values(kept).some((part) => part !== undefined) ? kept : affinity && {},
      containers: resources('containers') ?? [], initContainers: resources('initContainers'),
    },
  }
}
