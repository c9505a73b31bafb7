import { posix } from 'node:path'
import type { FieldError } from '../../errors.ts'
import { parseQuantity } from '../../schema/quantity.ts'
import type { PersistentVolume, PersistentVolumeSpec } from '../../types/core-v1/persistent-volume.ts'
import { PersistentVolumeSource } from '../../types/core-v1/persistent-volume.ts'
import { validateAccessModes, volumeModes } from './access-modes.ts'
import { semanticEqual } from './equal.ts'
import { forbidden, immutableMessage, invalid, invalidFor, notPositiveMessage, notSupported, optionallyOneOf, required } from './field.ts'
import { dnsSubdomain } from './names.ts'
import { replacedNodeAffinity } from './node-labels.ts'
import { volumeSourceChecks } from './persistent-volume-sources.ts'
import { validateNodeSelector } from './scheduling.ts'

export const validatePersistentVolume = ({ metadata, spec }: PersistentVolume): FieldError[] => validateSpec(spec, metadata.name, 'spec')

const withinInline = 'may not be specified in the context of inline volumes'

/** The spec of a volume that was written into a pod and is attached under no name of its own. */
export function validateInlineVolumeSpec(spec: PersistentVolumeSpec, field: string): FieldError[] {
  const { claimRef, capacity, csi, nodeAffinity, storageClassName, volumeMode, persistentVolumeReclaimPolicy: policy } = spec
  const mode = volumeMode !== undefined && volumeMode !== 'Filesystem'
  return [
    ...(claimRef ? [forbidden(`${field}.claimRef`, withinInline)] : []),
    ...(Object.keys(capacity ?? {}).length ? [forbidden(`${field}.capacity`, withinInline)] : []),
    ...(csi ? [] : [required(`${field}.csi`, 'has to be specified in the context of inline volumes')]),
    ...validateModes(spec, field),
    ...(policy && policy !== 'Retain' ? [forbidden(`${field}.persistentVolumeReclaimPolicy`, 'may only be Retain in the context of inline volumes')] : []),
    ...(nodeAffinity ? [forbidden(`${field}.nodeAffinity`, withinInline)] : []),
    ...validateSource(spec, '', field),
    ...(storageClassName ? [forbidden(`${field}.storageClassName`, withinInline)] : []),
    ...(mode ? [forbidden(`${field}.volumeMode`, 'may not specify volumeMode other than Filesystem in the context of inline volumes')] : []),
  ]
}

function validateSpec(spec: PersistentVolumeSpec, name: string, field: string): FieldError[] {
  const { persistentVolumeReclaimPolicy: policy, hostPath, storageClassName, volumeMode } = spec
  const recyclesRoot = hostPath && policy === 'Recycle' && posix.normalize(hostPath.path || '.').replace(/(.)\/$/, '$1') === '/'
  return [
    ...validateModes(spec, field),
    ...validateCapacity(spec, `${field}.capacity`),
    ...(policy ? optionallyOneOf(policy, ['Delete', 'Recycle', 'Retain'], `${field}.persistentVolumeReclaimPolicy`) : []),
    ...validateNodeAffinity(spec, `${field}.nodeAffinity`),
    ...validateSource(spec, name, field),
    ...(recyclesRoot ? [forbidden(`${field}.persistentVolumeReclaimPolicy`, "may not be 'recycle' for a hostPath mount of '/'")] : []),
    ...(storageClassName ? invalidFor(`${field}.storageClassName`, storageClassName, dnsSubdomain(storageClassName)) : []),
    ...optionallyOneOf(volumeMode, volumeModes, `${field}.volumeMode`),
    ...validateAttributesClass(spec, field),
  ]
}

const validateModes = ({ accessModes = [] }: PersistentVolumeSpec, field: string): FieldError[] =>
  [...(accessModes.length ? [] : [required(`${field}.accessModes`)]), ...validateAccessModes(accessModes, `${field}.accessModes`)]

