import { describe, expect, test } from 'vitest'
import type { CronJob, Job } from '../../types/batch-v1.ts'
import { changed, changeFailures, created, failures, row } from '../testing.ts'
import { cronJobs } from './cron-job.ts'
import { jobs } from './job.ts'

const pods = (more: object = {}) => ({ spec: { containers: [{ name: 'c', image: 'busybox' }], restartPolicy: 'Never', ...more } })
const job = (spec: object = {}) => ({ metadata: { uid: 'u1' }, spec: { template: pods(), ...spec } })
const indexed = (spec: object = {}) => job({ completionMode: 'Indexed', completions: 3, parallelism: 2, ...spec })
const rule = (more: object) => job({ podFailurePolicy: { rules: [{ action: 'Count', onExitCodes: { operator: 'In', values: [1] }, ...more }] } })

describe('Job', () => {
  test('has defaults, a selector and labels of its own', () => {
    const { metadata, spec, status } = created(jobs, job())
    expect(spec).toMatchObject({
      completions: 1, parallelism: 1, backoffLimit: 6, completionMode: 'NonIndexed', suspend: false, podReplacementPolicy: 'TerminatingOrFailed', manualSelector: false,
      selector: { matchLabels: { 'batch.kubernetes.io/controller-uid': 'u1' } },
      template: { metadata: { labels: { 'batch.kubernetes.io/controller-uid': 'u1', 'batch.kubernetes.io/job-name': 'x', 'controller-uid': 'u1', 'job-name': 'x' } } },
    })
    expect({ generation: metadata.generation, status }).toEqual({ generation: 1, status: {} })
    expect(failures(jobs, job())).toEqual([])
    expect(created(jobs, job({ parallelism: 2 })).spec.completions).toBeUndefined()
    expect(created(jobs, job({ template: { metadata: { labels: { a: 'b' } }, ...pods() } })).metadata.labels).toEqual({ a: 'b' })
    expect(created(jobs, indexed({ backoffLimitPerIndex: 1 })).spec.backoffLimit).toBe(2147483647)
  })

  test.each<[string, object, unknown[]]>([
    ['a pod that goes on', job({ template: pods({ restartPolicy: 'Always' }) }), ['spec.template.spec.restartPolicy: Required value: valid values: "OnFailure", "Never"']],
    ['a negative number', job({ parallelism: -1, activeDeadlineSeconds: -1 }), ['spec.parallelism: Invalid value: -1: must be greater than or equal to 0', 'spec.activeDeadlineSeconds: Invalid value: -1: must be greater than or equal to 0']],
    ['a foreign label', job({ template: { metadata: { labels: { 'controller-uid': 'other' } }, ...pods() } }), [expect.stringMatching(/^spec\.template\.metadata\.labels\[controller-uid\]: Invalid value: .*: must be 'u1'$/)]],
    ['a foreign selector', job({ selector: { matchLabels: { a: 'b' } } }), [expect.stringMatching(/^spec\.selector: .*: `selector` not auto-generated$/), expect.stringMatching(/`selector` does not match template `labels`$/)]],
    ['no selector where it is managed', job({ manualSelector: true }), ['spec.selector: Required value']],
    ['an unknown mode', job({ completionMode: 'X' }), ['spec.completionMode: Unsupported value: "X": supported values: "NonIndexed", "Indexed"']],
    ['an indexed one without number', job({ completionMode: 'Indexed', parallelism: 1 }), ['spec.completions: Required value: when completion mode is Indexed']],
    ['more failures than indexes', indexed({ backoffLimitPerIndex: 1, maxFailedIndexes: 4 }), ['spec.maxFailedIndexes: Invalid value: 4: must be less than or equal to completions']],
    ['failures without a limit', indexed({ maxFailedIndexes: 1 }), ['spec.backoffLimitPerIndex: Required value: when maxFailedIndexes is specified']],
    ['a limit per index without index', job({ backoffLimitPerIndex: 1 }), ['spec.backoffLimitPerIndex: Invalid value: 1: requires indexed completion mode']],
    ['a foreign manager without domain', job({ managedBy: 'me' }), ['spec.managedBy: Invalid value: "me": must be a domain-prefixed path (such as "acme.io/foo")']],
    ['a policy for pods that restart', { ...rule({}), spec: { ...rule({}).spec, template: pods({ restartPolicy: 'OnFailure' }) } }, ['spec.template.spec.restartPolicy: Invalid value: "OnFailure": only "Never" is supported when podFailurePolicy is specified']],
    ['a rule without action', rule({ action: '' }), ['spec.podFailurePolicy.rules[0].action: Required value: valid values: ["Count" "FailIndex" "FailJob" "Ignore"]']],
    ['a rule per index without limit', rule({ action: 'FailIndex' }), ['spec.podFailurePolicy.rules[0].action: Invalid value: "FailIndex": requires the backoffLimitPerIndex to be set']],
    ['a rule of two sorts', rule({ onPodConditions: [{ type: 'DisruptionTarget' }] }), ['spec.podFailurePolicy.rules[0]: Invalid value: specifying both OnExitCodes and OnPodConditions is not supported']],
    ['a rule of no sort', rule({ onExitCodes: undefined }), ['spec.podFailurePolicy.rules[0]: Invalid value: specifying one of OnExitCodes and OnPodConditions is required']],
    ['unordered codes', rule({ onExitCodes: { operator: 'In', values: [2, 0, 2], containerName: 'z' } }), [
      'spec.podFailurePolicy.rules[0].onExitCodes.containerName: Invalid value: "z": must be one of the container or initContainer names in the pod template',
      'spec.podFailurePolicy.rules[0].onExitCodes.values[1]: Invalid value: 0: must not be 0 for the In operator',
      'spec.podFailurePolicy.rules[0].onExitCodes.values[2]: Duplicate value: 2',
      'spec.podFailurePolicy.rules[0].onExitCodes.values: Invalid value: [2,0,2]: must be ordered',
    ]],
    ['success without index', job({ successPolicy: { rules: [] } }), ['spec.successPolicy: Invalid value: {"rules":[]}: requires indexed completion mode']],
    ['success by nothing', indexed({ successPolicy: { rules: [{}] } }), ['spec.successPolicy.rules[0]: Required value: at least one of succeededCount or succeededIndexes must be specified']],
    ['success by more than there is', indexed({ successPolicy: { rules: [{ succeededIndexes: '0-1', succeededCount: 3 }, { succeededIndexes: '2,1' }, { succeededIndexes: '5' }] } }), [
      'spec.successPolicy.rules[0].succeededCount: Invalid value: 3: must be less than or equal to 2 (the number of indexes in the specified succeededIndexes field)',
      'spec.successPolicy.rules[1].succeededIndexes: Invalid value: "2,1": error parsing succeededIndexes: non-increasing order, previous: 2, current: 1',
      'spec.successPolicy.rules[2].succeededIndexes: Invalid value: "5": error parsing succeededIndexes: too large index: "5"',
    ]],
    ['a replacement that contradicts', { ...rule({}), spec: { ...rule({}).spec, podReplacementPolicy: 'TerminatingOrFailed' } }, ['spec.podReplacementPolicy: Unsupported value: "TerminatingOrFailed": supported values: "Failed"']],
    ['a name too long for its pods', { ...indexed(), metadata: { uid: 'u1', name: 'x'.repeat(62) } }, [expect.stringMatching(/^metadata\.name: .*will not able to create pod with invalid DNS label/)]],
  ])('%s is refused', (_, rough, expected) => {
    expect(failures(jobs, rough as never)).toEqual(expected)
  })

  test.each<[string, object, (job: Job) => void, string[]]>([
    ['completions', job(), ({ spec }) => { spec.completions = 2 }, ['spec.completions: Invalid value: 2: field is immutable']],
    ['completions of an indexed one alone', indexed(), ({ spec }) => { spec.completions = 5 }, ['spec.completions: Invalid value: 5: can only be modified in tandem with spec.parallelism']],
    ['completions of an indexed one with its width', indexed(), ({ spec }) => { spec.completions = 5; spec.parallelism = 5 }, []],
    ['width, suspension, deadline', job(), ({ spec }) => { spec.parallelism = 0; spec.suspend = true; spec.activeDeadlineSeconds = 5; spec.ttlSecondsAfterFinished = 3 }, []],
    ['who manages it', job(), ({ spec }) => { spec.managedBy = 'a.b/c' }, ['spec.managedBy: Invalid value: "a.b/c": field is immutable']],
    ['resources while suspended', job({ suspend: true }), ({ spec }) => { spec.template.spec.containers[0]!.resources = { requests: { cpu: '1' } }; spec.template.spec.nodeSelector = { a: 'b' } }, []],
  ])('%s may or may not change', (_, rough, change, expected) => {
    expect(changeFailures<Job>(jobs, rough as never, change)).toEqual(expected)
  })

  test('the template is for good while it runs', () => {
    expect(changeFailures<Job>(jobs, job(), ({ spec }) => { spec.template.spec.nodeSelector = { a: 'b' } })).toEqual([expect.stringMatching(/^spec\.template: Invalid value: .*: field is immutable$/)])
    expect(changeFailures<Job>(jobs, job({ suspend: true }), ({ spec }) => { spec.template.spec.containers[0]!.image = 'other' })).toHaveLength(1)
  })

  test('a change raises the generation and leaves the status', () => {
    const { object } = changed<Job>(jobs, job(), (it) => { it.spec.parallelism = 7; it.status = { active: 1 } })
    expect(object).toMatchObject({ metadata: { generation: 2 }, status: {} })
  })

  const at = (second: number): string => `2026-01-01T00:00:0${second}Z`
  const condition = (type: string) => ({ type, status: 'True' })
  test.each<[string, object, Job['status'], string[]]>([
    ['an end', job(), { succeeded: 1, startTime: at(0), completionTime: at(1), conditions: [condition('SuccessCriteriaMet'), condition('Complete')] }, []],
    ['an end without times', job(), { conditions: [condition('SuccessCriteriaMet'), condition('Complete')] }, ['status.completionTime: Required value: completionTime is required for Complete jobs', 'status.startTime: Required value: startTime is required for finished job']],
    ['an end before the beginning', job(), { startTime: at(1), completionTime: at(0), conditions: [condition('SuccessCriteriaMet'), condition('Complete')] }, [`status.completionTime: Invalid value: "${at(0)}": must be equal to or after \`startTime\``]],
    ['a failure without aim', job(), { startTime: at(0), conditions: [condition('Failed')] }, ['status.conditions: Invalid value: cannot set Failed=True condition without the FailureTarget=true condition']],
    ['a finished one that runs', job(), { active: 1, startTime: at(0), conditions: [condition('FailureTarget'), condition('Failed')] }, ['status.active: Invalid value: 1: active>0 is invalid for finished job']],
    ['more ready than active', job(), { ready: 2, active: 1 }, ['status.ready: Invalid value: 2: cannot set more ready pods than active']],
    ['indexes of no index', job(), { completedIndexes: '0' }, ['status.completedIndexes: Invalid value: "0": cannot set non-empty completedIndexes when non-indexed completion mode']],
    ['an index of two fates', indexed({ backoffLimitPerIndex: 1 }), { completedIndexes: '0-1', failedIndexes: '1' }, ['status.failedIndexes: Invalid value: "1": failedIndexes and completedIndexes overlap at index: 1']],
    ['a pod counted twice', job(), { uncountedTerminatedPods: { succeeded: ['a'], failed: ['a', ''] } }, ['status.uncountedTerminatedPods.failed[0]: Duplicate value: "a"', 'status.uncountedTerminatedPods.failed[1]: Invalid value: "": must not be empty']],
  ])('status: %s', (_, rough, status, expected) => {
    expect(changeFailures<Job>(jobs, rough as never, (it) => { it.status = status }, 'status')).toEqual(expected)
  })

  test('what kubectl prints', () => {
    const now = Date.parse(at(9))
    expect(row(jobs, job(), now)).toEqual(['Running', '0/1', '', 'c', 'busybox', 'batch.kubernetes.io/controller-uid=u1'])
    const columns = (rough: object, status: Job['status']) => jobs.columns!.slice(0, 3).map((column) => column.value({ ...created(jobs, rough as never), status }, now))
    expect(columns(job({ parallelism: 3 }), { succeeded: 1, startTime: at(2) })).toEqual(['Running', '1/1 of 3', '7s'])
    expect(columns(job({ completions: 4 }), { succeeded: 4, startTime: at(2), completionTime: at(5), conditions: [condition('Complete')] })).toEqual(['Complete', '4/4', '3s'])
    expect(columns(job({ suspend: true }), { conditions: [condition('Suspended')] })[0]).toBe('Suspended')
  })

  test('warnings', () => {
    expect(jobs.warnings!(created(jobs, { ...job(), metadata: { uid: 'u', name: 'a.b' } }))).toEqual([expect.stringContaining('metadata.name: this is used in Pod names and hostnames')])
    expect(jobs.warnings!(created(jobs, indexed({ completions: 100_001, parallelism: 10_001 })))).toEqual([expect.stringContaining('higher than 10^5')])
  })
})

