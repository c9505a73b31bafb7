import { Namespace } from '../../types/core-v1/namespace.ts'
import type { Kind } from '../kind.ts'
import { allVerbs, viewVerbs } from '../verbs.ts'

export const namespaces: Kind<Namespace> = {
  group: '', version: 'v1', kind: 'Namespace', resource: 'namespaces', singular: 'namespace', shortNames: ['ns'],
  namespaced: false, verbs: allVerbs.filter((verb) => verb !== 'deletecollection'), schema: Namespace, storage: 'namespaces', nameRule: 'label',
  doc: 'A room for names: objects in different namespaces may be called the same.',
  subresources: {
    finalize: { type: 'custom', verbs: ['update'] },
    status: { type: 'status', verbs: viewVerbs },
  },
  validate: () => [],
}
