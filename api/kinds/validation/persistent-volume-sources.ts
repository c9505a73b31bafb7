import type { FieldError } from '../../errors.ts'
import type { CSIPersistentVolumeSource, ISCSIPersistentVolumeSource, PersistentVolumeSource, SecretReference } from '../../types/core-v1/persistent-volume.ts'
import { validateDriverName } from './csi.ts'
import { forbidden, invalid, required } from './field.ts'
import { dnsLabel } from './names.ts'
import { noBacksteps } from './paths.ts'
import { sourceChecks } from './volume-sources.ts'

export interface PersistentSourceCheck {
  readonly source: keyof PersistentVolumeSource
  /** Where the original's path differs from the field's name. */
  readonly path?: string
  check(source: any, field: string, volumeName: string): FieldError[]
}

/** Sources that a pod can have too are checked as there. */
const asInPod = (source: keyof PersistentVolumeSource): PersistentSourceCheck => {
  const { check, path } = sourceChecks.find(({ name }) => name === source)!
  return { source, ...(path !== undefined && { path }), check: (value, field) => check(value, field, { isPod: true }) }
}

const needed = (source: keyof PersistentVolumeSource, ...names: string[]): PersistentSourceCheck => ({
  source, check: (value, field) => names.filter((name) => !value[name] || value[name].length === 0).map((name) => required(`${field}.${name}`)),
})

const local = ({ path }: { path: string }, field: string): FieldError[] => (path ? noBacksteps(path, `${field}.path`) : [required(`${field}.path`)])

const azureFile = ({ secretName, shareName, secretNamespace }: { secretName: string; shareName: string; secretNamespace?: string }, field: string): FieldError[] => [
  ...(secretName ? [] : [required(`${field}.secretName`)]),
  ...(shareName ? [] : [required(`${field}.shareName`)]),
  ...(secretNamespace === '' ? [invalid(`${field}.secretNamespace`, secretNamespace, "secretNamespace can't be empty")] : []),
]

function iscsi(source: ISCSIPersistentVolumeSource, field: string, volumeName: string): FieldError[] {
  const { secretRef, initiatorName } = source
  const name = `${initiatorName ?? ''}:${volumeName}`
  return [
    ...sourceChecks.find(({ name: known }) => known === 'iscsi')!.check(source, field, { isPod: true }),
    ...(secretRef && !secretRef.name ? [required(`${field}.secretRef.name`)] : []),
    ...(initiatorName !== undefined && name.length > 64 ? [{ type: 'TooLong', field, detail: 'may not be more than 64 bytes' } as const] : []),
  ]
}

const secretNames = ['controllerPublishSecretRef', 'controllerExpandSecretRef', 'nodePublishSecretRef', 'nodeStageSecretRef', 'nodeExpandSecretRef'] as const

const csi = (source: CSIPersistentVolumeSource, field: string): FieldError[] => [
  ...validateDriverName(source.driver, `${field}.driver`),
  ...(source.volumeHandle ? [] : [required(`${field}.volumeHandle`)]),
  ...secretNames.flatMap((name) => secretReference(source[name], `${field}.${name}`)),
]

const secretReference = (secret: SecretReference | undefined, field: string): FieldError[] => (secret === undefined ? [] : [
  ...(secret.name ? [] : [required(`${field}.name`)]),
  ...(secret.namespace ? dnsLabel(secret.namespace).map((detail) => invalid(`${field}.namespace`, secret.namespace, detail)) : [required(`${field}.namespace`)]),
])

const flexVolume = ({ driver, secretRef, options }: { driver: string; secretRef?: SecretReference; options?: Record<string, string> }, field: string): FieldError[] => [
  ...(driver ? [] : [required(`${field}.driver`)]),
  ...(secretRef && !secretRef.name ? [required(`${field}.secretRef.name`)] : []),
  ...Object.keys(options ?? {}).filter((key) => /^(kubernetes|k8s)\.io\//.test(key) || /\.(kubernetes|k8s)\.io\//.test(key)).map((key) => forbidden(`${field}.options[${key}]`, 'kubernetes.io and k8s.io namespaces are reserved')),
]

/** Every sort of storage a volume can be, in the order in which the original looks for them. */
export const volumeSourceChecks: readonly PersistentSourceCheck[] = [
  asInPod('hostPath'),
  asInPod('gcePersistentDisk'),
  asInPod('awsElasticBlockStore'),
  needed('glusterfs', 'endpoints', 'path'),
  asInPod('flocker'),
  asInPod('nfs'),
  needed('rbd', 'monitors', 'image'),
  asInPod('quobyte'),
  needed('cephfs', 'monitors'),
  { source: 'iscsi', check: iscsi },
  needed('cinder', 'volumeID'),
  asInPod('fc'),
  { source: 'flexVolume', check: flexVolume },
  { source: 'azureFile', check: azureFile },
  asInPod('vsphereVolume'),
  asInPod('photonPersistentDisk'),
  asInPod('portworxVolume'),
  asInPod('azureDisk'),
  needed('scaleIO', 'gateway', 'system', 'volumeName'),
  { source: 'local', check: local },
  needed('storageos', 'volumeName', 'volumeNamespace'),
  { source: 'csi', check: csi },
]
