import type { FieldError } from '../../errors.ts'
import type { CronJob, CronJobSpec, JobTemplateSpec } from '../../types/batch-v1.ts'
import { cronScheduleError, isTimeZone } from './cron-schedule.ts'
import { invalid, nonNegative, notSupported, oneOf, required } from './field.ts'
import { validateJobSpec } from './job.ts'

/** The controller appends eleven characters for the name of a Job. */
const longestName = 63 - 11

export function validateCronJob({ metadata: { name = '' }, spec }: CronJob): FieldError[] {
  return [...validateSpec(spec, undefined), ...(name.length > longestName ? [invalid('metadata.name', name, `must be no more than ${longestName} characters`)] : [])]
}

/** A name that was too long before the rule was there may stay. */
export const validateCronJobUpdate = ({ spec }: CronJob, old: CronJob): FieldError[] => validateSpec(spec, old.spec)

function validateSpec(spec: CronJobSpec, old: CronJobSpec | undefined): FieldError[] {
  return [
    ...(spec.schedule ? validateSchedule(spec, old) : [required('spec.schedule')]),
    ...nonNegative(spec.startingDeadlineSeconds, 'spec.startingDeadlineSeconds'),
    ...(old && old.timeZone === spec.timeZone ? [] : validateTimeZone(spec.timeZone, 'spec.timeZone')),
    ...oneOf(spec.concurrencyPolicy, ['Allow', 'Forbid', 'Replace'], 'spec.concurrencyPolicy'),
    ...validateJobTemplate(spec.jobTemplate, 'spec.jobTemplate'),
    ...nonNegative(spec.successfulJobsHistoryLimit, 'spec.successfulJobsHistoryLimit'),
    ...nonNegative(spec.failedJobsHistoryLimit, 'spec.failedJobsHistoryLimit'),
  ]
}

/** A zone within the schedule is tolerated only where it was before. */
function validateSchedule({ schedule, timeZone }: CronJobSpec, old: CronJobSpec | undefined): FieldError[] {
  const field = 'spec.schedule'
  const wrong = cronScheduleError(schedule)
  const zone = !schedule.includes('TZ') ? undefined
    : !old?.schedule.includes('TZ') ? 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'
      : timeZone === undefined ? undefined : 'cannot use both timeZone field and TZ or CRON_TZ in schedule'
  return [...(wrong === undefined ? [] : [invalid(field, schedule, wrong)]), ...(zone === undefined ? [] : [invalid(field, schedule, zone)])]
}

const zonePart = /^[A-Za-z.\-_0-9+]{1,14}$/

function validateTimeZone(zone: string | undefined, field: string): FieldError[] {
  if (zone === undefined) return []
  if (zone === '') return [invalid(field, zone, 'timeZone must be nil or non-empty string')]
  const unknown = `unknown time zone ${zone}`
  if (zone.split('/').some((part) => part === '.' || part === '..' || part.startsWith('-') || !zonePart.test(part))) return [invalid(field, zone, unknown)]
  if (zone.toLowerCase() === 'local') return [invalid(field, zone, 'timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones')]
  return isTimeZone(zone) ? [] : [invalid(field, zone, unknown)]
}

function validateJobTemplate({ spec }: JobTemplateSpec, field: string): FieldError[] {
  return [
    ...validateJobSpec(spec, `${field}.spec`),
    ...(spec.selector ? [invalid(`${field}.spec.selector`, spec.selector, '`selector` will be auto-generated')] : []),
    ...(spec.manualSelector ? [notSupported(`${field}.spec.manualSelector`, true, ['nil', 'false'])] : []),
  ]
}
