import type { Infer } from '../../schema/schema.ts'
import { always, bool, int32, list, map, opt, req, string, struct, text, time } from '../../schema/schema.ts'
import { ConditionStatus, NodeSelector, ObjectReference, ResourceList } from './common.ts'
import { AWSElasticBlockStoreVolumeSource, AzureDiskVolumeSource, FCVolumeSource, FlockerVolumeSource, GCEPersistentDiskVolumeSource, HostPathVolumeSource, NFSVolumeSource, PersistentVolumeAccessMode, PersistentVolumeClaimSpec, PersistentVolumeMode, PhotonPersistentDiskVolumeSource, PortworxVolumeSource, QuobyteVolumeSource, VsphereVirtualDiskVolumeSource } from './volume.ts'
import { ObjectMeta } from '../meta-v1/meta.ts'

export const AzureFilePersistentVolumeSource = struct('core/v1.AzureFilePersistentVolumeSource', {
  secretName: req(1, string),
  shareName: req(2, string),
  readOnly: opt(3, bool),
  secretNamespace: opt(4, string, { pointer: true }),
})
export interface AzureFilePersistentVolumeSource extends Infer<typeof AzureFilePersistentVolumeSource> {}

export const SecretReference = struct('core/v1.SecretReference', {
  name: opt(1, string),
  namespace: opt(2, string),
}, { atomic: true })
export interface SecretReference extends Infer<typeof SecretReference> {}

export const CSIPersistentVolumeSource = struct('core/v1.CSIPersistentVolumeSource', {
  driver: req(1, string),
  volumeHandle: req(2, string),
  readOnly: opt(3, bool),
  fsType: opt(4, string),
  volumeAttributes: opt(5, map(string)),
  controllerPublishSecretRef: opt(6, SecretReference),
  nodeStageSecretRef: opt(7, SecretReference),
  nodePublishSecretRef: opt(8, SecretReference),
  controllerExpandSecretRef: opt(9, SecretReference),
  nodeExpandSecretRef: opt(10, SecretReference),
})
export interface CSIPersistentVolumeSource extends Infer<typeof CSIPersistentVolumeSource> {}

export const CephFSPersistentVolumeSource = struct('core/v1.CephFSPersistentVolumeSource', {
  monitors: req(1, list(string), { listType: 'atomic' }),
  path: opt(2, string),
  user: opt(3, string),
  secretFile: opt(4, string),
  secretRef: opt(5, SecretReference),
  readOnly: opt(6, bool),
})
export interface CephFSPersistentVolumeSource extends Infer<typeof CephFSPersistentVolumeSource> {}

export const CinderPersistentVolumeSource = struct('core/v1.CinderPersistentVolumeSource', {
  volumeID: req(1, string),
  fsType: opt(2, string),
  readOnly: opt(3, bool),
  secretRef: opt(4, SecretReference),
})
export interface CinderPersistentVolumeSource extends Infer<typeof CinderPersistentVolumeSource> {}

export const ClaimResourceStatus = text('ControllerResizeInProgress', 'ControllerResizeInfeasible', 'NodeResizeInProgress', 'NodeResizeInfeasible', 'NodeResizePending')

export const FlexPersistentVolumeSource = struct('core/v1.FlexPersistentVolumeSource', {
  driver: req(1, string),
  fsType: opt(2, string),
  secretRef: opt(3, SecretReference),
  readOnly: opt(4, bool),
  options: opt(5, map(string)),
})
export interface FlexPersistentVolumeSource extends Infer<typeof FlexPersistentVolumeSource> {}

export const GlusterfsPersistentVolumeSource = struct('core/v1.GlusterfsPersistentVolumeSource', {
  endpoints: req(1, string),
  path: req(2, string),
  readOnly: opt(3, bool),
  endpointsNamespace: opt(4, string, { pointer: true }),
})
export interface GlusterfsPersistentVolumeSource extends Infer<typeof GlusterfsPersistentVolumeSource> {}

export const ISCSIPersistentVolumeSource = struct('core/v1.ISCSIPersistentVolumeSource', {
  targetPortal: req(1, string),
  iqn: req(2, string),
  lun: req(3, int32),
  iscsiInterface: opt(4, string, { default: 'default' }),
  fsType: opt(5, string),
  readOnly: opt(6, bool),
  portals: opt(7, list(string), { listType: 'atomic' }),
  chapAuthDiscovery: opt(8, bool),
  chapAuthSession: opt(11, bool),
  secretRef: opt(10, SecretReference),
  initiatorName: opt(12, string, { pointer: true }),
})
export interface ISCSIPersistentVolumeSource extends Infer<typeof ISCSIPersistentVolumeSource> {}

