import type { Infer } from '../../schema/schema.ts'
import { bool, int32, int64, list, map, opt, quantity, req, string, struct, text } from '../../schema/schema.ts'
import { LocalObjectReference, ObjectFieldSelector, PullPolicy, ResourceFieldSelector, TypedLocalObjectReference, TypedObjectReference, VolumeResourceRequirements } from './common.ts'
import { LabelSelector, ObjectMeta } from '../meta-v1/meta.ts'

export const AWSElasticBlockStoreVolumeSource = struct('core/v1.AWSElasticBlockStoreVolumeSource', {
  volumeID: req(1, string),
  fsType: opt(2, string),
  partition: opt(3, int32),
  readOnly: opt(4, bool),
})
export interface AWSElasticBlockStoreVolumeSource extends Infer<typeof AWSElasticBlockStoreVolumeSource> {}

export const AzureDataDiskCachingMode = text('None', 'ReadOnly', 'ReadWrite')

export const AzureDataDiskKind = text('Dedicated', 'Managed', 'Shared')

export const AzureDiskVolumeSource = struct('core/v1.AzureDiskVolumeSource', {
  diskName: req(1, string),
  diskURI: req(2, string),
  cachingMode: opt(3, AzureDataDiskCachingMode, { default: 'ref(AzureDataDiskCachingReadWrite)', pointer: true }),
  fsType: opt(4, string, { default: 'ext4', pointer: true }),
  readOnly: opt(5, bool, { default: false, pointer: true }),
  kind: opt(6, AzureDataDiskKind, { default: 'ref(AzureSharedBlobDisk)', pointer: true }),
})
export interface AzureDiskVolumeSource extends Infer<typeof AzureDiskVolumeSource> {}

export const AzureFileVolumeSource = struct('core/v1.AzureFileVolumeSource', {
  secretName: req(1, string),
  shareName: req(2, string),
  readOnly: opt(3, bool),
})
export interface AzureFileVolumeSource extends Infer<typeof AzureFileVolumeSource> {}

export const CSIVolumeSource = struct('core/v1.CSIVolumeSource', {
  driver: req(1, string),
  readOnly: opt(2, bool, { pointer: true }),
  fsType: opt(3, string, { pointer: true }),
  volumeAttributes: opt(4, map(string)),
  nodePublishSecretRef: opt(5, LocalObjectReference),
})
export interface CSIVolumeSource extends Infer<typeof CSIVolumeSource> {}

export const CephFSVolumeSource = struct('core/v1.CephFSVolumeSource', {
  monitors: req(1, list(string), { listType: 'atomic' }),
  path: opt(2, string),
  user: opt(3, string),
  secretFile: opt(4, string),
  secretRef: opt(5, LocalObjectReference),
  readOnly: opt(6, bool),
})
export interface CephFSVolumeSource extends Infer<typeof CephFSVolumeSource> {}

export const CinderVolumeSource = struct('core/v1.CinderVolumeSource', {
  volumeID: req(1, string),
  fsType: opt(2, string),
  readOnly: opt(3, bool),
  secretRef: opt(4, LocalObjectReference),
})
export interface CinderVolumeSource extends Infer<typeof CinderVolumeSource> {}

export const ClusterTrustBundleProjection = struct('core/v1.ClusterTrustBundleProjection', {
  name: opt(1, string, { pointer: true }),
  signerName: opt(2, string, { pointer: true }),
  labelSelector: opt(3, LabelSelector),
  optional: opt(5, bool, { pointer: true }),
  path: req(4, string),
})
export interface ClusterTrustBundleProjection extends Infer<typeof ClusterTrustBundleProjection> {}

export const KeyToPath = struct('core/v1.KeyToPath', {
  key: req(1, string),
  path: req(2, string),
  mode: opt(3, int32, { pointer: true }),
})
export interface KeyToPath extends Infer<typeof KeyToPath> {}

