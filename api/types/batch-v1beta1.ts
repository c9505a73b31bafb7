import { struct, text } from '../schema/schema.ts'
import { CronJob as StableCronJob, CronJobSpec as StableCronJobSpec, CronJobStatus as StableCronJobStatus, JobTemplateSpec as StableJobTemplateSpec } from './batch-v1.ts'

export const ConcurrencyPolicy = text('Allow', 'Forbid', 'Replace')

export const JobTemplateSpec = struct('batch/v1beta1.JobTemplateSpec', StableJobTemplateSpec.fields)
export type JobTemplateSpec = StableJobTemplateSpec

export const CronJobSpec = struct('batch/v1beta1.CronJobSpec', StableCronJobSpec.fields)
export type CronJobSpec = StableCronJobSpec

export const CronJobStatus = struct('batch/v1beta1.CronJobStatus', StableCronJobStatus.fields)
export type CronJobStatus = StableCronJobStatus

export const CronJob = struct('batch/v1beta1.CronJob', StableCronJob.fields)
export type CronJob = StableCronJob
