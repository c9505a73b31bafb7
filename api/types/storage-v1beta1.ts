import type { Infer } from '../schema/schema.ts'
import { always, bool, int64, list, opt, string, struct, text } from '../schema/schema.ts'
import { ObjectMeta } from './meta-v1/meta.ts'
import { CSINode as StableCSINode, CSINodeDriver as StableCSINodeDriver, CSINodeSpec as StableCSINodeSpec, CSIStorageCapacity as StableCSIStorageCapacity, StorageClass as StableStorageClass, TokenRequest as StableTokenRequest, VolumeAttachment as StableVolumeAttachment, VolumeAttachmentSource as StableVolumeAttachmentSource, VolumeAttachmentSpec as StableVolumeAttachmentSpec, VolumeAttachmentStatus as StableVolumeAttachmentStatus, VolumeAttributesClass as StableVolumeAttributesClass, VolumeError as StableVolumeError, VolumeNodeResources as StableVolumeNodeResources } from './storage-v1.ts'

export const FSGroupPolicy = text('File', 'None', 'ReadWriteOnceWithFSType')

export const TokenRequest = struct('storage/v1beta1.TokenRequest', StableTokenRequest.fields)
export type TokenRequest = StableTokenRequest

export const VolumeLifecycleMode = text('Ephemeral', 'Persistent')

export const CSIDriverSpec = struct('storage/v1beta1.CSIDriverSpec', {
  attachRequired: opt(1, bool, { pointer: true }),
  podInfoOnMount: opt(2, bool, { pointer: true }),
  volumeLifecycleModes: opt(3, list(VolumeLifecycleMode), { listType: 'atomic' }),
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

export const CSIDriver = struct('storage/v1beta1.CSIDriver', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, CSIDriverSpec),
})
export interface CSIDriver extends Infer<typeof CSIDriver> {}

export const VolumeNodeResources = struct('storage/v1beta1.VolumeNodeResources', StableVolumeNodeResources.fields)
export type VolumeNodeResources = StableVolumeNodeResources

export const CSINodeDriver = struct('storage/v1beta1.CSINodeDriver', StableCSINodeDriver.fields)
export type CSINodeDriver = StableCSINodeDriver

export const CSINodeSpec = struct('storage/v1beta1.CSINodeSpec', StableCSINodeSpec.fields)
export type CSINodeSpec = StableCSINodeSpec

export const CSINode = struct('storage/v1beta1.CSINode', StableCSINode.fields)
export type CSINode = StableCSINode

export const CSIStorageCapacity = struct('storage/v1beta1.CSIStorageCapacity', StableCSIStorageCapacity.fields)
export type CSIStorageCapacity = StableCSIStorageCapacity

export const VolumeBindingMode = text('Immediate', 'WaitForFirstConsumer')

export const StorageClass = struct('storage/v1beta1.StorageClass', StableStorageClass.fields)
export type StorageClass = StableStorageClass

export const VolumeAttachmentSource = struct('storage/v1beta1.VolumeAttachmentSource', StableVolumeAttachmentSource.fields)
export type VolumeAttachmentSource = StableVolumeAttachmentSource

export const VolumeAttachmentSpec = struct('storage/v1beta1.VolumeAttachmentSpec', StableVolumeAttachmentSpec.fields)
export type VolumeAttachmentSpec = StableVolumeAttachmentSpec

export const VolumeError = struct('storage/v1beta1.VolumeError', StableVolumeError.fields)
export type VolumeError = StableVolumeError

export const VolumeAttachmentStatus = struct('storage/v1beta1.VolumeAttachmentStatus', StableVolumeAttachmentStatus.fields)
export type VolumeAttachmentStatus = StableVolumeAttachmentStatus

export const VolumeAttachment = struct('storage/v1beta1.VolumeAttachment', StableVolumeAttachment.fields)
export type VolumeAttachment = StableVolumeAttachment

export const VolumeAttributesClass = struct('storage/v1beta1.VolumeAttributesClass', StableVolumeAttributesClass.fields)
export type VolumeAttributesClass = StableVolumeAttributesClass
