import type { FieldError } from '../../errors.ts'
import { compareQuantities, parseQuantity } from '../../schema/quantity.ts'
import type { TypedLocalObjectReference, TypedObjectReference } from '../../types/core-v1/common.ts'
import type { PersistentVolumeClaim } from '../../types/core-v1/persistent-volume.ts'
import type { PersistentVolumeClaimSpec } from '../../types/core-v1/volume.ts'
import { validateAccessModes, volumeModes } from './access-modes.ts'
import { notNegative } from './amounts.ts'
import { semanticEqual } from './equal.ts'
import { forbidden, immutableMessage, invalid, invalidFor, notPositiveMessage, notSupported, optionallyOneOf, required } from './field.ts'
import { validateLabelSelector } from './labels.ts'
import { dnsLabel, dnsSubdomain, qualifiedName } from './names.ts'

export const classAnnotation = 'volume.beta.kubernetes.io/storage-class'

export const validatePersistentVolumeClaim = ({ spec }: PersistentVolumeClaim): FieldError[] => validateClaimSpec(spec, 'spec')

/** The spec of a claim, or of one that is written into a pod or a StatefulSet. */
export function validateClaimSpec(spec: PersistentVolumeClaimSpec, field: string): FieldError[] {
  const { accessModes = [], storageClassName: name, volumeAttributesClassName: attributes } = spec
  return [
    ...(accessModes.length ? [] : [required(`${field}.accessModes`, 'at least 1 access mode is required')]),
    ...validateLabelSelector(spec.selector, `${field}.selector`),
    ...validateAccessModes(accessModes, `${field}.accessModes`),
    ...validateSize(spec.resources?.requests?.storage, `${field}.resources[storage]`),
    ...(name ? invalidFor(`${field}.storageClassName`, name, dnsSubdomain(name)) : []),
    ...optionallyOneOf(spec.volumeMode, volumeModes, `${field}.volumeMode`),
    ...validateDataSources(spec, field),
    ...(attributes ? invalidFor(`${field}.volumeAttributesClassName`, attributes, dnsSubdomain(attributes)) : []),
  ]
}

function validateSize(size: string | undefined, field: string): FieldError[] {
  if (size === undefined) return [required(field)]
  return parseQuantity(size).nano > 0n ? [] : [invalid(field, size, notPositiveMessage)]
}

function validateDataSources({ dataSource, dataSourceRef }: PersistentVolumeClaimSpec, field: string): FieldError[] {
  const elsewhere = Boolean(dataSourceRef?.namespace)
  const same = dataSource && dataSourceRef && dataSource.apiGroup === dataSourceRef.apiGroup && dataSource.kind === dataSourceRef.kind && dataSource.name === dataSourceRef.name
  return [
    ...(dataSource ? validateReference(dataSource, `${field}.dataSource`) : []),
    ...(dataSourceRef ? validateReference(dataSourceRef, `${field}.dataSourceRef`) : []),
    ...(elsewhere ? invalidFor(`${field}.dataSourceRef.namespace`, dataSourceRef!.namespace, dnsLabel(dataSourceRef!.namespace!)) : []),
    ...(dataSource && elsewhere ? [invalid(field, `${field}.dataSource`, 'may not be specified when dataSourceRef.namespace is specified')] : []),
    ...(dataSource && dataSourceRef && !elsewhere && !same ? [invalid(field, `${field}.dataSource`, 'must match dataSourceRef')] : []),
  ]
}

function validateReference({ apiGroup = '', kind, name }: TypedLocalObjectReference | TypedObjectReference, field: string): FieldError[] {
  return [
    ...(name ? [] : [required(`${field}.name`)]),
    ...(kind ? [] : [required(`${field}.kind`)]),
    ...(!apiGroup && kind !== 'PersistentVolumeClaim' ? [invalid(field, kind, "must be 'PersistentVolumeClaim' when referencing the default apiGroup")] : []),
    ...(apiGroup ? invalidFor(`${field}.apiGroup`, apiGroup, dnsSubdomain(apiGroup)) : []),
  ]
}