function validateCapacity({ capacity = {} }: PersistentVolumeSpec, field: string): FieldError[] {
  const names = Object.keys(capacity)
  return [
    ...(names.length ? [] : [required(field)]),
    ...(names.length === 1 && names[0] === 'storage' ? [] : [notSupported(field, capacity, ['storage'])]),
    ...Object.entries(capacity).flatMap(([name, amount]) => {
      const { nano } = parseQuantity(amount)
      return [...(nano < 0n ? [invalid(`${field}[${name}]`, amount, 'must be a valid resource quantity')] : []), ...(nano <= 0n ? [invalid(`${field}[${name}]`, amount, notPositiveMessage)] : [])]
    }),
  ]
}

function validateNodeAffinity({ nodeAffinity }: PersistentVolumeSpec, field: string): FieldError[] {
  if (!nodeAffinity) return []
  return nodeAffinity.required ? validateNodeSelector(nodeAffinity.required, `${field}.required`) : [required(`${field}.required`, 'must specify required node constraints')]
}

/** A volume is one sort of storage: the first that is there is it, in the original's order. */
function validateSource(spec: PersistentVolumeSpec, name: string, field: string): FieldError[] {
  const [first, ...others] = volumeSourceChecks.filter(({ source }) => spec[source] !== undefined)
  if (!first) return [required(field, 'must specify a volume type')]
  return [
    ...first.check(spec[first.source], `${field}.${first.path ?? first.source}`, name),
    ...others.map(({ source }) => forbidden(`${field}.${source === 'cephfs' ? 'cephFS' : source}`, 'may not specify more than 1 volume type')),
    ...(first.source === 'local' && !spec.nodeAffinity?.required ? [required(`${field}.nodeAffinity`, 'Local volume requires node affinity')] : []),
  ]
}

function validateAttributesClass({ volumeAttributesClassName: name, csi }: PersistentVolumeSpec, field: string): FieldError[] {
  if (name === undefined) return []
  const at = `${field}.volumeAttributesClassName`
  return [
    ...(name ? invalidFor(at, name, dnsSubdomain(name)) : [required(at, 'an empty string is disallowed')]),
    ...(csi ? [] : [required(`${field}.csi`, 'has to be specified when using volumeAttributesClassName')]),
  ]
}

const sources = Object.keys(PersistentVolumeSource.fields) as (keyof PersistentVolumeSource)[]

/** Data lie where they lie: what the volume is and where it is reached from does not change. */
export function validatePersistentVolumeUpdate(volume: PersistentVolume, old: PersistentVolume): FieldError[] {
  const now = volume.spec, before = old.spec
  const changed = sources.filter((source) => !semanticEqual(withoutNewSecret(now, before)[source], before[source]))
  const affinity = before.nodeAffinity && !semanticEqual(now.nodeAffinity, replacedNodeAffinity(before.nodeAffinity, now.nodeAffinity))
  const lost = before.volumeAttributesClassName !== undefined && now.volumeAttributesClassName === undefined
  return [
    ...validatePersistentVolume(volume),
    ...(changed.length ? [forbidden('spec.persistentvolumesource', `spec.persistentvolumesource is immutable after creation\n${changed.map((source) => `  ${source}: ${JSON.stringify(before[source]) ?? 'absent'} -> ${JSON.stringify(now[source]) ?? 'absent'}`).join('\n')}\n`)] : []),
    ...(now.volumeMode === before.volumeMode ? [] : [invalid('volumeMode', now.volumeMode ?? null, immutableMessage)]),
    ...(affinity ? [invalid('nodeAffinity', now.nodeAffinity ?? null, immutableMessage)] : []),
    ...(lost ? [forbidden('spec.volumeAttributesClassName', 'update from non-nil value to nil is forbidden')] : []),
  ]
}

/** The secret for growing may be added later. */
function withoutNewSecret(now: PersistentVolumeSpec, before: PersistentVolumeSpec): PersistentVolumeSpec {
  if (!now.csi || !before.csi || before.csi.controllerExpandSecretRef) return now
  return { ...now, csi: { ...now.csi, controllerExpandSecretRef: undefined } }
}

export const validatePersistentVolumeStatusUpdate = ({ metadata }: PersistentVolume): FieldError[] => (metadata.resourceVersion ? [] : [required('resourceVersion')])
