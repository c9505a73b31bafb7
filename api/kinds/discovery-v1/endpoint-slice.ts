import { EndpointSlice } from '../../types/discovery-v1.ts'
import type { Kind } from '../kind.ts'
import { allVerbs } from '../verbs.ts'

export const endpointSlices: Kind<EndpointSlice> = {
  group: 'discovery.k8s.io', version: 'v1', kind: 'EndpointSlice', resource: 'endpointslices', singular: 'endpointslice',
  namespaced: true, verbs: allVerbs, schema: EndpointSlice, storage: 'endpointslices',
  doc: 'Some of the addresses behind a Service, all of one family.',
  validate: () => [],
}
