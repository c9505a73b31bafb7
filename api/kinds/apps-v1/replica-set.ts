import { ReplicaSet } from '../../types/apps-v1.ts'
import { age, integer, labelSelectorColumn, templateColumns } from '../columns.ts'
import { defaultPodTemplate } from '../defaults/pod.ts'
import type { Kind } from '../kind.ts'
import { scaleByLabelSelector } from '../scale.ts'
import { keepSpec, keepStatusAndCount, startWith } from '../strategy.ts'
import { nonNegative } from '../validation/field.ts'
import { selectorImmutable, validateCounts, validateSelectorAndTemplate } from '../validation/workload.ts'
import { allVerbs, viewVerbs } from '../verbs.ts'
import { workloadWarnings } from '../warnings/pod.ts'

export const replicaSets: Kind<ReplicaSet> = {
  group: 'apps', version: 'v1', kind: 'ReplicaSet', resource: 'replicasets', singular: 'replicaset', shortNames: ['rs'], categories: ['all'],
  namespaced: true, verbs: allVerbs, schema: ReplicaSet, storage: 'replicasets',
  doc: 'Keeps a number of equal pods running.',
  subresources: {
    scale: scaleByLabelSelector,
    status: { type: 'status', verbs: viewVerbs, prepareForUpdate: keepSpec, validateUpdate: ({ status }: ReplicaSet) => validateCounts(status, ['fullyLabeledReplicas', 'readyReplicas', 'availableReplicas'], ['observedGeneration', 'terminatingReplicas']) },
  },
  default({ spec }) {
    spec.replicas ??= 1
    if (spec.template) defaultPodTemplate(spec.template)
  },
  prepareForCreate: startWith<ReplicaSet>(() => ({ replicas: 0 })),
  prepareForUpdate: keepStatusAndCount,
  validate,
  validateUpdate: (set, old) => [...validate(set), ...selectorImmutable(set.spec, old.spec)],
  warnings: workloadWarnings,
  columns: [
    integer('Desired', ({ spec }) => spec.replicas, 'How many pods are wanted.'),
    integer('Current', ({ status }) => status?.replicas, 'How many pods there are.'),
    integer('Ready', ({ status }) => status?.readyReplicas, 'How many pods are ready.'),
    age, ...templateColumns, labelSelectorColumn,
  ],
  fieldLabels: { 'status.replicas': ({ status }) => String(status?.replicas ?? 0) },
}

function validate({ spec }: ReplicaSet) {
  return [...nonNegative(spec.replicas, 'spec.replicas'), ...nonNegative(spec.minReadySeconds, 'spec.minReadySeconds'), ...validateSelectorAndTemplate(spec)]
}
