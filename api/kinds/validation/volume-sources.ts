import type { FieldError } from '../../errors.ts'
import { parseQuantity } from '../../schema/quantity.ts'
import type {
  CSIVolumeSource, DownwardAPIVolumeFile, EphemeralVolumeSource, FCVolumeSource, HostPathVolumeSource, ISCSIVolumeSource, ImageVolumeSource,
  KeyToPath, NFSVolumeSource, VolumeSource,
} from '../../types/core-v1/volume.ts'
import { HostPathType } from '../../types/core-v1/volume.ts'
import { each, forbidden, inclusiveRange, invalid, invalidFor, oneOf, optionallyOneOf, required, tooLong } from './field.ts'
import { validateLabels } from './labels.ts'
import { validateAnnotations } from './metadata.ts'
import { dnsSubdomain } from './names.ts'
import { validateClaimSpec } from './persistent-volume-claim.ts'
import { fileMode, localDescending, noBacksteps } from './paths.ts'
import { azureDisk, cinder, flexVolume, flocker, quobyte, storageOS } from './network-volumes.ts'
import { validateProjected } from './projected-volume.ts'
import { validateDownwardFile, validateKeyToPath } from './volume-files.ts'

/** Where the volumes are: `podName` and `annotations` of a real pod (a template has none yet); a template's image reference may wait. */
export interface VolumeOwner { readonly podName?: string | undefined; readonly isPod: boolean; readonly annotations?: Readonly<Record<string, string>> | undefined }

export interface SourceCheck {
  readonly name: keyof VolumeSource
  /** Where the original's path differs from the field's name. */
  readonly path?: string
  /** Where its path differs once more, when it is one too many. */
  readonly forbiddenAs?: string
  check(source: any, field: string, owner: VolumeOwner): FieldError[]
}

/** Named fields that must not be empty; enough for the sources no driver is left for. */
const needs = (...names: string[]) => (source: Record<string, unknown>, field: string): FieldError[] =>
  names.filter((name) => !source[name] || (source[name] as unknown[]).length === 0).map((name) => required(`${field}.${name}`))

const partitioned = (id: string) => (source: Record<string, unknown>, field: string): FieldError[] => {
  const partition = (source.partition ?? 0) as number
  return [...needs(id)(source, field), ...(partition < 0 || partition > 255 ? [invalid(`${field}.partition`, partition, inclusiveRange(1, 255))] : [])]
}

const emptyDir = ({ sizeLimit }: { sizeLimit?: string }, field: string): FieldError[] =>
  (sizeLimit !== undefined && parseQuantity(sizeLimit).nano < 0n ? [forbidden(`${field}.sizeLimit`, 'SizeLimit field must be a valid resource quantity')] : [])

const hostPath = ({ path, type }: HostPathVolumeSource, field: string): FieldError[] =>
  (path ? [...noBacksteps(path, `${field}.path`), ...optionallyOneOf(type, HostPathType.values ?? [], `${field}.type`)] : [required(`${field}.path`)])

/** A volume with one file a key: Secret and ConfigMap differ in what the name is called. */
const keyed = (nameField: string) => (source: { [name: string]: any; defaultMode?: number; items?: KeyToPath[] }, field: string): FieldError[] => [
  ...needs(nameField)(source, field),
  ...fileMode(source.defaultMode, `${field}.defaultMode`),
  ...each(source.items, `${field}.items`, validateKeyToPath),
]

const downwardAPI = (source: { defaultMode?: number; items?: DownwardAPIVolumeFile[] }, field: string): FieldError[] =>
  [...fileMode(source.defaultMode, `${field}.defaultMode`), ...(source.items ?? []).flatMap((file) => validateDownwardFile(file, field))]

const nfs = (source: NFSVolumeSource, field: string): FieldError[] =>
  [...needs('server', 'path')({ ...source }, field), ...(source.path?.startsWith('/') ? [] : [invalid(`${field}.path`, source.path ?? '', 'must be an absolute path')])]

const iscsiName = (name: string, field: string): FieldError[] => {
  if (!/^(iqn|eui|naa)/.test(name)) return [invalid(field, name, 'must be valid format starting with iqn, eui, or naa')]
  return /iqn\.\d{4}-\d{2}\.[A-Za-z0-9.-]+(:[^,;*&$|\s]+)$|^eui.[A-Za-z0-9]{16}$|^naa.[A-Za-z0-9]{32}$/.test(name) ? [] : [invalid(field, name, 'must be valid format')]
}

const lun = (value: number | undefined, field: string): FieldError[] => ((value ?? 0) < 0 || (value ?? 0) > 255 ? [invalid(field, value, inclusiveRange(0, 255))] : [])

const iscsi = (source: ISCSIVolumeSource, field: string): FieldError[] => [
  ...needs('targetPortal')({ ...source }, field),
  ...(source.iqn ? iscsiName(source.iqn, `${field}.iqn`) : [required(`${field}.iqn`)]),
  ...lun(source.lun, `${field}.lun`),
  ...((source.chapAuthDiscovery || source.chapAuthSession) && !source.secretRef ? [required(`${field}.secretRef`)] : []),
  ...(source.initiatorName === undefined ? [] : iscsiName(source.initiatorName, `${field}.initiatorname`)),
]

