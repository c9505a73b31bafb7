import type { CronJob, Job } from '../../types/batch-v1.ts'
import { defaultPodTemplate } from './pod.ts'

const maxInt32 = 2 ** 31 - 1

/** A Job without numbers runs one pod once. Its labels are those of its pods, unless it has some of its own. */
export function defaultJob({ metadata, spec }: Job): void {
  if (spec.completions === undefined && spec.parallelism === undefined) spec.completions = 1
  spec.parallelism ??= 1
  spec.backoffLimit ??= spec.backoffLimitPerIndex === undefined ? 6 : maxInt32
  const labels = spec.template.metadata?.labels
  if (labels && !Object.keys(metadata.labels ?? {}).length) metadata.labels = { ...labels }
  spec.completionMode ??= 'NonIndexed'
  spec.suspend ??= false
  spec.manualSelector ??= false
  spec.podReplacementPolicy ??= spec.podFailurePolicy ? 'Failed' : 'TerminatingOrFailed'
  for (const { onPodConditions = [] } of spec.podFailurePolicy?.rules ?? []) for (const pattern of onPodConditions) pattern.status ||= 'True'
  defaultPodTemplate(spec.template)
}

/** The Jobs it makes get their own defaults when they are made. */
export function defaultCronJob({ spec }: CronJob): void {
  spec.concurrencyPolicy ||= 'Allow'
  spec.suspend ??= false
  spec.successfulJobsHistoryLimit ??= 3
  spec.failedJobsHistoryLimit ??= 1
  if (spec.jobTemplate.spec) defaultPodTemplate(spec.jobTemplate.spec.template)
}