export const LocalVolumeSource = struct('core/v1.LocalVolumeSource', {
  path: req(1, string),
  fsType: opt(2, string, { pointer: true }),
})
export interface LocalVolumeSource extends Infer<typeof LocalVolumeSource> {}

export const PersistentVolumeClaimModifyVolumeStatus = text('InProgress', 'Infeasible', 'Pending')

export const ModifyVolumeStatus = struct('core/v1.ModifyVolumeStatus', {
  targetVolumeAttributesClassName: opt(1, string),
  status: req(2, PersistentVolumeClaimModifyVolumeStatus),
})
export interface ModifyVolumeStatus extends Infer<typeof ModifyVolumeStatus> {}

export const PersistentVolumeReclaimPolicy = text('Delete', 'Recycle', 'Retain')

export const RBDPersistentVolumeSource = struct('core/v1.RBDPersistentVolumeSource', {
  monitors: req(1, list(string), { listType: 'atomic' }),
  image: req(2, string),
  fsType: opt(3, string),
  pool: opt(4, string, { default: 'rbd' }),
  user: opt(5, string, { default: 'admin' }),
  keyring: opt(6, string, { default: '/etc/ceph/keyring' }),
  secretRef: opt(7, SecretReference),
  readOnly: opt(8, bool),
})
export interface RBDPersistentVolumeSource extends Infer<typeof RBDPersistentVolumeSource> {}

export const ScaleIOPersistentVolumeSource = struct('core/v1.ScaleIOPersistentVolumeSource', {
  gateway: req(1, string),
  system: req(2, string),
  secretRef: req(3, SecretReference, { nullable: true }),
  sslEnabled: opt(4, bool),
  protectionDomain: opt(5, string),
  storagePool: opt(6, string),
  storageMode: opt(7, string, { default: 'ThinProvisioned' }),
  volumeName: opt(8, string),
  fsType: opt(9, string, { default: 'xfs' }),
  readOnly: opt(10, bool),
})
export interface ScaleIOPersistentVolumeSource extends Infer<typeof ScaleIOPersistentVolumeSource> {}

export const StorageOSPersistentVolumeSource = struct('core/v1.StorageOSPersistentVolumeSource', {
  volumeName: opt(1, string),
  volumeNamespace: opt(2, string),
  fsType: opt(3, string),
  readOnly: opt(4, bool),
  secretRef: opt(5, ObjectReference),
})
export interface StorageOSPersistentVolumeSource extends Infer<typeof StorageOSPersistentVolumeSource> {}

export const PersistentVolumeSource = struct('core/v1.PersistentVolumeSource', {
  gcePersistentDisk: opt(1, GCEPersistentDiskVolumeSource, { deprecated: true }),
  awsElasticBlockStore: opt(2, AWSElasticBlockStoreVolumeSource, { deprecated: true }),
  hostPath: opt(3, HostPathVolumeSource),
  glusterfs: opt(4, GlusterfsPersistentVolumeSource, { deprecated: true }),
  nfs: opt(5, NFSVolumeSource),
  rbd: opt(6, RBDPersistentVolumeSource, { deprecated: true }),
  iscsi: opt(7, ISCSIPersistentVolumeSource),
  cinder: opt(8, CinderPersistentVolumeSource, { deprecated: true }),
  cephfs: opt(9, CephFSPersistentVolumeSource, { deprecated: true }),
  fc: opt(10, FCVolumeSource),
  flocker: opt(11, FlockerVolumeSource, { deprecated: true }),
  flexVolume: opt(12, FlexPersistentVolumeSource, { deprecated: true }),
  azureFile: opt(13, AzureFilePersistentVolumeSource, { deprecated: true }),
  vsphereVolume: opt(14, VsphereVirtualDiskVolumeSource, { deprecated: true }),
  quobyte: opt(15, QuobyteVolumeSource, { deprecated: true }),
  azureDisk: opt(16, AzureDiskVolumeSource, { deprecated: true }),
  photonPersistentDisk: opt(17, PhotonPersistentDiskVolumeSource, { deprecated: true }),
  portworxVolume: opt(18, PortworxVolumeSource, { deprecated: true }),
  scaleIO: opt(19, ScaleIOPersistentVolumeSource, { deprecated: true }),
  local: opt(20, LocalVolumeSource),
  storageos: opt(21, StorageOSPersistentVolumeSource, { deprecated: true }),
  csi: opt(22, CSIPersistentVolumeSource),
})
export interface PersistentVolumeSource extends Infer<typeof PersistentVolumeSource> {}

