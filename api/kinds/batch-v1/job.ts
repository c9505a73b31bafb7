import { humanDuration } from '../../table/duration.ts'
import { Job } from '../../types/batch-v1.ts'
import { age, labelSelectorColumn, templateColumns, text } from '../columns.ts'
import { defaultJob } from '../defaults/job.ts'
import { dropDisabledTemplateFields } from '../disabled-fields.ts'
import type { Kind } from '../kind.ts'
import { keepSpec, keepStatusAndCount } from '../strategy.ts'
import { validateJobStatusUpdate } from '../validation/job-status.ts'
import { nameLabels, uidLabels, validateJob, validateJobUpdate } from '../validation/job.ts'
import { allVerbs, viewVerbs } from '../verbs.ts'
import { jobWarnings } from '../warnings/job.ts'

export const jobs: Kind<Job> = {
  group: 'batch', version: 'v1', kind: 'Job', resource: 'jobs', singular: 'job', categories: ['all'],
  namespaced: true, verbs: allVerbs, schema: Job, storage: 'jobs',
  doc: 'Runs pods until enough of them have succeeded.',
  subresources: {
    status: { type: 'status', verbs: viewVerbs, prepareForUpdate: keepSpec, validateUpdate: validateJobStatusUpdate },
  },
  default: defaultJob,
  prepareForCreate,
  prepareForUpdate: keepStatusAndCount,
  validate: validateJob,
  validateUpdate: validateJobUpdate,
  warnings: jobWarnings,
  columns: [
    text('Status', jobState, 'Whether the job runs or has ended, and how.'),
    text('Completions', completions, 'How many of the wanted pods have succeeded.'),
    { name: 'Duration', type: 'string', description: 'How long the job has run.', value: duration },
    age, ...templateColumns, labelSelectorColumn,
  ],
  fieldLabels: { 'status.successful': ({ status }) => String(status?.succeeded ?? 0) },
}

/** Its pods are told apart from those of any other Job by its uid, unless the user manages the selector. */
function prepareForCreate(job: Job): void {
  job.status = {}
  dropDisabledTemplateFields(job.spec.template, undefined)
  job.metadata.generation = 1
  const { spec, metadata: { uid = '', name } } = job
  if (spec.manualSelector) return
  const template = (spec.template.metadata ??= { name: '' })
  const labels = (template.labels ??= {})
  for (const key of nameLabels) labels[key] ??= name ?? ''
  for (const key of uidLabels) labels[key] ??= uid
  const selector = (spec.selector ??= {})
  const wanted = (selector.matchLabels ??= {})
  wanted[uidLabels[0]] ??= uid
}

function jobState({ metadata, status }: Job): string {
  const has = (type: string): boolean => (status?.conditions ?? []).some((condition) => condition.type === type && condition.status === 'True')
  if (has('Complete')) return 'Complete'
  if (has('Failed')) return 'Failed'
  if (metadata.deletionTimestamp) return 'Terminating'
  return ['Suspended', 'FailureTarget', 'SuccessCriteriaMet'].find(has) ?? 'Running'
}

function completions({ spec, status }: Job): string {
  const succeeded = status?.succeeded ?? 0
  if (spec.completions !== undefined) return `${succeeded}/${spec.completions}`
  const { parallelism = 0 } = spec
  return parallelism > 1 ? `${succeeded}/1 of ${parallelism}` : `${succeeded}/1`
}

function duration({ status }: Job, now: number): string {
  if (!status?.startTime) return ''
  return humanDuration((status.completionTime ? Date.parse(status.completionTime) : now) - Date.parse(status.startTime))
}
