import type { FieldError } from '../../errors.ts'
import type { Job, JobStatus, UncountedTerminatedPods } from '../../types/batch-v1.ts'
import { semanticEqual } from './equal.ts'
import { duplicate, each, immutableMessage, invalid, nonNegative, required } from './field.ts'
import { commonIndex, countIndexes } from './indexes.ts'
import { isIndexed } from './job.ts'

const holds = ({ conditions = [] }: JobStatus, type: string): boolean => conditions.some((condition) => condition.type === type && condition.status === 'True')
const contradiction = (detail: string): FieldError => invalid('status.conditions', undefined, detail)
const counts = ['active', 'succeeded', 'failed', 'ready', 'terminating'] as const

/**
 * A change through `jobs/status`. Whoever runs Jobs (`managedBy`) may write it, and all others rely on it: what is said of
 * a finished Job must be consistent. What was there before and is not touched is let pass.
 */
export function validateJobStatusUpdate(job: Job, old: Job): FieldError[] {
  const now = job.status ?? {}, before = old.status ?? {}
  const changed = (...names: (keyof JobStatus)[]): boolean => names.some((name) => !semanticEqual(now[name], before[name]))
  const turned = (...types: string[]): boolean => types.some((type) => holds(now, type) !== holds(before, type))
  return [
    ...counts.flatMap((name) => nonNegative(now[name], `status.${name}`)),
    ...validateUncounted(now.uncountedTerminatedPods ?? {}, 'status.uncountedTerminatedPods'),
    ...validateEnd(now, changed, turned),
    ...validateFinished(now, changed, turned),
    ...validateIndexes(job, changed),
    ...(changed('ready', 'active') && now.ready !== undefined && now.ready > (now.active ?? 0) ? [invalid('status.ready', now.ready, 'cannot set more ready pods than active')] : []),
    ...validateSuccess(job, old),
    ...validateTransitions(job, old),
  ]
}

function validateUncounted({ succeeded, failed }: UncountedTerminatedPods, field: string): FieldError[] {
  const seen = new Set<string>()
  const check = (uid: string, path: string): FieldError[] => {
    if (!uid) return [invalid(path, uid, 'must not be empty')]
    const repeated = seen.has(uid)
    seen.add(uid)
    return repeated ? [duplicate(path, uid)] : []
  }
  return [...each(succeeded, `${field}.succeeded`, check), ...each(failed, `${field}.failed`, check)]
}

type Changed = (...names: (keyof JobStatus)[]) => boolean
type Turned = (...types: string[]) => boolean

function validateEnd(now: JobStatus, changed: Changed, turned: Turned): FieldError[] {
  const { completionTime, startTime } = now
  const complete = holds(now, 'Complete'), failed = holds(now, 'Failed')
  const timed = turned('Complete') || changed('completionTime')
  const backwards = startTime !== undefined && completionTime !== undefined && Date.parse(completionTime) < Date.parse(startTime)
  return [
    ...(turned('Complete', 'Failed') && complete && failed ? [contradiction('cannot set Complete=True and Failed=true conditions')] : []),
    ...(turned('Complete', 'FailureTarget') && complete && holds(now, 'FailureTarget') ? [contradiction('cannot set Complete=True and FailureTarget=true conditions')] : []),
    ...(timed && completionTime !== undefined && !complete ? [invalid('status.completionTime', completionTime, 'cannot set completionTime when there is no Complete=True condition')] : []),
    ...(timed && completionTime === undefined && complete ? [required('status.completionTime', 'completionTime is required for Complete jobs')] : []),
    ...(changed('startTime', 'completionTime') && backwards ? [invalid('status.completionTime', completionTime, 'must be equal to or after `startTime`')] : []),
    ...(turned('Failed', 'FailureTarget') && failed && !holds(now, 'FailureTarget') ? [contradiction('cannot set Failed=True condition without the FailureTarget=true condition')] : []),
    ...(turned('Complete', 'SuccessCriteriaMet') && complete && !holds(now, 'SuccessCriteriaMet') ? [contradiction('cannot set Complete=True condition without the SuccessCriteriaMet=true condition')] : []),
  ]
}

