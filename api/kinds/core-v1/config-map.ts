import { ConfigMap } from '../../types/core-v1/config.ts'
import type { Kind } from '../kind.ts'
import { allVerbs } from '../verbs.ts'

export const configMaps: Kind<ConfigMap> = {
  group: '', version: 'v1', kind: 'ConfigMap', resource: 'configmaps', singular: 'configmap', shortNames: ['cm'],
  namespaced: true, verbs: allVerbs, schema: ConfigMap, storage: 'configmaps',
  doc: 'Configuration for pods as keys and values.',
  validate: () => [],
}
