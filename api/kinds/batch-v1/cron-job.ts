import { ageOf } from '../../table/duration.ts'
import { CronJob } from '../../types/batch-v1.ts'
import { formatLabelSelector } from '../../selectors/labels.ts'
import { age, containerImages, containerNames, integer, text, wide } from '../columns.ts'
import { defaultCronJob } from '../defaults/job.ts'
import type { Kind } from '../kind.ts'
import { keepSpec, keepStatusAndCount, startWith } from '../strategy.ts'
import { validateCronJob, validateCronJobUpdate } from '../validation/cron-job.ts'
import { allVerbs, viewVerbs } from '../verbs.ts'
import { cronJobWarnings } from '../warnings/job.ts'

export const cronJobs: Kind<CronJob> = {
  group: 'batch', version: 'v1', kind: 'CronJob', resource: 'cronjobs', singular: 'cronjob', shortNames: ['cj'], categories: ['all'],
  namespaced: true, verbs: allVerbs, schema: CronJob, storage: 'cronjobs',
  doc: 'Makes Jobs by the clock.',
  subresources: {
    status: { type: 'status', verbs: viewVerbs, prepareForUpdate: keepSpec, validateUpdate: () => [] },
  },
  default: defaultCronJob,
  prepareForCreate: startWith<CronJob>(() => ({})),
  prepareForUpdate: keepStatusAndCount,
  validate: validateCronJob,
  validateUpdate: validateCronJobUpdate,
  warnings: cronJobWarnings,
  columns: [
    text('Schedule', ({ spec }) => spec.schedule, 'When a job is made, as five fields.'),
    text('Timezone', ({ spec }) => spec.timeZone ?? '<none>', 'Where those hours are told.'),
    { name: 'Suspend', type: 'boolean', description: 'Whether it pauses.', value: ({ spec }) => (spec.suspend === undefined ? '<unset>' : spec.suspend ? 'True' : 'False') },
    integer('Active', ({ status }) => status?.active?.length, 'How many of its jobs run.'),
    { name: 'Last Schedule', type: 'string', description: 'How long ago a job was made.', value: ({ status }, now) => (status?.lastScheduleTime ? ageOf(status.lastScheduleTime, now) : '<none>') },
    age,
    wide('Containers', ({ spec }) => containerNames(spec.jobTemplate.spec.template), 'The names of the containers of the template.'),
    wide('Images', ({ spec }) => containerImages(spec.jobTemplate.spec.template), 'The images of the containers of the template.'),
    wide('Selector', ({ spec }) => formatLabelSelector(spec.jobTemplate.spec.selector), 'The selector of the pods.'),
  ],
}
