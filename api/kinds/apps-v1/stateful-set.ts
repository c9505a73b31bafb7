import type { FieldError } from '../../errors.ts'
import { selectorOf } from '../../selectors/labels.ts'
import { StatefulSet } from '../../types/apps-v1-sets.ts'
import type { StatefulSetSpec, StatefulSetUpdateStrategy } from '../../types/apps-v1-sets.ts'
import { age, templateColumns, text } from '../columns.ts'
import { defaultPodTemplate } from '../defaults/pod.ts'
import type { Kind } from '../kind.ts'
import { scaleByLabelSelector } from '../scale.ts'
import { keepSpec, keepStatusAndCount, startWith } from '../strategy.ts'
import { semanticEqual } from '../validation/equal.ts'
import { forbidden, invalid, invalidFor, nonNegative, notSupported, required } from '../validation/field.ts'
import { atMostHundredPercent, intOrPercent, intOrPercentValue } from '../validation/int-or-percent.ts'
import { validateLabelSelector } from '../validation/labels.ts'
import { dnsLabel } from '../validation/names.ts'
import { validateWorkloadTemplate } from '../validation/pod-template.ts'
import { validateCounts } from '../validation/workload.ts'
import { allVerbs, viewVerbs } from '../verbs.ts'
import { workloadWarnings } from '../warnings/pod.ts'

export const statefulSets: Kind<StatefulSet> = {
  group: 'apps', version: 'v1', kind: 'StatefulSet', resource: 'statefulsets', singular: 'statefulset', shortNames: ['sts'], categories: ['all'],
  namespaced: true, verbs: allVerbs, schema: StatefulSet, storage: 'statefulsets',
  doc: 'Keeps pods running that have names and volumes of their own.',
  subresources: {
    scale: scaleByLabelSelector,
    status: { type: 'status', verbs: viewVerbs, prepareForUpdate: keepSpec, validateUpdate: validateStatus },
  },
  default(set) {
    const strategy = (set.spec.updateStrategy ??= {})
    if (!strategy.type) {
      strategy.type = 'RollingUpdate'
      strategy.rollingUpdate ??= {}
    }
    defaultStatefulSet(set)
  },
  prepareForCreate(set) {
    dropMaxUnavailable(set)
    start(set)
  },
  prepareForUpdate(set, old) {
    dropMaxUnavailable(set, old)
    keepStatusAndCount(set, old)
  },
  validate: (set) => [...validateStatefulSet(set), ...validateServiceName(set)],
  validateUpdate,
  warnings: workloadWarnings,
  columns: [
    text('Ready', ({ spec, status }) => `${status?.readyReplicas ?? 0}/${spec.replicas ?? 0}`, 'How many of the wanted pods are ready.'),
    age, ...templateColumns,
  ],
}

const start = startWith<StatefulSet>(() => ({ replicas: 0, availableReplicas: 0 }))

/** `MaxUnavailableStatefulSet` is off in 1.36: the field falls away unless it is in use. */
function dropMaxUnavailable({ spec }: StatefulSet, old?: StatefulSet): void {
  if (old?.spec.updateStrategy?.rollingUpdate?.maxUnavailable === undefined) delete spec.updateStrategy?.rollingUpdate?.maxUnavailable
}

/** What every version fills in alike; the strategy's type must have been chosen. */
export function defaultStatefulSet({ spec }: StatefulSet): void {
  spec.podManagementPolicy ||= 'OrderedReady'
  if (spec.updateStrategy?.type === 'RollingUpdate' && spec.updateStrategy.rollingUpdate) spec.updateStrategy.rollingUpdate.partition ??= 0
  const retention = (spec.persistentVolumeClaimRetentionPolicy ??= {})
  retention.whenDeleted ||= 'Retain'
  retention.whenScaled ||= 'Retain'
  spec.replicas ??= 1
  spec.revisionHistoryLimit ??= 10
  if (spec.template) defaultPodTemplate(spec.template)
  for (const claim of spec.volumeClaimTemplates ?? []) {
    claim.apiVersion = 'v1'
    claim.kind = 'PersistentVolumeClaim'
    claim.spec ??= {} as typeof claim.spec
    claim.spec.volumeMode ??= 'Filesystem'
    claim.status ??= {}
    claim.status.phase ||= 'Pending'
  }
}

