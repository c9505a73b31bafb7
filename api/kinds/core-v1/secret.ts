import { Secret } from '../../types/core-v1/config.ts'
import type { Kind } from '../kind.ts'
import { allVerbs } from '../verbs.ts'

export const secrets: Kind<Secret> = {
  group: '', version: 'v1', kind: 'Secret', resource: 'secrets', singular: 'secret',
  namespaced: true, verbs: allVerbs, schema: Secret, storage: 'secrets',
  doc: 'Confidential data for pods as keys and values.',
  validate: () => [],
}
