import { PersistentVolume } from '../../types/core-v1/persistent-volume.ts'
import { age } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { keepSpec, keepStatusAndCount } from '../strategy.ts'
import { allVerbs, viewVerbs } from '../verbs.ts'

export const persistentVolumes: Kind<PersistentVolume> = {
  group: '', version: 'v1', kind: 'PersistentVolume', resource: 'persistentvolumes', singular: 'persistentvolume', shortNames: ['pv'],
  namespaced: false, verbs: allVerbs, schema: PersistentVolume, storage: 'persistentvolumes',
  doc: 'A piece of storage of the cluster.',
  subresources: {
    status: { type: 'status', verbs: viewVerbs, prepareForUpdate: keepSpec, validateUpdate: () => [] },
  },
  prepareForUpdate: keepStatusAndCount,
  validate: () => [],
  columns: [age],
}