export const ConfigMapProjection = struct('core/v1.ConfigMapProjection', {
  ...LocalObjectReference.fields,
  items: opt(2, list(KeyToPath), { listType: 'atomic' }),
  optional: opt(4, bool, { pointer: true }),
}, { inline: [LocalObjectReference] })
export interface ConfigMapProjection extends Infer<typeof ConfigMapProjection> {}

export const ConfigMapVolumeSource = struct('core/v1.ConfigMapVolumeSource', {
  ...LocalObjectReference.fields,
  items: opt(2, list(KeyToPath), { listType: 'atomic' }),
  defaultMode: opt(3, int32, { pointer: true }),
  optional: opt(4, bool, { pointer: true }),
}, { inline: [LocalObjectReference] })
export interface ConfigMapVolumeSource extends Infer<typeof ConfigMapVolumeSource> {}

export const DownwardAPIVolumeFile = struct('core/v1.DownwardAPIVolumeFile', {
  path: req(1, string),
  fieldRef: opt(2, ObjectFieldSelector),
  resourceFieldRef: opt(3, ResourceFieldSelector),
  mode: opt(4, int32, { pointer: true }),
})
export interface DownwardAPIVolumeFile extends Infer<typeof DownwardAPIVolumeFile> {}

export const DownwardAPIProjection = struct('core/v1.DownwardAPIProjection', {
  items: opt(1, list(DownwardAPIVolumeFile), { listType: 'atomic' }),
})
export interface DownwardAPIProjection extends Infer<typeof DownwardAPIProjection> {}

export const DownwardAPIVolumeSource = struct('core/v1.DownwardAPIVolumeSource', {
  items: opt(1, list(DownwardAPIVolumeFile), { listType: 'atomic' }),
  defaultMode: opt(2, int32, { pointer: true }),
})
export interface DownwardAPIVolumeSource extends Infer<typeof DownwardAPIVolumeSource> {}

export const StorageMedium = text('', 'HugePages', 'HugePages-', 'Memory')

export const EmptyDirVolumeSource = struct('core/v1.EmptyDirVolumeSource', {
  medium: opt(1, StorageMedium),
  sizeLimit: opt(2, quantity, { pointer: true }),
})
export interface EmptyDirVolumeSource extends Infer<typeof EmptyDirVolumeSource> {}

export const PersistentVolumeAccessMode = text('ReadOnlyMany', 'ReadWriteMany', 'ReadWriteOnce', 'ReadWriteOncePod')

export const PersistentVolumeMode = text('Block', 'Filesystem')

export const PersistentVolumeClaimSpec = struct('core/v1.PersistentVolumeClaimSpec', {
  accessModes: opt(1, list(PersistentVolumeAccessMode), { listType: 'atomic' }),
  selector: opt(4, LabelSelector),
  resources: opt(2, VolumeResourceRequirements),
  volumeName: opt(3, string),
  storageClassName: opt(5, string, { pointer: true }),
  volumeMode: opt(6, PersistentVolumeMode, { pointer: true }),
  dataSource: opt(7, TypedLocalObjectReference),
  dataSourceRef: opt(8, TypedObjectReference),
  volumeAttributesClassName: opt(9, string, { pointer: true }),
})
export interface PersistentVolumeClaimSpec extends Infer<typeof PersistentVolumeClaimSpec> {}

export const PersistentVolumeClaimTemplate = struct('core/v1.PersistentVolumeClaimTemplate', {
  metadata: opt(1, ObjectMeta),
  spec: req(2, PersistentVolumeClaimSpec),
})
export interface PersistentVolumeClaimTemplate extends Infer<typeof PersistentVolumeClaimTemplate> {}

export const EphemeralVolumeSource = struct('core/v1.EphemeralVolumeSource', {
  volumeClaimTemplate: opt(1, PersistentVolumeClaimTemplate),
})
export interface EphemeralVolumeSource extends Infer<typeof EphemeralVolumeSource> {}

