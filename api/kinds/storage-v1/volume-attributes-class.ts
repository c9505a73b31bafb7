import { VolumeAttributesClass } from '../../types/storage-v1.ts'
import { age } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { allVerbs } from '../verbs.ts'

export const volumeAttributesClasses: Kind<VolumeAttributesClass> = {
  group: 'storage.k8s.io', version: 'v1', kind: 'VolumeAttributesClass', resource: 'volumeattributesclasses', singular: 'volumeattributesclass', shortNames: ['vac'],
  namespaced: false, verbs: allVerbs, schema: VolumeAttributesClass, storage: 'volumeattributesclasses',
  doc: 'A set of attributes of volumes that may change while they are in use.',
  validate: () => [],
  columns: [age],
}
