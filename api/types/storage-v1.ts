import type { Infer } from '../schema/schema.ts'
import { always, bool, int32, int64, list, map, opt, quantity, req, string, struct, text, time } from '../schema/schema.ts'
import { PersistentVolumeReclaimPolicy, PersistentVolumeSpec, TopologySelectorTerm } from './core-v1/persistent-volume.ts'
import { LabelSelector, ObjectMeta } from './meta-v1/meta.ts'

export const FSGroupPolicy = text('File', 'None', 'ReadWriteOnceWithFSType')

export const TokenRequest = struct('storage/v1.TokenRequest', {
  audience: req(1, string),
  expirationSeconds: opt(2, int64, { pointer: true }),
})
export interface TokenRequest extends Infer<typeof TokenRequest> {}

export const VolumeLifecycleMode = text('Ephemeral', 'Persistent')

export const CSIDriverSpec = struct('storage/v1.CSIDriverSpec', {
  attachRequired: opt(1, bool, { pointer: true }),
  podInfoOnMount: opt(2, bool, { pointer: true }),
  volumeLifecycleModes: opt(3, list(VolumeLifecycleMode), { listType: 'set' }),
  storageCapacity: opt(4, bool, { pointer: true }),
  fsGroupPolicy: opt(5, FSGroupPolicy, { pointer: true }),
  tokenRequests: opt(6, list(TokenRequest), { listType: 'atomic' }),
  requiresRepublish: opt(7, bool, { pointer: true }),
  seLinuxMount: opt(8, bool, { pointer: true }),
  nodeAllocatableUpdatePeriodSeconds: opt(9, int64, { pointer: true }),
  serviceAccountTokenInSecrets: opt(10, bool, { pointer: true }),
  preventPodSchedulingIfMissing: opt(11, bool, { pointer: true }),
})
export interface CSIDriverSpec extends Infer<typeof CSIDriverSpec> {}

export const CSIDriver = struct('storage/v1.CSIDriver', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, CSIDriverSpec),
})
export interface CSIDriver extends Infer<typeof CSIDriver> {}

export const VolumeNodeResources = struct('storage/v1.VolumeNodeResources', {
  count: opt(1, int32, { pointer: true }),
})
export interface VolumeNodeResources extends Infer<typeof VolumeNodeResources> {}

export const CSINodeDriver = struct('storage/v1.CSINodeDriver', {
  name: req(1, string),
  nodeID: req(2, string),
  topologyKeys: opt(3, list(string), { listType: 'atomic' }),
  allocatable: opt(4, VolumeNodeResources),
})
export interface CSINodeDriver extends Infer<typeof CSINodeDriver> {}

export const CSINodeSpec = struct('storage/v1.CSINodeSpec', {
  drivers: req(1, list(CSINodeDriver), { listType: 'map', listMapKeys: ['name'], patchMergeKey: 'name', patchStrategy: 'merge' }),
})
export interface CSINodeSpec extends Infer<typeof CSINodeSpec> {}

export const CSINode = struct('storage/v1.CSINode', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, CSINodeSpec),
})
export interface CSINode extends Infer<typeof CSINode> {}

export const CSIStorageCapacity = struct('storage/v1.CSIStorageCapacity', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  nodeTopology: opt(2, LabelSelector),
  storageClassName: req(3, string),
  capacity: opt(4, quantity, { pointer: true }),
  maximumVolumeSize: opt(5, quantity, { pointer: true }),
})
export interface CSIStorageCapacity extends Infer<typeof CSIStorageCapacity> {}

export const VolumeBindingMode = text('Immediate', 'WaitForFirstConsumer')

export const StorageClass = struct('storage/v1.StorageClass', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  provisioner: req(2, string),
  parameters: opt(3, map(string)),
  reclaimPolicy: opt(4, PersistentVolumeReclaimPolicy, { pointer: true }),
  mountOptions: opt(5, list(string), { listType: 'atomic' }),
  allowVolumeExpansion: opt(6, bool, { pointer: true }),
  volumeBindingMode: opt(7, VolumeBindingMode, { pointer: true }),
  allowedTopologies: opt(8, list(TopologySelectorTerm), { listType: 'atomic' }),
})
export interface StorageClass extends Infer<typeof StorageClass> {}

export const VolumeAttachmentSource = struct('storage/v1.VolumeAttachmentSource', {
  persistentVolumeName: opt(1, string, { pointer: true }),
  inlineVolumeSpec: opt(2, PersistentVolumeSpec),
})
export interface VolumeAttachmentSource extends Infer<typeof VolumeAttachmentSource> {}

export const VolumeAttachmentSpec = struct('storage/v1.VolumeAttachmentSpec', {
  attacher: req(1, string),
  source: req(2, VolumeAttachmentSource),
  nodeName: req(3, string),
})
export interface VolumeAttachmentSpec extends Infer<typeof VolumeAttachmentSpec> {}

export const VolumeError = struct('storage/v1.VolumeError', {
  time: opt(1, time),
  message: opt(2, string),
  errorCode: opt(3, int32, { pointer: true }),
})
export interface VolumeError extends Infer<typeof VolumeError> {}

export const VolumeAttachmentStatus = struct('storage/v1.VolumeAttachmentStatus', {
  attached: req(1, bool),
  attachmentMetadata: opt(2, map(string)),
  attachError: opt(3, VolumeError),
  detachError: opt(4, VolumeError),
})
export interface VolumeAttachmentStatus extends Infer<typeof VolumeAttachmentStatus> {}

export const VolumeAttachment = struct('storage/v1.VolumeAttachment', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, VolumeAttachmentSpec),
  status: opt(3, VolumeAttachmentStatus),
})
export interface VolumeAttachment extends Infer<typeof VolumeAttachment> {}

export const VolumeAttributesClass = struct('storage/v1.VolumeAttributesClass', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  driverName: req(2, string),
  parameters: opt(3, map(string)),
})
export interface VolumeAttributesClass extends Infer<typeof VolumeAttributesClass> {}