const sixtyFour = 'Total length of <volume name>:<iscsi.targetPortal> must be under 64 characters if iscsi.initiatorName is specified.'

/** The name a session of a pod's volume gets must not be too long. */
export const iscsiSession = (source: ISCSIVolumeSource, volume: string, field: string): FieldError[] =>
  (source.initiatorName !== undefined && Buffer.byteLength(`${volume}:${source.targetPortal}`) > 64 ? [invalid(`${field}.name`, volume, sixtyFour)] : [])

function fc(source: FCVolumeSource, field: string): FieldError[] {
  const wwns = source.targetWWNs?.length ?? 0, wwids = source.wwids?.length ?? 0
  return [
    ...(wwns || wwids ? [] : [required(`${field}.targetWWNs`, 'must specify either targetWWNs or wwids, but not both')]),
    ...(wwns && wwids ? [invalid(`${field}.targetWWNs`, source.targetWWNs, 'targetWWNs and wwids can not be specified simultaneously')] : []),
    ...(wwns ? source.lun === undefined ? [required(`${field}.lun`, 'lun is required if targetWWNs is specified')] : lun(source.lun, `${field}.lun`) : []),
  ]
}

const csi = ({ driver, nodePublishSecretRef: secret }: CSIVolumeSource, field: string): FieldError[] => [
  ...(driver ? [] : [required(`${field}.driver`)]),
  ...(driver?.length > 63 ? [tooLong(`${field}.driver`, 63)] : []),
  ...invalidFor(`${field}.driver`, driver, dnsSubdomain((driver ?? '').toLowerCase())),
  ...(secret ? secret.name ? invalidFor(`${field}.name`, secret.name, dnsSubdomain(secret.name)) : [required(`${field}.nodePublishSecretRef.name`)] : []),
]

/** Of the metadata of a template only what is handed on may be given. */
function ephemeral({ volumeClaimTemplate: template }: EphemeralVolumeSource, field: string): FieldError[] {
  const path = `${field}.volumeClaimTemplate`
  if (!template) return [required(path)]
  const { labels, annotations, ...others } = template.metadata ?? {}
  return [
    ...validateAnnotations(annotations, `${path}.metadata.annotations`),
    ...validateLabels(labels, `${path}.metadata.labels`),
    ...Object.keys(others).filter((name) => (others as Record<string, unknown>)[name]).map((name) => forbidden(`${path}.metadata.${name}`, 'cannot be set')),
    ...validateClaimSpec(template.spec, `${path}.spec`),
  ]
}

const image = ({ reference, pullPolicy }: ImageVolumeSource, field: string, owner: VolumeOwner): FieldError[] =>
  [...(owner.isPod && !reference ? [required(`${field}.reference`)] : []), ...oneOf(pullPolicy, ['Always', 'IfNotPresent', 'Never'], `${field}.pullPolicy`)]

/** Every kind of volume, in the order in which the original looks for them: the first one found is the volume's. */
export const sourceChecks: readonly SourceCheck[] = [
  { name: 'emptyDir', check: emptyDir },
  { name: 'hostPath', check: hostPath },
  { name: 'gitRepo', check: (source, field) => [...needs('repository')(source, field), ...localDescending(source.directory ?? '', `${field}.directory`)] },
  { name: 'gcePersistentDisk', path: 'persistentDisk', check: partitioned('pdName') },
  { name: 'awsElasticBlockStore', check: partitioned('volumeID') },
  { name: 'secret', check: keyed('secretName') },
  { name: 'nfs', check: nfs },
  { name: 'iscsi', check: iscsi },
  { name: 'glusterfs', check: needs('endpoints', 'path') },
  { name: 'flocker', check: flocker },
  { name: 'persistentVolumeClaim', check: needs('claimName') },
  { name: 'rbd', check: needs('monitors', 'image') },
  { name: 'cinder', check: cinder },
  { name: 'cephfs', forbiddenAs: 'cephFS', check: needs('monitors') },
  { name: 'quobyte', check: quobyte },
  { name: 'downwardAPI', forbiddenAs: 'downwarAPI', check: downwardAPI },
  { name: 'fc', check: fc },
  { name: 'flexVolume', check: flexVolume },
  { name: 'configMap', check: keyed('name') },
  { name: 'azureFile', check: needs('secretName', 'shareName') },
  { name: 'vsphereVolume', check: needs('volumePath') },
  { name: 'photonPersistentDisk', check: needs('pdID') },
  { name: 'portworxVolume', check: needs('volumeID') },
  { name: 'azureDisk', check: azureDisk },
  { name: 'storageos', check: storageOS },
  { name: 'projected', check: validateProjected },
  { name: 'scaleIO', check: needs('gateway', 'system', 'volumeName') },
  { name: 'csi', check: csi },
  { name: 'ephemeral', check: ephemeral },
  { name: 'image', check: image },
]
