import { ReplicaSet } from '../../types/apps-v1.ts'
import type { Kind } from '../kind.ts'
import { scaleByLabelSelector } from '../scale.ts'
import { allVerbs, viewVerbs } from '../verbs.ts'

export const replicaSets: Kind<ReplicaSet> = {
  group: 'apps', version: 'v1', kind: 'ReplicaSet', resource: 'replicasets', singular: 'replicaset', shortNames: ['rs'], categories: ['all'],
  namespaced: true, verbs: allVerbs, schema: ReplicaSet, storage: 'replicasets',
  doc: 'Keeps a number of equal pods running.',
  subresources: {
    scale: scaleByLabelSelector,
    status: { type: 'status', verbs: viewVerbs },
  },
  validate: () => [],
}