/** A claim is settled once; it may be bound, it may grow, and its attributes may be exchanged. */
export function validatePersistentVolumeClaimUpdate(claim: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const now = claim.spec, before = old.spec
  const upgraded = upgradesFromAnnotation(claim, old)
  const annotation = (claim.metadata.annotations?.[classAnnotation] ?? '') === (old.metadata.annotations?.[classAnnotation] ?? '')
  const allowed = settled(claim, old, upgraded)
  const changed = (Object.keys({ ...allowed, ...now }) as (keyof PersistentVolumeClaimSpec)[]).filter((name) => !semanticEqual(now[name], allowed[name]))
  const sentence = 'spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims'
  return [
    ...validatePersistentVolumeClaim(claim),
    ...(upgraded || annotation ? [] : [invalid(`metadata.annotations[${classAnnotation}]`, claim.metadata.annotations?.[classAnnotation] ?? '', immutableMessage)]),
    ...(changed.length ? [forbidden('spec', `${sentence}\n${changed.map((name) => `  ${name}: ${JSON.stringify(before[name]) ?? 'absent'} -> ${JSON.stringify(now[name]) ?? 'absent'}`).join('\n')}\n`)] : []),
    ...validateShrinking(claim, old),
    ...(now.volumeMode === before.volumeMode ? [] : [invalid('volumeMode', now.volumeMode ?? null, immutableMessage)]),
    ...validateAttributesChange(now.volumeAttributesClassName, before.volumeAttributesClassName),
  ]
}

/** A class that was named in the old annotation may move into its field. */
function upgradesFromAnnotation({ metadata, spec }: PersistentVolumeClaim, old: PersistentVolumeClaim): boolean {
  const before = old.metadata.annotations?.[classAnnotation]
  const now = metadata.annotations?.[classAnnotation]
  return before !== undefined && old.spec.storageClassName === undefined && spec.storageClassName === before && (now === undefined || now === before)
}

/** The old spec with everything taken over that may change in the state the claim is in. */
function settled({ spec: now, status }: PersistentVolumeClaim, { metadata, spec: before }: PersistentVolumeClaim, upgraded: boolean): PersistentVolumeClaimSpec {
  const annotation = metadata.annotations?.[classAnnotation]
  const named = before.storageClassName === undefined && now.storageClassName !== undefined && (annotation === undefined || annotation === now.storageClassName)
  const bound = status?.phase === 'Bound'
  const storage = now.resources?.requests?.storage
  return {
    ...before,
    ...(!before.volumeName && { volumeName: now.volumeName }),
    ...((upgraded || named) && { storageClassName: now.storageClassName }),
    ...(bound && storage !== undefined && { resources: { ...before.resources, requests: { ...before.resources?.requests, storage } } }),
    ...(bound && now.volumeAttributesClassName !== undefined && { volumeAttributesClassName: now.volumeAttributesClassName }),
  }
}

/** What was asked for in vain may be taken back, down to what there is. */
function validateShrinking({ spec }: PersistentVolumeClaim, old: PersistentVolumeClaim): FieldError[] {
  const now = spec.resources?.requests?.storage ?? '0', before = old.spec.resources?.requests?.storage ?? '0'
  if (compareQuantities(now, before) >= 0) return []
  return compareQuantities(now, old.status?.capacity?.storage ?? '0') <= 0 ? [forbidden('spec.resources.requests.storage', 'field can not be less than status.capacity')] : []
}

function validateAttributesChange(now: string | undefined, before: string | undefined): FieldError[] {
  if (before === undefined || now) return []
  return [forbidden('spec.volumeAttributesClassName', now === undefined ? 'update from non-nil value to nil is forbidden' : 'update from non-nil value to an empty string is forbidden')]
}

const resizeStates = ['ControllerResizeInProgress', 'ControllerResizeInfeasible', 'NodeResizeInProgress', 'NodeResizeInfeasible', 'NodeResizePending']

export function validatePersistentVolumeClaimStatusUpdate({ metadata, spec, status = {} }: PersistentVolumeClaim): FieldError[] {
  const { capacity = {}, allocatedResources = {}, allocatedResourceStatuses = {} } = status
  return [
    ...(metadata.resourceVersion ? [] : [required('resourceVersion')]),
    ...(spec.accessModes?.length ? [] : [required('Spec.accessModes')]),
    ...Object.entries(capacity).flatMap(([name, amount]) => notNegative(amount, `status.capacity[${name}]`)),
    ...Object.entries(allocatedResourceStatuses).flatMap(([name, state]) => [
      ...validateResourceKey(name, 'status.allocatedResourceStatus'),
      ...(resizeStates.includes(state) ? [] : [notSupported('status.allocatedResourceStatus', name, resizeStates)]),
    ]),
    ...Object.entries(allocatedResources).flatMap(([name, amount]) => {
      const wrong = validateResourceKey(name, 'status.allocatedResources')
      return wrong.length ? wrong : notNegative(amount, `status.allocatedResources[${name}]`)
    }),
  ]
}

function validateResourceKey(name: string, field: string): FieldError[] {
  const wrong = invalidFor(field, name, qualifiedName(name))
  if (wrong.length) return wrong
  const native = !name.includes('/') || name.includes('kubernetes.io/')
  return native && name !== 'storage' ? [notSupported(field, name, ['storage'])] : []
}
