import type { FieldError } from '../../errors.ts'
import { ResourceSlice } from '../../types/resource-v1/resource-slice.ts'
import type { Device, DeviceAttribute, DeviceTaint, ResourceSliceSpec } from '../../types/resource-v1/resource-slice.ts'
import { age, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { raiseGeneration } from '../strategy.ts'
import { semanticEqual } from '../validation/equal.ts'
import { duplicate, each, immutableMessage, invalid, invalidFor, notSupported, required, tooMany } from '../validation/field.ts'
import { validateLabelName } from '../validation/labels.ts'
import { dnsLabel, dnsSubdomain, labelValueRule } from '../validation/names.ts'
import { allVerbs } from '../verbs.ts'
import { validateDriverName, validatePoolName, validateQualifiedIdentifier } from './names.ts'
import { isRepeated } from '../validation/repeated.ts'

export const resourceSlices: Kind<ResourceSlice> = {
  group: 'resource.k8s.io', version: 'v1', kind: 'ResourceSlice', resource: 'resourceslices', singular: 'resourceslice',
  namespaced: false, verbs: allVerbs, schema: ResourceSlice, storage: 'resourceslices',
  doc: 'Some of the devices a driver has to offer.',
  prepareForCreate({ metadata }) { metadata.generation = 1 },
  prepareForUpdate(slice, old) { raiseGeneration(slice, old, !semanticEqual(slice.spec, old.spec)) },
  validate: ({ spec }) => validateSpec(spec),
  validateUpdate: ({ spec }, { spec: old }) => [
    ...validateSpec(spec),
    ...([['driver', spec.driver, old.driver], ['nodeName', spec.nodeName, old.nodeName], ['pool.name', spec.pool.name, old.pool.name]] as const)
      .filter(([, value, before]) => (value ?? '') !== (before ?? '')).map(([name, value]) => invalid(`spec.${name}`, value ?? null, immutableMessage)),
  ],
  columns: [
    text('Node', ({ spec }) => spec.nodeName ?? '', 'Where the devices are.'),
    text('Driver', ({ spec }) => spec.driver, 'Whose they are.'),
    text('Pool', ({ spec }) => spec.pool.name, 'To which pool they belong.'),
    age,
  ],
  fieldLabels: { 'spec.nodeName': ({ spec }) => spec.nodeName ?? '', 'spec.driver': ({ spec }) => spec.driver },
}

const mostDevices = 128
const mostAttributes = 32
const places = ['nodeName', 'nodeSelector', 'allNodes', 'perDeviceNodeSelection'] as const

function validateSpec(spec: ResourceSliceSpec): FieldError[] {
  const { devices = [], sharedCounters = [], nodeName } = spec
  const names = devices.map(({ name }) => name)
  const sets = sharedCounters.map(({ name }) => name)
  const said = places.filter((place) => (place === 'allNodes' || place === 'perDeviceNodeSelection' ? spec[place] === true : spec[place] !== undefined))
  const choices = places.map((place) => `\`${place}\``).join(', ')
  return [
    ...validateDriverName(spec.driver, 'spec.driver'),
    ...validatePool(spec),
    ...(nodeName === undefined ? [] : nodeName ? invalidFor('spec.nodeName', nodeName, dnsSubdomain(nodeName)) : [invalid('spec.nodeName', '', 'must be either unset or set to a non-empty string')]),
    ...(said.length === 0 ? [required('spec', `exactly one of ${choices} is required`)] : []),
    ...(said.length > 1 ? [invalid('spec', `{${said.map((place) => `\`${place}\``).join(', ')}}`, `exactly one of ${choices} is required, but multiple fields are set`)] : []),
    ...(devices.length > mostDevices ? [tooMany('spec.devices', devices.length, mostDevices)] : each(devices, 'spec.devices', (device, path, index) => [
      ...validateDevice(device, path), ...(isRepeated(names, device.name, index) ? [duplicate(`${path}.name`, device.name)] : []),
    ])),
    ...each(sharedCounters, 'spec.sharedCounters', ({ name, counters }, path, index) => [
      ...(name ? invalidFor(`${path}.name`, name, dnsLabel(name)) : [required(`${path}.name`)]), ...(isRepeated(sets, name, index) ? [duplicate(`${path}.name`, name)] : []),
      ...(Object.keys(counters ?? {}).length ? [] : [required(`${path}.counters`)]),
    ]),
  ]
}

function validatePool({ pool }: ResourceSliceSpec): FieldError[] {
  return [
    ...validatePoolName(pool.name, 'spec.pool.name'),
    ...(pool.resourceSliceCount > 0 ? [] : [invalid('spec.pool.resourceSliceCount', pool.resourceSliceCount, 'must be greater than zero')]),
    ...(pool.generation < 0 ? [invalid('spec.pool.generation', pool.generation, 'must be greater than or equal to zero')] : []),
  ]
}

function validateDevice({ name, attributes = {}, capacity = {}, taints = [], consumesCounters }: Device, field: string): FieldError[] {
  const count = Object.keys(attributes).length + Object.keys(capacity).length
  return [
    ...(name ? invalidFor(`${field}.name`, name, dnsLabel(name)) : [required(`${field}.name`)]),
    ...(count > mostAttributes ? [invalid(field, count, `the total number of attributes and capacities must not exceed ${mostAttributes}`)] : []),
    ...Object.entries(attributes).flatMap(([key, value]) => [...validateQualifiedIdentifier(key, `${field}.attributes`), ...validateAttribute(value, `${field}.attributes[${key}]`)]),
    ...Object.keys(capacity).flatMap((key) => validateQualifiedIdentifier(key, `${field}.capacity`)),
    ...(taints.length > 16 ? [tooMany(`${field}.taints`, taints.length, 16)] : each(taints, `${field}.taints`, validateTaint)),
    ...each(consumesCounters, `${field}.consumesCounters`, ({ counterSet, counters }, path) => [
      ...(counterSet ? [] : [required(`${path}.counterSet`)]), ...(Object.keys(counters ?? {}).length ? [] : [required(`${path}.counters`)]),
    ]),
  ]
}

const longestValue = 64

function validateAttribute(attribute: DeviceAttribute, field: string): FieldError[] {
  const said = Object.entries(attribute).filter(([, value]) => value !== undefined)
  const { string: text, version } = attribute
  return [
    ...(said.length === 1 ? [] : said.length === 0 ? [required(field, 'exactly one value must be specified')] : [invalid(field, attribute, 'exactly one value must be specified')]),
    ...([['string', text], ['version', version]] as const).filter(([, value]) => (value?.length ?? 0) > longestValue).map(([name]) => ({ type: 'TooLong' as const, field: `${field}.${name}`, detail: `may not be more than ${longestValue} bytes` })),
    ...(version === undefined || /^(0|[1-9]\d*)\.(0|[1-9]\d*)\.(0|[1-9]\d*)(-[0-9A-Za-z.-]+)?(\+[0-9A-Za-z.-]+)?$/.test(version) ? [] : [invalid(`${field}.version`, version, 'must be a string compatible with semver.org spec 2.0.0')]),
  ]
}

const effects = ['NoExecute', 'NoSchedule', 'None']

function validateTaint({ key, value = '', effect }: DeviceTaint, field: string): FieldError[] {
  return [
    ...validateLabelName(key, `${field}.key`), ...invalidFor(`${field}.value`, value, labelValueRule(value)),
    ...(effect ? effects.includes(effect) ? [] : [notSupported(`${field}.effect`, effect, effects)] : [required(`${field}.effect`, 'effect is required')]),
  ]
}
