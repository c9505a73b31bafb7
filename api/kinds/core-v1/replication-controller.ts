import type { FieldError } from '../../errors.ts'
import { selectorOfMap } from '../../selectors/labels.ts'
import { ReplicationController } from '../../types/core-v1/replication-controller.ts'
import { age, formatLabels, integer, templateColumns, wide } from '../columns.ts'
import { defaultPodTemplate } from '../defaults/pod.ts'
import type { Kind } from '../kind.ts'
import { scaleByLabels } from '../scale.ts'
import { keepSpec, keepStatusAndCount, startWith } from '../strategy.ts'
import { nonNegative, required } from '../validation/field.ts'
import { validateWorkloadTemplate } from '../validation/pod-template.ts'
import { validateCounts } from '../validation/workload.ts'
import { allVerbs, viewVerbs } from '../verbs.ts'
import { workloadWarnings } from '../warnings/pod.ts'

export const replicationControllers: Kind<ReplicationController> = {
  group: '', version: 'v1', kind: 'ReplicationController', resource: 'replicationcontrollers', singular: 'replicationcontroller', shortNames: ['rc'],
  categories: ['all'], namespaced: true, verbs: allVerbs, schema: ReplicationController, storage: 'controllers',
  doc: 'Keeps a number of equal pods running; the ancestor of ReplicaSet.',
  subresources: {
    scale: scaleByLabels,
    status: { type: 'status', verbs: viewVerbs, prepareForUpdate: keepSpec, validateUpdate: ({ status }: ReplicationController) => validateCounts(status, ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas']) },
  },
  default: defaultController,
  prepareForCreate: startWith<ReplicationController>(() => ({ replicas: 0 })),
  prepareForUpdate: keepStatusAndCount,
  validate,
  validateUpdate: validate,
  warnings: workloadWarnings,
  columns: [
    integer('Desired', ({ spec }) => spec.replicas, 'How many pods are wanted.'),
    integer('Current', ({ status }) => status?.replicas, 'How many pods there are.'),
    integer('Ready', ({ status }) => status?.readyReplicas, 'How many pods are ready.'),
    age, ...templateColumns,
    wide('Selector', ({ spec }) => formatLabels(spec.selector), 'The labels of the pods.'),
  ],
  fieldLabels: { 'status.replicas': ({ status }) => String(status?.replicas ?? 0) },
}

/** Without a selector of its own it looks for what its template makes. */
function defaultController({ metadata, spec }: ReplicationController): void {
  spec.replicas ??= 1
  if (!spec.template) return
  const { labels } = spec.template.metadata ?? {}
  if (labels && !Object.keys(spec.selector ?? {}).length) spec.selector = { ...labels }
  if (labels && !Object.keys(metadata.labels ?? {}).length) metadata.labels = { ...labels }
  defaultPodTemplate(spec.template)
}

function validate({ spec }: ReplicationController): FieldError[] {
  return [
    ...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'),
    ...(Object.keys(spec.selector ?? {}).length ? [] : [required('spec.selector')]),
    ...nonNegative(spec.replicas, 'spec.replicas'),
    ...validateWorkloadTemplate(spec.template, selectorOfMap(spec.selector), 'ReplicationController', 'spec.template'),
  ]
}
