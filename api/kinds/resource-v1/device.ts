import type { FieldError } from '../../errors.ts'
import type { Counter, Device, DeviceAttribute, DeviceTaint } from '../../types/resource-v1/resource-slice.ts'
import { duplicate, each, forbidden, invalid, invalidFor, notSupported, required, tooMany } from '../validation/field.ts'
import { validateLabelName } from '../validation/labels.ts'
import { dnsLabel, dnsSubdomain, labelValueRule } from '../validation/names.ts'
import { isRepeated } from '../validation/repeated.ts'
import { validateNodeSelector } from '../validation/scheduling.ts'
import { validateQualifiedIdentifier } from './names.ts'
import { validateRequestPolicy } from './request-policy.ts'

const mostAttributes = 32
const mostTaints = 16
const mostSets = 2
const mostCounters = 32
const mostConditions = 4

/** One device; `placed` says that each device of its slice tells by itself where it is. */
export function validateDevice(device: Device, field: string, placed: boolean): FieldError[] {
  const { name, attributes = {}, capacity = {}, taints = [], allowMultipleAllocations: shared = false } = device
  const count = Object.keys(attributes).length + Object.keys(capacity).length
  return [
    ...validateName(name, `${field}.name`),
    ...(count > mostAttributes ? [invalid(field, count, `the total number of attributes and capacities must not exceed ${mostAttributes}`)] : []),
    ...Object.entries(attributes).flatMap(([key, value]) => [...validateQualifiedIdentifier(key, `${field}.attributes[${key}]`), ...validateAttribute(value, `${field}.attributes[${key}]`)]),
    ...Object.entries(capacity).flatMap(([key, { value, requestPolicy: policy }]) => {
      const path = `${field}.capacity[${key}]`
      const asked = policy ? shared ? validateRequestPolicy(policy, value, `${path}.requestPolicy`) : [forbidden(`${path}.requestPolicy`, 'allowMultipleAllocations must be true')] : []
      return [...validateQualifiedIdentifier(key, path), ...asked]
    }),
    ...(taints.length > mostTaints ? [tooMany(`${field}.taints`, taints.length, mostTaints)] : each(taints, `${field}.taints`, validateTaint)),
    ...validateConsumption(device, `${field}.consumesCounters`),
    ...validatePlace(device, field, placed),
    ...validateBinding(device, field),
  ]
}

const validateName = (name: string, field: string): FieldError[] => (name ? invalidFor(field, name, dnsLabel(name)) : [required(field)])

function validateConsumption({ consumesCounters: sets = [] }: Device, field: string): FieldError[] {
  if (sets.length > mostSets) return [tooMany(field, sets.length, mostSets)]
  const names = sets.map(({ counterSet }) => counterSet)
  return each(sets, field, ({ counterSet, counters }, path, index) => [
    ...validateName(counterSet, `${path}.counterSet`), ...validateCounters(counters, `${path}.counters`),
    ...(isRepeated(names, counterSet, index) ? [duplicate(path, counterSet)] : []),
  ])
}

/** Counters by their names: those a set has, or those a device takes of it. */
export function validateCounters(counters: { readonly [name: string]: Counter } | undefined, field: string): FieldError[] {
  const names = Object.keys(counters ?? {})
  if (names.length === 0) return [required(field)]
  return names.length > mostCounters ? [tooMany(field, names.length, mostCounters)] : names.flatMap((name) => invalidFor(`${field}[${name}]`, name, dnsLabel(name)))
}

function validatePlace({ nodeName, nodeSelector, allNodes }: Device, field: string, placed: boolean): FieldError[] {
  const somewhere = nodeName !== undefined || nodeSelector !== undefined || allNodes !== undefined
  if (!placed) return somewhere ? [invalid(field, null, '`nodeName`, `nodeSelector` and `allNodes` can only be set if `perDeviceNodeSelection` is set to true in the ResourceSlice spec')] : []
  const said = [...(nodeName ? ['`nodeName`'] : []), ...(nodeSelector ? ['`nodeSelector`'] : []), ...(allNodes ? ['`allNodes`'] : [])]
  const one = 'exactly one of `nodeName`, `nodeSelector`, or `allNodes` is required when `perDeviceNodeSelection` is set to true in the ResourceSlice spec'
  return [
    ...(nodeName === undefined ? [] : nodeName ? invalidFor(`${field}.nodeName`, nodeName, dnsSubdomain(nodeName)) : [invalid(`${field}.nodeName`, '', 'must not be empty')]),
    ...(nodeSelector ? validateNodeSelector(nodeSelector, `${field}.nodeSelector`) : []),
    ...(allNodes === false ? [invalid(`${field}.allNodes`, false, 'must be either unset or set to true')] : []),
    ...(said.length === 0 ? [required(field, one)] : said.length > 1 ? [invalid(field, `{${said.join(', ')}}`, one)] : []),
  ]
}

/** What must come true before a pod is bound, and what tells that it never will: the one needs the other. */
function validateBinding({ bindingConditions: hoped = [], bindingFailureConditions: feared = [] }: Device, field: string): FieldError[] {
  const names = (list: readonly string[], path: string): FieldError[] =>
    (list.length > mostConditions ? [tooMany(path, list.length, mostConditions)] : each(list, path, (name, place) => validateLabelName(name, place)))
  const repeated = (list: readonly string[], path: string, index: number): FieldError[] => (isRepeated(list, list[index]!, index) ? [duplicate(path, list[index])] : [])
  const [hopes, fears] = [`${field}.bindingConditions`, `${field}.bindingFailureConditions`]
  return [
    ...names(hoped, hopes), ...names(feared, fears),
    ...each(hoped, hopes, (_, path, index) => repeated(hoped, path, index)),
    ...each(feared, fears, (name, path, index) => [
      ...repeated(feared, path, index), ...(hoped.includes(name) ? [invalid(path, name, 'bindingFailureConditions must not overlap with bindingConditions')] : []),
    ]),
    ...(hoped.length === 0 && feared.length > 0 ? [invalid(hopes, hoped, 'bindingConditions are required to use bindingFailureConditions')] : []),
    ...(feared.length === 0 && hoped.length > 0 ? [invalid(fears, feared, 'bindingFailureConditions are required to use bindingConditions')] : []),
  ]
}

const longestValue = 64

function validateAttribute(attribute: DeviceAttribute, field: string): FieldError[] {
  const said = Object.entries(attribute).filter(([, value]) => value !== undefined)
  const { string: text, version } = attribute
  return [
    ...(said.length === 1 ? [] : said.length === 0 ? [invalid(field, '', 'exactly one value must be specified')] : [invalid(field, attribute, 'exactly one value must be specified')]),
    ...([['string', text], ['version', version]] as const).filter(([, value]) => (value?.length ?? 0) > longestValue).map(([name]) => ({ type: 'TooLong' as const, field: `${field}.${name}`, detail: `may not be more than ${longestValue} bytes` })),
    ...(version === undefined || /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/.test(version) ? [] : [invalid(`${field}.version`, version, 'must be a string compatible with semver.org spec 2.0.0')]),
  ]
}

const effects = ['NoExecute', 'NoSchedule', 'None']

function validateTaint({ key, value = '', effect }: DeviceTaint, field: string): FieldError[] {
  return [
    ...validateLabelName(key, `${field}.key`), ...invalidFor(`${field}.value`, value, labelValueRule(value)),
    ...(effect ? effects.includes(effect) ? [] : [notSupported(`${field}.effect`, effect, effects)] : [required(`${field}.effect`)]),
  ]
}
