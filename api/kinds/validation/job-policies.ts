import type { FieldError } from '../../errors.ts'
import type { JobSpec, PodFailurePolicyOnExitCodesRequirement, PodFailurePolicyOnPodConditionsPattern, PodFailurePolicyRule, SuccessPolicyRule } from '../../types/batch-v1.ts'
import { duplicate, each, invalid, invalidFor, nonNegative, notSupported, required, tooLong, tooMany } from './field.ts'
import { countIndexes } from './indexes.ts'
import { qualifiedName } from './names.ts'
import { isRepeated } from './repeated.ts'

const actions = ['Count', 'FailIndex', 'FailJob', 'Ignore']
const operators = ['In', 'NotIn']
const statuses = ['False', 'True', 'Unknown']
const quoted = (values: readonly string[]): string => `[${values.map((value) => JSON.stringify(value)).join(' ')}]`

/** Required or known; what is required lists what there is. */
const oneOfListed = (value: string | undefined, values: readonly string[], field: string): FieldError[] =>
  (!value ? [required(field, `valid values: ${quoted(values)}`)] : values.includes(value) ? [] : [notSupported(field, value, values)])

/** `spec.podFailurePolicy`: what a failed pod means for its Job. */
export function validatePodFailurePolicy(spec: JobSpec, field: string): FieldError[] {
  const rules = spec.podFailurePolicy?.rules ?? []
  const { containers = [], initContainers = [] } = spec.template.spec
  const names = new Set([...containers, ...initContainers].map(({ name }) => name))
  return [
    ...(rules.length > 20 ? [tooMany(`${field}.rules`, rules.length, 20)] : []),
    ...each(rules, `${field}.rules`, (rule, path) => validateFailureRule(rule, spec, names, path)),
  ]
}

function validateFailureRule(rule: PodFailurePolicyRule, spec: JobSpec, containerNames: ReadonlySet<string>, field: string): FieldError[] {
  const { action, onExitCodes, onPodConditions: conditions = [] } = rule
  const perIndex = action === 'FailIndex' && spec.backoffLimitPerIndex === undefined
  return [
    ...(perIndex ? [invalid(`${field}.action`, action, 'requires the backoffLimitPerIndex to be set')] : oneOfListed(action, actions, `${field}.action`)),
    ...(onExitCodes ? validateExitCodes(onExitCodes, containerNames, `${field}.onExitCodes`) : []),
    ...validateConditions(conditions, `${field}.onPodConditions`),
    ...(onExitCodes && conditions.length ? [invalid(field, undefined, 'specifying both OnExitCodes and OnPodConditions is not supported')] : []),
    ...(!onExitCodes && !conditions.length ? [invalid(field, undefined, 'specifying one of OnExitCodes and OnPodConditions is required')] : []),
  ]
}

const validateConditions = (conditions: readonly PodFailurePolicyOnPodConditionsPattern[], field: string): FieldError[] => [
  ...(conditions.length > 20 ? [tooMany(field, conditions.length, 20)] : []),
  ...each(conditions, field, ({ type, status }, path) => [...invalidFor(`${path}.type`, type, qualifiedName(type ?? '')), ...oneOfListed(status, statuses, `${path}.status`)]),
]

function validateExitCodes({ operator, containerName, values = [] }: PodFailurePolicyOnExitCodesRequirement, names: ReadonlySet<string>, field: string): FieldError[] {
  const at = `${field}.values`
  return [
    ...oneOfListed(operator, operators, `${field}.operator`),
    ...(containerName === undefined || names.has(containerName) ? [] : [invalid(`${field}.containerName`, containerName, 'must be one of the container or initContainer names in the pod template')]),
    ...(values.length ? [] : [invalid(at, values, 'at least one value is required')]),
    ...(values.length > 255 ? [tooMany(at, values.length, 255)] : []),
    ...each(values, at, (value, path, index) => [
      ...(operator === 'In' && value === 0 ? [invalid(path, value, 'must not be 0 for the In operator')] : []),
      ...(isRepeated(values, value, index) ? [duplicate(path, value)] : []),
    ]),
    ...(values.every((value, index) => index === 0 || values[index - 1]! <= value) ? [] : [invalid(at, values, 'must be ordered')]),
  ]
}

const longestIndexes = 64 * 1024

/** `spec.successPolicy` of an indexed Job: when it is done before all indexes are. */
export function validateSuccessPolicy(spec: JobSpec, field: string): FieldError[] {
  const rules = spec.successPolicy?.rules ?? []
  return [
    ...(rules.length ? [] : [required(`${field}.rules`, 'at least one rules must be specified when the successPolicy is specified')]),
    ...(rules.length > 20 ? [tooMany(`${field}.rules`, rules.length, 20)] : []),
    ...each(rules, `${field}.rules`, (rule, path) => validateSuccessRule(rule, spec.completions ?? 0, path)),
  ]
}

function validateSuccessRule({ succeededCount: count, succeededIndexes: indexes }: SuccessPolicyRule, completions: number, field: string): FieldError[] {
  const total = indexes === undefined ? 0 : countIndexes(indexes, completions)
  const named = typeof total === 'number' ? total : 0
  const at = `${field}.succeededCount`
  return [
    ...(count === undefined && indexes === undefined ? [required(field, 'at least one of succeededCount or succeededIndexes must be specified')] : []),
    ...(indexes !== undefined && indexes.length > longestIndexes ? [tooLong(`${field}.succeededIndexes`, longestIndexes)] : []),
    ...(typeof total === 'string' ? [invalid(`${field}.succeededIndexes`, indexes, `error parsing succeededIndexes: ${total}`)] : []),
    ...nonNegative(count, at),
    ...(count !== undefined && count > completions ? [invalid(at, count, `must be less than or equal to ${completions} (the number of specified completions)`)] : []),
    ...(count !== undefined && indexes !== undefined && count > named ? [invalid(at, count, `must be less than or equal to ${named} (the number of indexes in the specified succeededIndexes field)`)] : []),
  ]
}