export const VolumeNodeAffinity = struct('core/v1.VolumeNodeAffinity', {
  required: opt(1, NodeSelector),
})
export interface VolumeNodeAffinity extends Infer<typeof VolumeNodeAffinity> {}

export const PersistentVolumeSpec = struct('core/v1.PersistentVolumeSpec', {
  ...PersistentVolumeSource.fields,
  capacity: opt(1, ResourceList),
  accessModes: opt(3, list(PersistentVolumeAccessMode), { listType: 'atomic' }),
  claimRef: opt(4, ObjectReference),
  persistentVolumeReclaimPolicy: opt(5, PersistentVolumeReclaimPolicy),
  storageClassName: opt(6, string),
  mountOptions: opt(7, list(string), { listType: 'atomic' }),
  volumeMode: opt(8, PersistentVolumeMode, { pointer: true }),
  nodeAffinity: opt(9, VolumeNodeAffinity),
  volumeAttributesClassName: opt(10, string, { pointer: true }),
}, { inline: [PersistentVolumeSource] })
export interface PersistentVolumeSpec extends Infer<typeof PersistentVolumeSpec> {}

export const PersistentVolumePhase = text('Available', 'Bound', 'Failed', 'Pending', 'Released')

export const PersistentVolumeStatus = struct('core/v1.PersistentVolumeStatus', {
  phase: opt(1, PersistentVolumePhase),
  message: opt(2, string),
  reason: opt(3, string),
  lastPhaseTransitionTime: opt(4, time, { pointer: true }),
})
export interface PersistentVolumeStatus extends Infer<typeof PersistentVolumeStatus> {}

export const PersistentVolume = struct('core/v1.PersistentVolume', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, PersistentVolumeSpec),
  status: opt(3, PersistentVolumeStatus),
})
export interface PersistentVolume extends Infer<typeof PersistentVolume> {}

export const PersistentVolumeClaimConditionType = text('ControllerResizeError', 'FileSystemResizePending', 'ModifyVolumeError', 'ModifyingVolume', 'NodeResizeError', 'Resizing', 'Unused')

export const PersistentVolumeClaimCondition = struct('core/v1.PersistentVolumeClaimCondition', {
  type: req(1, PersistentVolumeClaimConditionType),
  status: req(2, ConditionStatus),
  lastProbeTime: opt(3, time),
  lastTransitionTime: opt(4, time),
  reason: opt(5, string),
  message: opt(6, string),
})
export interface PersistentVolumeClaimCondition extends Infer<typeof PersistentVolumeClaimCondition> {}

export const PersistentVolumeClaimPhase = text('Bound', 'Lost', 'Pending')

export const PersistentVolumeClaimStatus = struct('core/v1.PersistentVolumeClaimStatus', {
  phase: opt(1, PersistentVolumeClaimPhase),
  accessModes: opt(2, list(PersistentVolumeAccessMode), { listType: 'atomic' }),
  capacity: opt(3, ResourceList),
  conditions: opt(4, list(PersistentVolumeClaimCondition), { listType: 'map', listMapKeys: ['type'], patchMergeKey: 'type', patchStrategy: 'merge' }),
  allocatedResources: opt(5, ResourceList),
  allocatedResourceStatuses: opt(7, map(ClaimResourceStatus), { mapType: 'granular' }),
  currentVolumeAttributesClassName: opt(8, string, { pointer: true }),
  modifyVolumeStatus: opt(9, ModifyVolumeStatus),
})
export interface PersistentVolumeClaimStatus extends Infer<typeof PersistentVolumeClaimStatus> {}

export const PersistentVolumeClaim = struct('core/v1.PersistentVolumeClaim', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, PersistentVolumeClaimSpec),
  status: opt(3, PersistentVolumeClaimStatus),
})
export interface PersistentVolumeClaim extends Infer<typeof PersistentVolumeClaim> {}

export const TopologySelectorLabelRequirement = struct('core/v1.TopologySelectorLabelRequirement', {
  key: req(1, string),
  values: req(2, list(string), { listType: 'atomic' }),
})
export interface TopologySelectorLabelRequirement extends Infer<typeof TopologySelectorLabelRequirement> {}

export const TopologySelectorTerm = struct('core/v1.TopologySelectorTerm', {
  matchLabelExpressions: opt(1, list(TopologySelectorLabelRequirement), { listType: 'atomic' }),
}, { atomic: true })
export interface TopologySelectorTerm extends Infer<typeof TopologySelectorTerm> {}