const cron = (spec: object = {}) => ({ spec: { schedule: '*/5 * * * *', jobTemplate: { spec: { template: pods() } }, ...spec } })
const schedule = (text: string, why: string): [string, object, string[]] => [text, cron({ schedule: text }), [`spec.schedule: Invalid value: ${JSON.stringify(text)}: ${why}`]]

describe('CronJob', () => {
  test('has defaults', () => {
    expect(created(cronJobs, cron()).spec).toMatchObject({ concurrencyPolicy: 'Allow', suspend: false, successfulJobsHistoryLimit: 3, failedJobsHistoryLimit: 1, jobTemplate: { spec: { template: { spec: { dnsPolicy: 'ClusterFirst' } } } } })
    expect(created(cronJobs, cron()).spec.jobTemplate.spec).not.toHaveProperty('backoffLimit')
  })

  test.each(['* * * * *', '0 0 1 jan sun', '@daily', '@every 1h30m', '5/15 1-3,5 */2 * ?', '0  12 * * MON-FRI'])('%s is a schedule', (text) => {
    expect(failures(cronJobs, cron({ schedule: text }))).toEqual([])
  })

  test.each<[string, object, unknown[]]>([
    schedule('* * *', 'expected exactly 5 fields, found 3: [* * *]'),
    schedule('60 * * * *', 'end of range (60) above maximum (59): 60'),
    schedule('* * 0 * *', 'beginning of range (0) below minimum (1): 0'),
    schedule('* 5-3 * * *', 'beginning of range (5) beyond end of range (3): 5-3'),
    schedule('*/0 * * * *', 'step of range should be a positive number: */0'),
    schedule('a * * * *', 'failed to parse int from a: strconv.Atoi: parsing "a": invalid syntax'),
    schedule('1-2-3 * * * *', 'too many hyphens: 1-2-3'),
    schedule('@never', 'unrecognized descriptor: @never'),
    schedule('@every x', 'failed to parse duration @every x: time: invalid duration "x"'),
    schedule('TZ=UTC 0 0 * * *', 'cannot use TZ or CRON_TZ in schedule, use timeZone field instead'),
    ['no schedule', cron({ schedule: '' }), ['spec.schedule: Required value']],
    ['an unknown zone', cron({ timeZone: 'Mars/Olympus' }), ['spec.timeZone: Invalid value: "Mars/Olympus": unknown time zone Mars/Olympus']],
    ['the local zone', cron({ timeZone: 'Local' }), ['spec.timeZone: Invalid value: "Local": timeZone must be an explicit time zone as defined in https://www.iana.org/time-zones']],
    ['an empty zone', cron({ timeZone: '' }), ['spec.timeZone: Invalid value: "": timeZone must be nil or non-empty string']],
    ['an unknown policy', cron({ concurrencyPolicy: 'X' }), ['spec.concurrencyPolicy: Unsupported value: "X": supported values: "Allow", "Forbid", "Replace"']],
    ['a negative limit', cron({ failedJobsHistoryLimit: -1 }), ['spec.failedJobsHistoryLimit: Invalid value: -1: must be greater than or equal to 0']],
    ['a selector', cron({ jobTemplate: { spec: { selector: {}, manualSelector: true, template: pods() } } }), ['spec.jobTemplate.spec.selector: Invalid value: {}: `selector` will be auto-generated', 'spec.jobTemplate.spec.manualSelector: Unsupported value: true: supported values: "nil", "false"']],
    ['a long name', { ...cron(), metadata: { name: 'x'.repeat(53) } }, [expect.stringContaining('must be no more than 52 characters')]],
  ])('%s is refused', (_, rough, expected) => {
    expect(failures(cronJobs, rough as never)).toEqual(expected)
  })

  test('a zone in the schedule may stay where it was', () => {
    expect(changeFailures<CronJob>(cronJobs, cron({ schedule: 'TZ=UTC 0 0 * * *' }), ({ spec }) => { spec.suspend = true })).toEqual([])
    expect(changeFailures<CronJob>(cronJobs, cron(), ({ spec }) => { spec.schedule = 'TZ=UTC 0 0 * * *' })).toHaveLength(1)
  })

  test('what kubectl prints', () => {
    expect(row(cronJobs, cron())).toEqual(['*/5 * * * *', '<none>', 'False', 0, '<none>', 'c', 'busybox', '<none>'])
  })
})
