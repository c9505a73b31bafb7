import type { FieldError } from '../../errors.ts'
import { matchesLabels, selectorOf } from '../../selectors/labels.ts'
import { DaemonSet } from '../../types/apps-v1-sets.ts'
import type { DaemonSetSpec, DaemonSetUpdateStrategy, RollingUpdateDaemonSet } from '../../types/apps-v1-sets.ts'
import { formatLabels, age, integer, labelSelectorColumn, templateColumns, text } from '../columns.ts'
import { defaultPodTemplate } from '../defaults/pod.ts'
import { dropDisabledTemplateFields } from '../disabled-fields.ts'
import type { Kind } from '../kind.ts'
import { keepSpec, keepStatus, raiseGeneration } from '../strategy.ts'
import { semanticEqual } from '../validation/equal.ts'
import { forbidden, invalid, nonNegative, notSupported, required } from '../validation/field.ts'
import { atMostHundredPercent, intOrPercent, intOrPercentValue } from '../validation/int-or-percent.ts'
import { selectorMismatch, validateLabelSelector } from '../validation/labels.ts'
import { restartAlways } from '../validation/container.ts'
import { validatePodTemplateSpec } from '../validation/pod-template.ts'
import { selectorImmutable } from '../validation/workload.ts'
import { allVerbs, viewVerbs } from '../verbs.ts'
import { workloadWarnings } from '../warnings/pod.ts'

/** Counts the templates a DaemonSet has had; a field of its own in `extensions/v1beta1`. */
export const templateGeneration = 'deprecated.daemonset.template.generation'

export const daemonSets: Kind<DaemonSet> = {
  group: 'apps', version: 'v1', kind: 'DaemonSet', resource: 'daemonsets', singular: 'daemonset', shortNames: ['ds'], categories: ['all'],
  namespaced: true, verbs: allVerbs, schema: DaemonSet, storage: 'daemonsets',
  doc: 'Runs one pod on every node, or on every node of some sort.',
  subresources: { status: { type: 'status', verbs: viewVerbs, prepareForUpdate: keepSpec, validateUpdate: validateStatus } },
  default: defaultDaemonSet,
  prepareForCreate(set) {
    set.status = noPods()
    dropDisabledTemplateFields(set.spec.template, undefined)
    set.metadata.generation = 1
    writeTemplateGeneration(set, Math.max(1, readTemplateGeneration(set)))
  },
  prepareForUpdate,
  validate: validateDaemonSet,
  validateUpdate: (set, old) => [...validateDaemonSet(set), ...selectorImmutable(set.spec, old.spec)],
  warnings: workloadWarnings,
  columns: [
    integer('Desired', ({ status }) => status?.desiredNumberScheduled, 'How many nodes want the pod.'),
    integer('Current', ({ status }) => status?.currentNumberScheduled, 'How many of them have it.'),
    integer('Ready', ({ status }) => status?.numberReady, 'How many pods are ready.'),
    integer('Up-to-date', ({ status }) => status?.updatedNumberScheduled, 'How many pods are of the newest template.'),
    integer('Available', ({ status }) => status?.numberAvailable, 'How many pods have been ready for long enough.'),
    text('Node Selector', ({ spec }) => formatLabels(spec.template?.spec.nodeSelector), 'Which nodes want the pod.'),
    age, ...templateColumns, labelSelectorColumn,
  ],
}

const noPods = (): NonNullable<DaemonSet['status']> => ({ currentNumberScheduled: 0, numberMisscheduled: 0, desiredNumberScheduled: 0, numberReady: 0 })

function defaultDaemonSet({ spec }: DaemonSet): void {
  spec.revisionHistoryLimit ??= 10
  const strategy = (spec.updateStrategy ??= {})
  strategy.type ||= 'RollingUpdate'
  if (strategy.type === 'RollingUpdate') defaultRollingUpdate(strategy)
  if (spec.template) defaultPodTemplate(spec.template)
}

export function defaultRollingUpdate(strategy: DaemonSetUpdateStrategy): void {
  const rolling = (strategy.rollingUpdate ??= {})
  rolling.maxUnavailable ??= 1
  rolling.maxSurge ??= 0
}

/** The template's generation; nought for none. Text that is no number counts as none. */
export function readTemplateGeneration({ metadata }: DaemonSet): number {
  const text = metadata.annotations?.[templateGeneration] ?? ''
  return /^-?\d+$/.test(text) ? Number(text) : 0
}

export function writeTemplateGeneration({ metadata }: DaemonSet, generation: number): void {
  metadata.annotations = { ...metadata.annotations, [templateGeneration]: String(generation) }
}

