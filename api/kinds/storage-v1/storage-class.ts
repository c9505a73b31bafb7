import { StorageClass } from '../../types/storage-v1.ts'
import { age } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { allVerbs } from '../verbs.ts'

export const storageClasses: Kind<StorageClass> = {
  group: 'storage.k8s.io', version: 'v1', kind: 'StorageClass', resource: 'storageclasses', singular: 'storageclass', shortNames: ['sc'],
  namespaced: false, verbs: allVerbs, schema: StorageClass, storage: 'storageclasses',
  doc: 'Names a sort of storage and who provides it.',
  validate: () => [],
  columns: [age],
}
