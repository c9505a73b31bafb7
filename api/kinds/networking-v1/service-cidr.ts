import { ServiceCIDR } from '../../types/networking-v1/ip-address.ts'
import { age } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { keepSpec, keepStatusAndCount } from '../strategy.ts'
import { allVerbs, viewVerbs } from '../verbs.ts'

export const serviceCIDRs: Kind<ServiceCIDR> = {
  group: 'networking.k8s.io', version: 'v1', kind: 'ServiceCIDR', resource: 'servicecidrs', singular: 'servicecidr',
  namespaced: false, verbs: allVerbs, schema: ServiceCIDR, storage: 'servicecidrs',
  doc: 'A range from which cluster IPs are taken.',
  subresources: {
    status: { type: 'status', verbs: viewVerbs, prepareForUpdate: keepSpec, validateUpdate: () => [] },
  },
  prepareForUpdate: keepStatusAndCount,
  validate: () => [],
  columns: [age],
}
