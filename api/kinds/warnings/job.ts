import type { CronJob, Job, JobSpec } from '../../types/batch-v1.ts'
import { nameWarnings, podTemplateWarnings } from './pod.ts'

const inNames = 'in Pod names and hostnames'

export const jobWarnings = ({ metadata, spec }: Job, old?: Job): string[] =>
  [...(old ? [] : nameWarnings(metadata, inNames)), ...(metadata.generation === old?.metadata.generation ? [] : jobSpecWarnings(spec, 'spec'))]

export function cronJobWarnings({ metadata, spec }: CronJob, old?: CronJob): string[] {
  const zone = 'CRON_TZ or TZ used in spec.schedule is not officially supported, see https://kubernetes.io/docs/concepts/workloads/controllers/cron-jobs/ for more details'
  return [
    ...(old ? [] : nameWarnings(metadata, inNames)),
    ...(metadata.generation === old?.metadata.generation ? [] : jobSpecWarnings(spec.jobTemplate.spec, 'spec.jobTemplate.spec')),
    ...(old && spec.schedule.includes('TZ') ? [zone] : []),
  ]
}

function jobSpecWarnings({ completionMode, completions = 0, parallelism = 0, template }: JobSpec, field: string): string[] {
  const tooWide = completionMode === 'Indexed' && completions > 100_000 && parallelism > 10_000
  const sentence = 'In Indexed Jobs with a number of completions higher than 10^5 and a parallelism higher than 10^4, Kubernetes might not be able to track completedIndexes when a big number of indexes fail'
  return [...(tooWide ? [sentence] : []), ...podTemplateWarnings(template, `${field}.template`)]
}
