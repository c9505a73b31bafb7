import { ReplicationController } from '../../types/core-v1/replication-controller.ts'
import type { Kind } from '../kind.ts'
import { scaleByLabels } from '../scale.ts'
import { allVerbs, viewVerbs } from '../verbs.ts'

export const replicationControllers: Kind<ReplicationController> = {
  group: '', version: 'v1', kind: 'ReplicationController', resource: 'replicationcontrollers', singular: 'replicationcontroller', shortNames: ['rc'],
  categories: ['all'], namespaced: true, verbs: allVerbs, schema: ReplicationController, storage: 'controllers',
  doc: 'Keeps a number of equal pods running; the ancestor of ReplicaSet.',
  subresources: {
    scale: scaleByLabels,
    status: { type: 'status', verbs: viewVerbs },
  },
  validate: () => [],
}