export const FCVolumeSource = struct('core/v1.FCVolumeSource', {
  targetWWNs: opt(1, list(string), { listType: 'atomic' }),
  lun: opt(2, int32, { pointer: true }),
  fsType: opt(3, string),
  readOnly: opt(4, bool),
  wwids: opt(5, list(string), { listType: 'atomic' }),
})
export interface FCVolumeSource extends Infer<typeof FCVolumeSource> {}

export const FlexVolumeSource = struct('core/v1.FlexVolumeSource', {
  driver: req(1, string),
  fsType: opt(2, string),
  secretRef: opt(3, LocalObjectReference),
  readOnly: opt(4, bool),
  options: opt(5, map(string)),
})
export interface FlexVolumeSource extends Infer<typeof FlexVolumeSource> {}

export const FlockerVolumeSource = struct('core/v1.FlockerVolumeSource', {
  datasetName: opt(1, string, { deprecated: true }),
  datasetUUID: opt(2, string),
})
export interface FlockerVolumeSource extends Infer<typeof FlockerVolumeSource> {}

export const GCEPersistentDiskVolumeSource = struct('core/v1.GCEPersistentDiskVolumeSource', {
  pdName: req(1, string),
  fsType: opt(2, string),
  partition: opt(3, int32),
  readOnly: opt(4, bool),
})
export interface GCEPersistentDiskVolumeSource extends Infer<typeof GCEPersistentDiskVolumeSource> {}

export const GitRepoVolumeSource = struct('core/v1.GitRepoVolumeSource', {
  repository: req(1, string),
  revision: opt(2, string),
  directory: opt(3, string),
})
export interface GitRepoVolumeSource extends Infer<typeof GitRepoVolumeSource> {}

export const GlusterfsVolumeSource = struct('core/v1.GlusterfsVolumeSource', {
  endpoints: req(1, string),
  path: req(2, string),
  readOnly: opt(3, bool),
})
export interface GlusterfsVolumeSource extends Infer<typeof GlusterfsVolumeSource> {}

export const HostPathType = text('', 'BlockDevice', 'CharDevice', 'Directory', 'DirectoryOrCreate', 'File', 'FileOrCreate', 'Socket')

export const HostPathVolumeSource = struct('core/v1.HostPathVolumeSource', {
  path: req(1, string),
  type: opt(2, HostPathType, { pointer: true }),
})
export interface HostPathVolumeSource extends Infer<typeof HostPathVolumeSource> {}

export const ISCSIVolumeSource = struct('core/v1.ISCSIVolumeSource', {
  targetPortal: req(1, string),
  iqn: req(2, string),
  lun: req(3, int32),
  iscsiInterface: opt(4, string, { default: 'default' }),
  fsType: opt(5, string),
  readOnly: opt(6, bool),
  portals: opt(7, list(string), { listType: 'atomic' }),
  chapAuthDiscovery: opt(8, bool),
  chapAuthSession: opt(11, bool),
  secretRef: opt(10, LocalObjectReference),
  initiatorName: opt(12, string, { pointer: true }),
})
export interface ISCSIVolumeSource extends Infer<typeof ISCSIVolumeSource> {}

export const ImageVolumeSource = struct('core/v1.ImageVolumeSource', {
  reference: opt(1, string),
  pullPolicy: opt(2, PullPolicy),
})
export interface ImageVolumeSource extends Infer<typeof ImageVolumeSource> {}

export const NFSVolumeSource = struct('core/v1.NFSVolumeSource', {
  server: req(1, string),
  path: req(2, string),
  readOnly: opt(3, bool),
})
export interface NFSVolumeSource extends Infer<typeof NFSVolumeSource> {}

export const PersistentVolumeClaimVolumeSource = struct('core/v1.PersistentVolumeClaimVolumeSource', {
  claimName: req(1, string),
  readOnly: opt(2, bool),
})
export interface PersistentVolumeClaimVolumeSource extends Infer<typeof PersistentVolumeClaimVolumeSource> {}

