import { Service } from '../../types/core-v1/service.ts'
import type { Kind } from '../kind.ts'
import { allVerbs, custom, proxyVerbs, viewVerbs } from '../verbs.ts'

export const services: Kind<Service> = {
  group: '', version: 'v1', kind: 'Service', resource: 'services', singular: 'service', shortNames: ['svc'], categories: ['all'],
  namespaced: true, verbs: allVerbs, schema: Service, storage: 'services/specs', nameRule: 'label1035', createOnUpdate: true,
  doc: 'A stable name and address for the pods its selector chooses.',
  subresources: {
    proxy: custom('ServiceProxyOptions', proxyVerbs),
    status: { type: 'status', verbs: viewVerbs },
  },
  validate: () => [],
}
