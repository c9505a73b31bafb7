import { RuntimeClass } from '../../types/node-v1.ts'
import { age } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { allVerbs } from '../verbs.ts'

export const runtimeClasses: Kind<RuntimeClass> = {
  group: 'node.k8s.io', version: 'v1', kind: 'RuntimeClass', resource: 'runtimeclasses', singular: 'runtimeclass',
  namespaced: false, verbs: allVerbs, schema: RuntimeClass, storage: 'runtimeclasses',
  doc: 'Names a way in which a node runs containers.',
  validate: () => [],
  columns: [age],
}
