import type { FieldError } from '../../errors.ts'
import type { AzureDiskVolumeSource, CinderVolumeSource, FlexVolumeSource, FlockerVolumeSource, QuobyteVolumeSource, StorageOSVolumeSource } from '../../types/core-v1/volume.ts'
import { invalid, notSupported, optionallyOneOf, required } from './field.ts'
import { dnsLabel } from './names.ts'

/*
 * Sources of volumes whose drivers have mostly left Kubernetes, and which must still be well-formed.
 */

const named = (value: string | undefined, field: string): FieldError[] => (value ? [] : [required(field)])

export const flocker = ({ datasetName: name = '', datasetUUID: uuid = '' }: FlockerVolumeSource, field: string): FieldError[] => [
  ...(name || uuid ? [] : [required(field, 'one of datasetName and datasetUUID is required')]),
  ...(name && uuid ? [invalid(field, 'resource', 'datasetName and datasetUUID can not be specified simultaneously')] : []),
  ...(name.includes('/') ? [invalid(`${field}.datasetName`, name, "must not contain '/'")] : []),
]

const pairs = 'must be a host:port pair or multiple pairs separated by commas'
const isPair = (text: string): boolean => /^(\[[^[\]]*\]|[^[\]:]*):[^[\]:]*$/.test(text)

export function quobyte({ registry, tenant = '', volume }: QuobyteVolumeSource, field: string): FieldError[] {
  const wrong = !registry ? [required(`${field}.registry`, pairs)]
    : tenant.length > 64 ? [required(`${field}.tenant`, 'must be a UUID and may not exceed a length of 64 characters')]
      : registry.split(',').filter((pair) => !isPair(pair)).map(() => invalid(`${field}.registry`, registry, pairs))
  return [...wrong, ...named(volume, `${field}.volume`)]
}

export const cinder = ({ volumeID, secretRef }: CinderVolumeSource, field: string): FieldError[] =>
  [...named(volumeID, `${field}.volumeID`), ...(secretRef ? named(secretRef.name, `${field}.secretRef.name`) : [])]

export const flexVolume = ({ driver, options = {} }: FlexVolumeSource, field: string): FieldError[] => [
  ...named(driver, `${field}.driver`),
  ...Object.keys(options).filter(isReserved).map((key) => invalid(`${field}.options[${key}]`, key, 'kubernetes.io and k8s.io namespaces are reserved')),
]

const isReserved = (key: string): boolean => /\.(kubernetes|k8s)\.io$/.test(`.${key.split('/')[0]!.toLowerCase()}`)

export function storageOS({ volumeName, volumeNamespace, secretRef }: StorageOSVolumeSource, field: string): FieldError[] {
  return [
    ...(volumeName ? dnsLabel(volumeName).map((sentence) => invalid(`${field}.volumeName`, volumeName, sentence)) : [required(`${field}.volumeName`)]),
    ...(volumeNamespace ? dnsLabel(volumeNamespace).map((sentence) => invalid(`${field}.volumeNamespace`, volumeNamespace, sentence)) : []),
    ...(secretRef ? named(secretRef.name, `${field}.secretRef.name`) : []),
  ]
}

const managedURI = '/subscriptions/{sub-id}/resourcegroups/{group-name}/providers/microsoft.compute/disks/{disk-id}'
const blobURI = 'https://{account-name}.blob.core.windows.net/{container-name}/{disk-name}.vhd'

export function azureDisk({ diskName, diskURI = '', cachingMode, kind }: AzureDiskVolumeSource, field: string): FieldError[] {
  const managed = kind === 'Managed'
  return [
    ...named(diskName, `${field}.diskName`),
    ...named(diskURI, `${field}.diskURI`),
    ...optionallyOneOf(cachingMode, ['None', 'ReadOnly', 'ReadWrite'], `${field}.cachingMode`),
    ...optionallyOneOf(kind, ['Dedicated', 'Managed', 'Shared'], `${field}.kind`),
    ...(managed && !diskURI.startsWith('/subscriptions/') ? [notSupported(`${field}.diskURI`, diskURI, [managedURI])] : []),
    ...(kind !== undefined && !managed && !diskURI.startsWith('https://') ? [notSupported(`${field}.diskURI`, diskURI, [blobURI])] : []),
  ]
}