/** The user cannot set the template's generation: it rises with every change of the template. */
function prepareForUpdate(set: DaemonSet, old: DaemonSet): void {
  keepStatus(set, old)
  dropDisabledTemplateFields(set.spec.template, old.spec.template)
  const changed = !semanticEqual(set.spec.template, old.spec.template)
  writeTemplateGeneration(set, readTemplateGeneration(old) + (changed ? 1 : 0))
  raiseGeneration(set, old, !semanticEqual(set.spec, old.spec))
}

/** All checks but that of the selector's immutability, which older versions do not know. */
export function validateDaemonSet({ spec }: DaemonSet): FieldError[] {
  return [
    ...validateSelector(spec),
    ...(spec.template ? validateTemplate(spec.template) : [required('spec.template')]),
    ...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...validateStrategy(spec.updateStrategy ?? {}, 'spec.updateStrategy'),
    ...nonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
  ]
}

function validateSelector({ selector, template }: DaemonSetSpec): FieldError[] {
  const wrong = validateLabelSelector(selector, 'spec.selector')
  const labels = template?.metadata?.labels
  const empty = selector !== undefined && !Object.keys(selector.matchLabels ?? {}).length && !selector.matchExpressions?.length
  const matches = selector !== undefined && wrong.length === 0 && matchesLabels(selectorOf(selector), labels)
  return [
    ...wrong,
    ...(wrong.length > 0 || matches ? [] : [selectorMismatch(labels, 'spec.template')]),
    ...(empty ? [invalid('spec.selector', selector, 'empty selector is invalid for daemonset')] : []),
  ]
}

function validateTemplate(template: DaemonSetSpec['template']): FieldError[] {
  const field = 'spec.template'
  const writable = (template.spec.volumes ?? []).flatMap(({ gcePersistentDisk }, index) => (gcePersistentDisk && !gcePersistentDisk.readOnly
    ? [invalid(`${field}.spec.volumes[${index}].gcePersistentDisk.readOnly`, false, 'must be true for replicated pods > 1; GCE PD can only be mounted on multiple machines if it is read-only')] : []))
  return [
    ...validatePodTemplateSpec(template, field), ...writable,
    ...restartAlways(template.spec.restartPolicy, `${field}.spec.restartPolicy`),
    ...(template.spec.activeDeadlineSeconds === undefined ? [] : [forbidden(`${field}.spec.activeDeadlineSeconds`, 'activeDeadlineSeconds in DaemonSet is not Supported')]),
  ]
}

function validateStrategy(strategy: DaemonSetUpdateStrategy, field: string): FieldError[] {
  if (strategy.type === 'OnDelete') return []
  if (strategy.type !== 'RollingUpdate') return [notSupported(field, strategy, ['RollingUpdate', 'OnDelete'])]
  return strategy.rollingUpdate ? validateRollingUpdate(strategy.rollingUpdate, `${field}.rollingUpdate`) : [required(`${field}.rollingUpdate`)]
}

function validateRollingUpdate({ maxUnavailable, maxSurge }: RollingUpdateDaemonSet, field: string): FieldError[] {
  const unavailable = intOrPercentValue(maxUnavailable) !== 0
  const surge = intOrPercentValue(maxSurge) !== 0
  return [
    ...intOrPercent(maxUnavailable, `${field}.maxUnavailable`), ...intOrPercent(maxSurge, `${field}.maxSurge`),
    ...atMostHundredPercent(maxUnavailable, `${field}.maxUnavailable`), ...atMostHundredPercent(maxSurge, `${field}.maxSurge`),
    ...(unavailable && surge ? [invalid(`${field}.maxSurge`, maxSurge, 'may not be set when maxUnavailable is non-zero')] : []),
    ...(!unavailable && !surge ? [required(`${field}.maxUnavailable`, 'cannot be 0 when maxSurge is 0')] : []),
  ]
}

const counts = ['currentNumberScheduled', 'numberMisscheduled', 'desiredNumberScheduled', 'numberReady', 'observedGeneration', 'updatedNumberScheduled', 'numberAvailable', 'numberUnavailable', 'collisionCount'] as const

function validateStatus({ status }: DaemonSet, { status: old }: DaemonSet): FieldError[] {
  const collisions = status?.collisionCount ?? 0
  return [
    ...counts.flatMap((name) => nonNegative(status?.[name], `status.${name}`)),
    ...(collisions < (old?.collisionCount ?? 0) ? [invalid('status.collisionCount', collisions, 'cannot be decremented')] : []),
  ]
}
