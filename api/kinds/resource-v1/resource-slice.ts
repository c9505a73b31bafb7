import type { FieldError } from '../../errors.ts'
import { ResourceSlice } from '../../types/resource-v1/resource-slice.ts'
import type { Device, ResourceSliceSpec } from '../../types/resource-v1/resource-slice.ts'
import { age, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { raiseGeneration } from '../strategy.ts'
import { semanticEqual } from '../validation/equal.ts'
import { duplicate, each, immutableMessage, invalid, invalidFor, required, tooMany } from '../validation/field.ts'
import { dnsLabel, dnsSubdomain } from '../validation/names.ts'
import { isRepeated } from '../validation/repeated.ts'
import { validateNodeSelector } from '../validation/scheduling.ts'
import { allVerbs } from '../verbs.ts'
import { validateCounters, validateDevice } from './device.ts'
import { validateDriverName, validatePoolName } from './names.ts'

export const resourceSlices: Kind<ResourceSlice> = {
  group: 'resource.k8s.io', version: 'v1', kind: 'ResourceSlice', resource: 'resourceslices', singular: 'resourceslice',
  namespaced: false, verbs: allVerbs, schema: ResourceSlice, storage: 'resourceslices',
  doc: 'Some of the devices a driver has to offer.',
  prepareForCreate(slice) { slice.metadata.generation = 1; dropDisabledFields(slice) },
  prepareForUpdate(slice, old) { dropDisabledFields(slice, old); raiseGeneration(slice, old, !semanticEqual(slice.spec, old.spec)) },
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

/** DRANodeAllocatableResources and DRAListTypeAttributes are off in 1.36: what they add falls away unless it is in use. */
function dropDisabledFields({ spec }: ResourceSlice, old?: ResourceSlice): void {
  const before = old?.spec.devices ?? []
  if (!before.some((device) => device.nodeAllocatableResourceMappings !== undefined)) for (const device of spec.devices ?? []) delete device.nodeAllocatableResourceMappings
  if (before.some(hasLists)) return
  for (const { attributes = {} } of spec.devices ?? []) for (const attribute of Object.values(attributes)) for (const name of listAttributes) delete attribute[name]
}

const listAttributes = ['ints', 'bools', 'strings', 'versions'] as const
const hasLists = ({ attributes = {} }: Device): boolean => Object.values(attributes).some((attribute) => listAttributes.some((name) => attribute[name] !== undefined))

const mostDevices = 128
const mostElaborateDevices = 64
const mostSets = 8
const places = ['nodeName', 'nodeSelector', 'allNodes', 'perDeviceNodeSelection'] as const

function validateSpec(spec: ResourceSliceSpec): FieldError[] {
  const { devices = [], sharedCounters = [] } = spec
  const names = devices.map(({ name }) => name)
  const sets = sharedCounters.map(({ name }) => name)
  const most = devices.some(({ taints, consumesCounters }) => taints?.length || consumesCounters?.length) ? mostElaborateDevices : mostDevices
  return [
    ...validateDriverName(spec.driver, 'spec.driver'),
    ...validatePool(spec),
    ...validatePlace(spec),
    ...(spec.sharedCounters && spec.devices ? [invalid('spec', '', 'only one of `sharedCounters` or `devices` is allowed')] : []),
    ...(devices.length > most ? [tooMany('spec.devices', devices.length, most)] : each(devices, 'spec.devices', (device, path, index) => [
      ...validateDevice(device, path, spec.perDeviceNodeSelection === true), ...(isRepeated(names, device.name, index) ? [duplicate(path, device.name)] : []),
    ])),
    ...(sharedCounters.length > mostSets ? [tooMany('spec.sharedCounters', sharedCounters.length, mostSets)] : each(sharedCounters, 'spec.sharedCounters', ({ name, counters }, path, index) => [
      ...(name ? invalidFor(`${path}.name`, name, dnsLabel(name)) : [required(`${path}.name`)]), ...validateCounters(counters, `${path}.counters`),
      ...(isRepeated(sets, name, index) ? [duplicate(path, name)] : []),
    ])),
  ]
}

/** On one node, on those a selector finds, on all of them, or each device by itself. */
function validatePlace(spec: ResourceSliceSpec): FieldError[] {
  const { nodeName, nodeSelector } = spec
  const said = places.filter((place) => (place === 'nodeName' || place === 'nodeSelector' ? Boolean(spec[place]) : spec[place] === true))
  const choices = places.map((place) => `\`${place}\``).join(', ')
  return [
    ...(nodeName === undefined ? [] : nodeName ? invalidFor('spec.nodeName', nodeName, dnsSubdomain(nodeName)) : [invalid('spec.nodeName', '', 'must be either unset or set to a non-empty string')]),
    ...(nodeSelector ? validateNodeSelector(nodeSelector, 'spec.nodeSelector') : []),
    ...(nodeSelector && nodeSelector.nodeSelectorTerms?.length !== 1 ? [invalid('spec.nodeSelector.nodeSelectorTerms', nodeSelector.nodeSelectorTerms, 'must have exactly one node selector term')] : []),
    ...(['allNodes', 'perDeviceNodeSelection'] as const).filter((place) => spec[place] === false).map((place) => invalid(`spec.${place}`, false, 'must be either unset or set to true')),
    ...(said.length === 0 ? [required('spec', `exactly one of ${choices} is required`)] : []),
    ...(said.length > 1 ? [invalid('spec', `{${said.map((place) => `\`${place}\``).join(', ')}}`, `exactly one of ${choices} is required, but multiple fields are set`)] : []),
  ]
}

function validatePool({ pool }: ResourceSliceSpec): FieldError[] {
  return [
    ...validatePoolName(pool.name, 'spec.pool.name'),
    ...(pool.resourceSliceCount > 0 ? [] : [invalid('spec.pool.resourceSliceCount', pool.resourceSliceCount, 'must be greater than zero')]),
    ...(pool.generation < 0 ? [invalid('spec.pool.generation', pool.generation, 'must be greater than or equal to zero')] : []),
  ]
}
