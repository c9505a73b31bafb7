import { Job } from '../../types/batch-v1.ts'
import { age } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { keepSpec, keepStatusAndCount } from '../strategy.ts'
import { allVerbs, viewVerbs } from '../verbs.ts'

export const jobs: Kind<Job> = {
  group: 'batch', version: 'v1', kind: 'Job', resource: 'jobs', singular: 'job', categories: ['all'],
  namespaced: true, verbs: allVerbs, schema: Job, storage: 'jobs',
  doc: 'Runs pods until enough of them have succeeded.',
  subresources: {
    status: { type: 'status', verbs: viewVerbs, prepareForUpdate: keepSpec, validateUpdate: () => [] },
  },
  prepareForUpdate: keepStatusAndCount,
  validate: () => [],
  columns: [age],
}
