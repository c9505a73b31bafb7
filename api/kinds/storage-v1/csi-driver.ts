import { CSIDriver } from '../../types/storage-v1.ts'
import { age } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { allVerbs } from '../verbs.ts'

export const csiDrivers: Kind<CSIDriver> = {
  group: 'storage.k8s.io', version: 'v1', kind: 'CSIDriver', resource: 'csidrivers', singular: 'csidriver',
  namespaced: false, verbs: allVerbs, schema: CSIDriver, storage: 'csidrivers',
  doc: 'What the cluster has to know of a CSI driver.',
  validate: () => [],
  columns: [age],
}