function validateStatefulSet({ spec }: StatefulSet): FieldError[] {
  const { podManagementPolicy: policy, persistentVolumeClaimRetentionPolicy: retention } = spec
  const retained = ['Retain', 'Delete']
  return [
    ...(policy ? policy === 'OrderedReady' || policy === 'Parallel' ? [] : [invalid('spec.podManagementPolicy', policy, "must be 'OrderedReady' or 'Parallel'")] : [required('spec.podManagementPolicy')]),
    ...validateStrategy(spec.updateStrategy ?? {}, 'spec.updateStrategy'),
    ...(['whenDeleted', 'whenScaled'] as const).flatMap((name) => (retention && !retained.includes(retention[name] ?? '')
      ? [notSupported(`spec.persistentVolumeClaimRetentionPolicy.${name}`, retention[name], retained)] : [])),
    ...nonNegative(spec.replicas, 'spec.replicas'),
    ...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...nonNegative(spec.ordinals?.start, 'spec.ordinals.start'),
    ...nonNegative(spec.revisionHistoryLimit, 'spec.revisionHistoryLimit'),
    ...validateSelectorAndTemplate(spec),
  ]
}

function validateStrategy({ type, rollingUpdate }: StatefulSetUpdateStrategy, field: string): FieldError[] {
  if (!type) return [required(field)]
  const at = `${field}.rollingUpdate`
  if (type === 'OnDelete') return rollingUpdate ? [invalid(at, rollingUpdate, "only allowed for updateStrategy 'RollingUpdate'")] : []
  if (type !== 'RollingUpdate') return [invalid(field, { type, ...(rollingUpdate && { rollingUpdate }) }, "must be 'RollingUpdate' or 'OnDelete'")]
  const { partition, maxUnavailable } = rollingUpdate ?? {}
  return [
    ...nonNegative(partition, `${at}.partition`),
    ...(maxUnavailable === undefined ? [] : [
      ...intOrPercent(maxUnavailable, `${at}.maxUnavailable`),
      ...(intOrPercentValue(maxUnavailable) === 0 ? [invalid(`${at}.maxUnavailable`, maxUnavailable, 'cannot be 0')] : []),
      ...atMostHundredPercent(maxUnavailable, `${at}.maxUnavailable`),
    ]),
  ]
}

/** Claims make volumes, so that the mounts of the template find them. */
function validateSelectorAndTemplate({ selector, template, volumeClaimTemplates }: StatefulSetSpec): FieldError[] {
  const field = 'spec.selector'
  const wrong = selector ? validateLabelSelector(selector, field) : [required(field)]
  const empty = selector !== undefined && !Object.keys(selector.matchLabels ?? {}).length && !selector.matchExpressions?.length
  const claims = new Set((volumeClaimTemplates ?? []).map(({ metadata }) => metadata.name))
  const volumes = (template?.spec.volumes ?? []).filter(({ name }) => !claims.has(name))
  const mounted = template && claims.size > 0
    ? { ...template, spec: { ...template.spec, volumes: [...volumes, ...[...claims].map((name) => ({ name, persistentVolumeClaim: { claimName: name } }))] } } : template
  return [
    ...wrong,
    ...(empty ? [invalid(field, selector, 'empty selector is invalid for statefulset')] : []),
    ...(wrong.length && selector ? [invalid(field, selector, '')] : validateWorkloadTemplate(mounted, selectorOf(selector), 'StatefulSet', 'spec.template')),
  ]
}

const validateServiceName = ({ spec }: StatefulSet): FieldError[] => (spec.serviceName ? invalidFor('spec.serviceName', spec.serviceName, dnsLabel(spec.serviceName)) : [])

const changeable = ['replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy', 'minReadySeconds'] as const

function validateUpdate(set: StatefulSet, old: StatefulSet): FieldError[] {
  const rest = ({ spec }: StatefulSet) => ({ ...spec, ...Object.fromEntries(changeable.map((name) => [name, undefined])) })
  const names = changeable.map((name) => `'${name}'`)
  const detail = `updates to statefulset spec for fields other than ${names.slice(0, -1).join(', ')} and ${names.at(-1)} are forbidden`
  return [...validateStatefulSet(set), ...(semanticEqual(rest(set), rest(old)) ? [] : [forbidden('spec', detail)])]
}

function validateStatus({ status }: StatefulSet, { status: old }: StatefulSet): FieldError[] {
  const collisions = status?.collisionCount ?? 0
  return [
    ...validateCounts(status, ['readyReplicas', 'currentReplicas', 'updatedReplicas', 'availableReplicas'], ['observedGeneration', 'collisionCount']),
    ...(collisions < (old?.collisionCount ?? 0) ? [invalid('status.collisionCount', collisions, 'cannot be decremented')] : []),
  ]
}
