import type { FieldError } from '../../errors.ts'
import { Deployment } from '../../types/apps-v1.ts'
import type { DeploymentStrategy, RollingUpdateDeployment } from '../../types/apps-v1.ts'
import { age, integer, labelSelectorColumn, templateColumns, text } from '../columns.ts'
import { defaultPodTemplate } from '../defaults/pod.ts'
import { dropDisabledTemplateFields } from '../disabled-fields.ts'
import type { Kind } from '../kind.ts'
import { scaleByLabelSelector } from '../scale.ts'
import { keepSpec, keepStatus, raiseGeneration, startWith } from '../strategy.ts'
import { semanticEqual } from '../validation/equal.ts'
import { forbidden, invalid, nonNegative, notSupported, required } from '../validation/field.ts'
import { percentage } from '../validation/names.ts'
import { selectorImmutable, validateCounts, validateSelectorAndTemplate } from '../validation/workload.ts'
import { allVerbs, viewVerbs } from '../verbs.ts'
import { workloadWarnings } from '../warnings/pod.ts'

export const deployments: Kind<Deployment> = {
  group: 'apps', version: 'v1', kind: 'Deployment', resource: 'deployments', singular: 'deployment', shortNames: ['deploy'], categories: ['all'],
  namespaced: true, verbs: allVerbs, schema: Deployment, storage: 'deployments',
  doc: 'Declares a set of equal pods and moves it from one version to the next.',
  subresources: {
    scale: scaleByLabelSelector,
    status: { type: 'status', verbs: viewVerbs, prepareForUpdate: prepareStatus, validateUpdate: validateStatus },
  },
  default: defaultDeployment,
  prepareForCreate: startWith<Deployment>(() => ({})),
  prepareForUpdate,
  validate,
  validateUpdate: (deployment, old) => [...validate(deployment), ...selectorImmutable(deployment.spec, old.spec)],
  warnings: workloadWarnings,
  columns: [
    text('Ready', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`, 'How many of the wanted pods are ready.'),
    integer('Up-to-date', ({ status }) => status?.updatedReplicas, 'How many pods are of the newest template.'),
    integer('Available', ({ status }) => status?.availableReplicas, 'How many pods have been ready for long enough.'),
    age, ...templateColumns, labelSelectorColumn,
  ],
}

function defaultDeployment({ spec }: Deployment): void {
  spec.replicas ??= 1
  spec.revisionHistoryLimit ??= 10
  spec.progressDeadlineSeconds ??= 600
  const strategy = (spec.strategy ??= {})
  strategy.type ||= 'RollingUpdate'
  if (strategy.type === 'RollingUpdate') {
    const rolling = (strategy.rollingUpdate ??= {})
    rolling.maxUnavailable ??= '25%'
    rolling.maxSurge ??= '25%'
  }
  if (spec.template) defaultPodTemplate(spec.template)
}

/** Annotations count too: a roll-back is written there. */
function prepareForUpdate(deployment: Deployment, old: Deployment): void {
  keepStatus(deployment, old)
  dropDisabledTemplateFields(deployment.spec.template, old.spec.template)
  raiseGeneration(deployment, old, !semanticEqual(deployment.spec, old.spec) || !semanticEqual(deployment.metadata.annotations, old.metadata.annotations))
}

function prepareStatus(deployment: Deployment, old: Deployment): void {
  keepSpec(deployment, old)
  deployment.metadata.labels = old.metadata.labels
}

function validate({ spec }: Deployment): FieldError[] {
  const { progressDeadlineSeconds: deadline, minReadySeconds = 0 } = spec
  return [
    ...nonNegative(spec.replicas, 'spec.replicas'),
    ...validateSelectorAndTemplate(spec),
    ...validateStrategy(spec.strategy ?? {}, 'spec.strategy'),
    ...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...nonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
    ...nonNegative(deadline, 'spec.progressDeadlineSeconds'),
    ...(deadline !== undefined && deadline <= minReadySeconds ? [invalid('spec.progressDeadlineSeconds', deadline, 'must be greater than minReadySeconds')] : []),
  ]
}

function validateStrategy(strategy: DeploymentStrategy, field: string): FieldError[] {
  const { type, rollingUpdate } = strategy
  if (type === 'Recreate') return rollingUpdate ? [forbidden(`${field}.rollingUpdate`, "may not be specified when strategy `type` is 'Recreate'")] : []
  if (type !== 'RollingUpdate') return [notSupported(field, strategy, ['Recreate', 'RollingUpdate'])]
  return rollingUpdate ? validateRollingUpdate(rollingUpdate, `${field}.rollingUpdate`) : [required(`${field}.rollingUpdate`, 'this should be defaulted and never be nil')]
}

function validateRollingUpdate({ maxUnavailable, maxSurge }: RollingUpdateDeployment, field: string): FieldError[] {
  const percent = /^(\d+)%$/.exec(String(maxUnavailable))
  return [
    ...intOrPercent(maxUnavailable, `${field}.maxUnavailable`),
    ...intOrPercent(maxSurge, `${field}.maxSurge`),
    ...(isNought(maxUnavailable) && isNought(maxSurge) ? [invalid(`${field}.maxUnavailable`, maxUnavailable, 'may not be 0 when `maxSurge` is 0')] : []),
    ...(percent && Number(percent[1]) > 100 ? [invalid(`${field}.maxUnavailable`, maxUnavailable, 'must not be greater than 100%')] : []),
  ]
}

const isNought = (value: number | string | undefined): boolean => value === undefined || Number.parseInt(String(value), 10) === 0

function intOrPercent(value: number | string | undefined, field: string): FieldError[] {
  if (typeof value !== 'string') return nonNegative(value, field)
  return percentage(value).map((detail) => invalid(field, value, detail))
}

function validateStatus({ status }: Deployment, { status: old }: Deployment): FieldError[] {
  const collisions = status?.collisionCount ?? 0
  return [
    ...validateCounts(status, ['updatedReplicas', 'readyReplicas', 'availableReplicas'], ['observedGeneration', 'unavailableReplicas', 'terminatingReplicas', 'collisionCount']),
    ...(collisions < (old?.collisionCount ?? 0) ? [invalid('status.collisionCount', collisions, 'cannot be decremented')] : []),
  ]
}
