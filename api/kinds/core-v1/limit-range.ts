import { LimitRange } from '../../types/core-v1/quota.ts'
import { age } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { allVerbs } from '../verbs.ts'

export const limitRanges: Kind<LimitRange> = {
  group: '', version: 'v1', kind: 'LimitRange', resource: 'limitranges', singular: 'limitrange', shortNames: ['limits'],
  namespaced: true, verbs: allVerbs, schema: LimitRange, storage: 'limitranges',
  doc: 'Bounds and defaults for what one pod, container or claim may ask for.',
  validate: () => [],
  columns: [age],
}
