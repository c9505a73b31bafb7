import type { Infer } from '../schema/schema.ts'
import { always, bool, int32, int64, list, opt, req, string, struct, text, time } from '../schema/schema.ts'
import { ConditionStatus, ObjectReference } from './core-v1/common.ts'
import { PodConditionType } from './core-v1/pod-status.ts'
import { PodTemplateSpec } from './core-v1/pod.ts'
import { LabelSelector, ObjectMeta } from './meta-v1/meta.ts'

export const CompletionMode = text('Indexed', 'NonIndexed')

export const ConcurrencyPolicy = text('Allow', 'Forbid', 'Replace')

export const PodFailurePolicyAction = text('Count', 'FailIndex', 'FailJob', 'Ignore')

export const PodFailurePolicyOnExitCodesOperator = text('In', 'NotIn')

export const PodFailurePolicyOnExitCodesRequirement = struct('batch/v1.PodFailurePolicyOnExitCodesRequirement', {
  containerName: opt(1, string, { pointer: true }),
  operator: req(2, PodFailurePolicyOnExitCodesOperator),
  values: req(3, list(int32), { listType: 'set' }),
})
export interface PodFailurePolicyOnExitCodesRequirement extends Infer<typeof PodFailurePolicyOnExitCodesRequirement> {}

export const PodFailurePolicyOnPodConditionsPattern = struct('batch/v1.PodFailurePolicyOnPodConditionsPattern', {
  type: req(1, PodConditionType),
  status: opt(2, ConditionStatus, { written: true }),
})
export interface PodFailurePolicyOnPodConditionsPattern extends Infer<typeof PodFailurePolicyOnPodConditionsPattern> {}

export const PodFailurePolicyRule = struct('batch/v1.PodFailurePolicyRule', {
  action: req(1, PodFailurePolicyAction),
  onExitCodes: opt(2, PodFailurePolicyOnExitCodesRequirement),
  onPodConditions: opt(3, list(PodFailurePolicyOnPodConditionsPattern), { listType: 'atomic' }),
})
export interface PodFailurePolicyRule extends Infer<typeof PodFailurePolicyRule> {}

export const PodFailurePolicy = struct('batch/v1.PodFailurePolicy', {
  rules: req(1, list(PodFailurePolicyRule), { listType: 'atomic' }),
})
export interface PodFailurePolicy extends Infer<typeof PodFailurePolicy> {}

export const PodReplacementPolicy = text('Failed', 'TerminatingOrFailed')

export const SuccessPolicyRule = struct('batch/v1.SuccessPolicyRule', {
  succeededIndexes: opt(1, string, { pointer: true }),
  succeededCount: opt(2, int32, { pointer: true }),
})
export interface SuccessPolicyRule extends Infer<typeof SuccessPolicyRule> {}

export const SuccessPolicy = struct('batch/v1.SuccessPolicy', {
  rules: req(1, list(SuccessPolicyRule), { listType: 'atomic' }),
})
export interface SuccessPolicy extends Infer<typeof SuccessPolicy> {}

export const JobSpec = struct('batch/v1.JobSpec', {
  parallelism: opt(1, int32, { pointer: true }),
  completions: opt(2, int32, { pointer: true }),
  activeDeadlineSeconds: opt(3, int64, { pointer: true }),
  podFailurePolicy: opt(11, PodFailurePolicy),
  successPolicy: opt(16, SuccessPolicy),
  backoffLimit: opt(7, int32, { pointer: true }),
  backoffLimitPerIndex: opt(12, int32, { pointer: true }),
  maxFailedIndexes: opt(13, int32, { pointer: true }),
  selector: opt(4, LabelSelector),
  manualSelector: opt(5, bool, { pointer: true }),
  template: req(6, PodTemplateSpec),
  ttlSecondsAfterFinished: opt(8, int32, { pointer: true }),
  completionMode: opt(9, CompletionMode, { pointer: true }),
  suspend: opt(10, bool, { pointer: true }),
  podReplacementPolicy: opt(14, PodReplacementPolicy, { pointer: true }),
  managedBy: opt(15, string, { pointer: true }),
})
export interface JobSpec extends Infer<typeof JobSpec> {}

export const JobTemplateSpec = struct('batch/v1.JobTemplateSpec', {
  metadata: always(1, ObjectMeta),
  spec: always(2, JobSpec),
})
export interface JobTemplateSpec extends Infer<typeof JobTemplateSpec> {}

export const CronJobSpec = struct('batch/v1.CronJobSpec', {
  schedule: req(1, string),
  timeZone: opt(8, string, { pointer: true }),
  startingDeadlineSeconds: opt(2, int64, { pointer: true }),
  concurrencyPolicy: opt(3, ConcurrencyPolicy),
  suspend: opt(4, bool, { pointer: true }),
  jobTemplate: req(5, JobTemplateSpec),
  successfulJobsHistoryLimit: opt(6, int32, { pointer: true }),
  failedJobsHistoryLimit: opt(7, int32, { pointer: true }),
})
export interface CronJobSpec extends Infer<typeof CronJobSpec> {}

export const CronJobStatus = struct('batch/v1.CronJobStatus', {
  active: opt(1, list(ObjectReference), { listType: 'atomic' }),
  lastScheduleTime: opt(4, time, { pointer: true }),
  lastSuccessfulTime: opt(5, time, { pointer: true }),
})
export interface CronJobStatus extends Infer<typeof CronJobStatus> {}

export const CronJob = struct('batch/v1.CronJob', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, CronJobSpec),
  status: opt(3, CronJobStatus),
})
export interface CronJob extends Infer<typeof CronJob> {}

export const JobConditionType = text('Complete', 'Failed', 'FailureTarget', 'SuccessCriteriaMet', 'Suspended')

export const JobCondition = struct('batch/v1.JobCondition', {
  type: req(1, JobConditionType),
  status: req(2, ConditionStatus),
  lastProbeTime: opt(3, time),
  lastTransitionTime: opt(4, time),
  reason: opt(5, string),
  message: opt(6, string),
})
export interface JobCondition extends Infer<typeof JobCondition> {}

export const UncountedTerminatedPods = struct('batch/v1.UncountedTerminatedPods', {
  succeeded: opt(1, list(string), { listType: 'set' }),
  failed: opt(2, list(string), { listType: 'set' }),
})
export interface UncountedTerminatedPods extends Infer<typeof UncountedTerminatedPods> {}

export const JobStatus = struct('batch/v1.JobStatus', {
  conditions: opt(1, list(JobCondition), { listType: 'atomic', patchMergeKey: 'type', patchStrategy: 'merge' }),
  startTime: opt(2, time, { pointer: true }),
  completionTime: opt(3, time, { pointer: true }),
  active: opt(4, int32),
  succeeded: opt(5, int32),
  failed: opt(6, int32),
  terminating: opt(11, int32, { pointer: true }),
  completedIndexes: opt(7, string),
  failedIndexes: opt(10, string, { pointer: true }),
  uncountedTerminatedPods: opt(8, UncountedTerminatedPods),
  ready: opt(9, int32, { pointer: true }),
})
export interface JobStatus extends Infer<typeof JobStatus> {}

export const Job = struct('batch/v1.Job', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, JobSpec),
  status: opt(3, JobStatus),
})
export interface Job extends Infer<typeof Job> {}
