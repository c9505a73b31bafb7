import { CronJob } from '../../types/batch-v1.ts'
import { age } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { keepSpec, keepStatusAndCount } from '../strategy.ts'
import { allVerbs, viewVerbs } from '../verbs.ts'

export const cronJobs: Kind<CronJob> = {
  group: 'batch', version: 'v1', kind: 'CronJob', resource: 'cronjobs', singular: 'cronjob', shortNames: ['cj'], categories: ['all'],
  namespaced: true, verbs: allVerbs, schema: CronJob, storage: 'cronjobs',
  doc: 'Makes Jobs by the clock.',
  subresources: {
    status: { type: 'status', verbs: viewVerbs, prepareForUpdate: keepSpec, validateUpdate: () => [] },
  },
  prepareForUpdate: keepStatusAndCount,
  validate: () => [],
  columns: [age],
}