export const PhotonPersistentDiskVolumeSource = struct('core/v1.PhotonPersistentDiskVolumeSource', {
  pdID: req(1, string),
  fsType: opt(2, string),
})
export interface PhotonPersistentDiskVolumeSource extends Infer<typeof PhotonPersistentDiskVolumeSource> {}

export const PodCertificateProjection = struct('core/v1.PodCertificateProjection', {
  signerName: opt(1, string),
  keyType: opt(2, string),
  maxExpirationSeconds: opt(3, int32, { pointer: true }),
  credentialBundlePath: opt(4, string),
  keyPath: opt(5, string),
  certificateChainPath: opt(6, string),
  userAnnotations: opt(7, map(string)),
})
export interface PodCertificateProjection extends Infer<typeof PodCertificateProjection> {}

export const PortworxVolumeSource = struct('core/v1.PortworxVolumeSource', {
  volumeID: req(1, string),
  fsType: opt(2, string),
  readOnly: opt(3, bool),
})
export interface PortworxVolumeSource extends Infer<typeof PortworxVolumeSource> {}

export const SecretProjection = struct('core/v1.SecretProjection', {
  ...LocalObjectReference.fields,
  items: opt(2, list(KeyToPath), { listType: 'atomic' }),
  optional: opt(4, bool, { pointer: true }),
}, { inline: [LocalObjectReference] })
export interface SecretProjection extends Infer<typeof SecretProjection> {}

export const ServiceAccountTokenProjection = struct('core/v1.ServiceAccountTokenProjection', {
  audience: opt(1, string),
  expirationSeconds: opt(2, int64, { pointer: true }),
  path: req(3, string),
})
export interface ServiceAccountTokenProjection extends Infer<typeof ServiceAccountTokenProjection> {}

export const VolumeProjection = struct('core/v1.VolumeProjection', {
  secret: opt(1, SecretProjection),
  downwardAPI: opt(2, DownwardAPIProjection),
  configMap: opt(3, ConfigMapProjection),
  serviceAccountToken: opt(4, ServiceAccountTokenProjection),
  clusterTrustBundle: opt(5, ClusterTrustBundleProjection),
  podCertificate: opt(6, PodCertificateProjection),
})
export interface VolumeProjection extends Infer<typeof VolumeProjection> {}

export const ProjectedVolumeSource = struct('core/v1.ProjectedVolumeSource', {
  sources: opt(1, list(VolumeProjection), { listType: 'atomic' }),
  defaultMode: opt(2, int32, { pointer: true }),
})
export interface ProjectedVolumeSource extends Infer<typeof ProjectedVolumeSource> {}

export const QuobyteVolumeSource = struct('core/v1.QuobyteVolumeSource', {
  registry: req(1, string),
  volume: req(2, string),
  readOnly: opt(3, bool),
  user: opt(4, string),
  group: opt(5, string),
  tenant: opt(6, string),
})
export interface QuobyteVolumeSource extends Infer<typeof QuobyteVolumeSource> {}

export const RBDVolumeSource = struct('core/v1.RBDVolumeSource', {
  monitors: req(1, list(string), { listType: 'atomic' }),
  image: req(2, string),
  fsType: opt(3, string),
  pool: opt(4, string, { default: 'rbd' }),
  user: opt(5, string, { default: 'admin' }),
  keyring: opt(6, string, { default: '/etc/ceph/keyring' }),
  secretRef: opt(7, LocalObjectReference),
  readOnly: opt(8, bool),
})
export interface RBDVolumeSource extends Infer<typeof RBDVolumeSource> {}

export const ScaleIOVolumeSource = struct('core/v1.ScaleIOVolumeSource', {
  gateway: req(1, string),
  system: req(2, string),
  secretRef: req(3, LocalObjectReference),
  sslEnabled: opt(4, bool),
  protectionDomain: opt(5, string),
  storagePool: opt(6, string),
  storageMode: opt(7, string, { default: 'ThinProvisioned' }),
  volumeName: opt(8, string),
  fsType: opt(9, string, { default: 'xfs' }),
  readOnly: opt(10, bool),
})
export interface ScaleIOVolumeSource extends Infer<typeof ScaleIOVolumeSource> {}