/** Of a finished Job nothing runs any more, and everything is counted. */
function validateFinished(now: JobStatus, changed: Changed, turned: Turned): FieldError[] {
  if (!holds(now, 'Complete') && !holds(now, 'Failed')) return []
  const { active = 0, terminating = 0, startTime, uncountedTerminatedPods: uncounted } = now
  const ended = turned('Complete', 'Failed')
  const left = (uncounted?.failed?.length ?? 0) + (uncounted?.succeeded?.length ?? 0)
  return [
    ...((ended || changed('active')) && active > 0 ? [invalid('status.active', active, 'active>0 is invalid for finished job')] : []),
    ...((ended || changed('startTime')) && startTime === undefined ? [required('status.startTime', 'startTime is required for finished job')] : []),
    ...((ended || changed('uncountedTerminatedPods')) && left > 0 ? [invalid('status.uncountedTerminatedPods', uncounted, 'must be empty for finished job')] : []),
    ...((ended || changed('terminating')) && terminating > 0 ? [invalid('status.terminating', terminating, 'terminating>0 is invalid for finished job')] : []),
  ]
}

function validateIndexes({ spec, status = {} }: Job, changed: Changed): FieldError[] {
  const { completedIndexes: completed = '', failedIndexes: failed } = status
  const { completions } = spec
  const wrong = (name: 'completedIndexes' | 'failedIndexes', text: string): FieldError[] => {
    const read = completions === undefined ? 0 : countIndexes(text, completions)
    return typeof read === 'string' ? [invalid(`status.${name}`, text, `error parsing ${name}: ${read}`)] : []
  }
  const common = completions !== undefined && failed !== undefined && changed('completedIndexes', 'failedIndexes') ? commonIndex(completed, failed, completions) : undefined
  return [
    ...(changed('completedIndexes') ? wrong('completedIndexes', completed) : []),
    ...(changed('failedIndexes') && failed !== undefined && spec.backoffLimitPerIndex !== undefined ? wrong('failedIndexes', failed) : []),
    ...(changed('completedIndexes') && completed && !isIndexed(spec) ? [invalid('status.completedIndexes', completed, 'cannot set non-empty completedIndexes when non-indexed completion mode')] : []),
    ...(changed('failedIndexes') && failed !== undefined && spec.backoffLimitPerIndex === undefined ? [invalid('status.failedIndexes', failed, 'cannot set non-null failedIndexes when backoffLimitPerIndex is null')] : []),
    ...(common === undefined ? [] : [invalid('status.failedIndexes', failed, `failedIndexes and completedIndexes overlap at index: ${common}`)]),
  ]
}

function validateSuccess({ spec, status: now = {} }: Job, { status: before = {} }: Job): FieldError[] {
  const met = holds(now, 'SuccessCriteriaMet')
  return [
    ...(met && holds(now, 'Failed') ? [contradiction('cannot set SuccessCriteriaMet=True and Failed=true conditions')] : []),
    ...(met && holds(now, 'FailureTarget') ? [contradiction('cannot set SuccessCriteriaMet=True and FailureTarget=true conditions')] : []),
    ...(spec.successPolicy && !met && holds(now, 'Complete') ? [contradiction('cannot set Complete=True for Job with SuccessPolicy unless SuccessCriteriaMet=True')] : []),
    ...(holds(before, 'SuccessCriteriaMet') && !met ? [contradiction('cannot disable the SuccessCriteriaMet=True condition')] : []),
    ...(holds(before, 'Complete') && !holds(before, 'SuccessCriteriaMet') && met ? [contradiction('cannot set SuccessCriteriaMet=True for Job already has Complete=true conditions')] : []),
  ]
}

/** What has been said stays said, and counters only rise; those of a Job that shrinks with its width apart. */
function validateTransitions({ spec, status: now = {} }: Job, { status: before = {} }: Job): FieldError[] {
  const shrinks = isIndexed(spec) && spec.completions === spec.parallelism
  const fell = (name: 'failed' | 'succeeded'): FieldError[] => ((now[name] ?? 0) < (before[name] ?? 0) ? [invalid(`status.${name}`, now[name] ?? 0, `cannot decrease the ${name} counter`)] : [])
  const { completionTime, startTime } = now
  return [
    ...['Failed', 'Complete', 'FailureTarget'].filter((type) => holds(before, type) && !holds(now, type)).map((type) => contradiction(`cannot disable the terminal ${type}=True condition`)),
    ...fell('failed'),
    ...(shrinks ? [] : fell('succeeded')),
    ...(completionTime !== undefined && before.completionTime !== undefined && completionTime !== before.completionTime ? [invalid('status.completionTime', completionTime, immutableMessage)] : []),
    ...(before.startTime !== undefined && startTime !== before.startTime && !spec.suspend ? [required('status.startTime', 'startTime cannot be removed for unsuspended job')] : []),
  ]
}
