import { CSINode } from '../../types/storage-v1.ts'
import { age } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { allVerbs } from '../verbs.ts'

export const csiNodes: Kind<CSINode> = {
  group: 'storage.k8s.io', version: 'v1', kind: 'CSINode', resource: 'csinodes', singular: 'csinode',
  namespaced: false, verbs: allVerbs, schema: CSINode, storage: 'csinodes',
  doc: 'The CSI drivers that run on a node.',
  validate: () => [],
  columns: [age],
}