export const SecretVolumeSource = struct('core/v1.SecretVolumeSource', {
  secretName: opt(1, string),
  items: opt(2, list(KeyToPath), { listType: 'atomic' }),
  defaultMode: opt(3, int32, { pointer: true }),
  optional: opt(4, bool, { pointer: true }),
})
export interface SecretVolumeSource extends Infer<typeof SecretVolumeSource> {}

export const StorageOSVolumeSource = struct('core/v1.StorageOSVolumeSource', {
  volumeName: opt(1, string),
  volumeNamespace: opt(2, string),
  fsType: opt(3, string),
  readOnly: opt(4, bool),
  secretRef: opt(5, LocalObjectReference),
})
export interface StorageOSVolumeSource extends Infer<typeof StorageOSVolumeSource> {}

export const VsphereVirtualDiskVolumeSource = struct('core/v1.VsphereVirtualDiskVolumeSource', {
  volumePath: req(1, string),
  fsType: opt(2, string),
  storagePolicyName: opt(3, string),
  storagePolicyID: opt(4, string),
})
export interface VsphereVirtualDiskVolumeSource extends Infer<typeof VsphereVirtualDiskVolumeSource> {}

export const VolumeSource = struct('core/v1.VolumeSource', {
  hostPath: opt(1, HostPathVolumeSource),
  emptyDir: opt(2, EmptyDirVolumeSource),
  gcePersistentDisk: opt(3, GCEPersistentDiskVolumeSource, { deprecated: true }),
  awsElasticBlockStore: opt(4, AWSElasticBlockStoreVolumeSource, { deprecated: true }),
  gitRepo: opt(5, GitRepoVolumeSource, { deprecated: true }),
  secret: opt(6, SecretVolumeSource),
  nfs: opt(7, NFSVolumeSource),
  iscsi: opt(8, ISCSIVolumeSource),
  glusterfs: opt(9, GlusterfsVolumeSource, { deprecated: true }),
  persistentVolumeClaim: opt(10, PersistentVolumeClaimVolumeSource),
  rbd: opt(11, RBDVolumeSource, { deprecated: true }),
  flexVolume: opt(12, FlexVolumeSource, { deprecated: true }),
  cinder: opt(13, CinderVolumeSource, { deprecated: true }),
  cephfs: opt(14, CephFSVolumeSource, { deprecated: true }),
  flocker: opt(15, FlockerVolumeSource, { deprecated: true }),
  downwardAPI: opt(16, DownwardAPIVolumeSource),
  fc: opt(17, FCVolumeSource),
  azureFile: opt(18, AzureFileVolumeSource, { deprecated: true }),
  configMap: opt(19, ConfigMapVolumeSource),
  vsphereVolume: opt(20, VsphereVirtualDiskVolumeSource, { deprecated: true }),
  quobyte: opt(21, QuobyteVolumeSource, { deprecated: true }),
  azureDisk: opt(22, AzureDiskVolumeSource, { deprecated: true }),
  photonPersistentDisk: opt(23, PhotonPersistentDiskVolumeSource, { deprecated: true }),
  projected: opt(26, ProjectedVolumeSource),
  portworxVolume: opt(24, PortworxVolumeSource, { deprecated: true }),
  scaleIO: opt(25, ScaleIOVolumeSource, { deprecated: true }),
  storageos: opt(27, StorageOSVolumeSource, { deprecated: true }),
  csi: opt(28, CSIVolumeSource),
  ephemeral: opt(29, EphemeralVolumeSource),
  image: opt(30, ImageVolumeSource),
})
export interface VolumeSource extends Infer<typeof VolumeSource> {}

export const Volume = struct('core/v1.Volume', {
  ...VolumeSource.fields,
  name: req(1, string),
}, { inline: [VolumeSource] })
export interface Volume extends Infer<typeof Volume> {}
