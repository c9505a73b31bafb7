import { CSIStorageCapacity } from '../../types/storage-v1.ts'
import { age } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { allVerbs } from '../verbs.ts'

export const csiStorageCapacities: Kind<CSIStorageCapacity> = {
  group: 'storage.k8s.io', version: 'v1', kind: 'CSIStorageCapacity', resource: 'csistoragecapacities', singular: 'csistoragecapacity',
  namespaced: true, verbs: allVerbs, schema: CSIStorageCapacity, storage: 'csistoragecapacities',
  doc: 'How much storage of a class is left in a part of the cluster.',
  validate: () => [],
  columns: [age],
}
