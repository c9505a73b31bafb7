import { Lease } from '../../types/coordination-v1.ts'
import type { Kind } from '../kind.ts'
import { allVerbs } from '../verbs.ts'

export const leases: Kind<Lease> = {
  group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', resource: 'leases', singular: 'lease',
  namespaced: true, verbs: allVerbs, schema: Lease, storage: 'leases', ephemeral: true, createOnUpdate: true, unconditionalUpdate: false,
  doc: 'A time-limited claim: who leads, or that a node is alive.',
  validate: () => [],
}
