import { Endpoints } from '../../types/core-v1/endpoints.ts'
import type { Kind } from '../kind.ts'
import { allVerbs } from '../verbs.ts'

export const endpoints: Kind<Endpoints> = {
  group: '', version: 'v1', kind: 'Endpoints', resource: 'endpoints', singular: 'endpoints', shortNames: ['ep'],
  namespaced: true, verbs: allVerbs, schema: Endpoints, storage: 'services/endpoints', createOnUpdate: true,
  doc: 'The addresses behind a Service in the old form; EndpointSlice replaces it.',
  validate: () => [],
}
