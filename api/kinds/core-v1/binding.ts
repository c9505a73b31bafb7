import { Binding } from '../../types/core-v1/binding.ts'
import type { Kind } from '../kind.ts'
import { notSupported, required } from '../validation/field.ts'

/** Never stored: creating one assigns a pod to a node. */
export const bindings: Kind<Binding> = {
  group: '', version: 'v1', kind: 'Binding', resource: 'bindings', singular: 'binding',
  namespaced: true, verbs: ['create'], schema: Binding, storage: '',
  doc: 'Ties one object to another: a pod to the node that shall run it.',
  validate: ({ target }) => [
    ...(target.kind && target.kind !== 'Node' ? [notSupported('target.kind', target.kind, ['Node', '<empty>'])] : []),
    ...(target.name ? [] : [required('target.name')]),
  ],
}
