import type { Volume, VolumeSource } from '../../types/core-v1/volume.ts'
import { defaultFieldRef, defaultResourceFieldRef } from './container.ts'
import { defaultPullPolicy } from './image.ts'

const fileMode = 0o644

/** Defaults of a volume, in place. One without a source is an empty directory. */
export function defaultVolume(volume: Volume): void {
  const { name, ...sources } = volume
  if (!Object.values(sources).some((source) => source !== undefined)) volume.emptyDir = {}
  if (volume.hostPath) volume.hostPath.type ??= ''
  if (volume.secret) volume.secret.defaultMode ??= fileMode
  if (volume.configMap) volume.configMap.defaultMode ??= fileMode
  if (volume.downwardAPI) { volume.downwardAPI.defaultMode ??= fileMode; defaultItems(volume.downwardAPI) }
  if (volume.projected) defaultProjected(volume.projected)
  if (volume.ephemeral?.volumeClaimTemplate) volume.ephemeral.volumeClaimTemplate.spec.volumeMode ??= 'Filesystem'
  if (volume.image) volume.image.pullPolicy ||= defaultPullPolicy(volume.image.reference)
  defaultNetworkDisk(volume)
}

function defaultProjected(projected: NonNullable<VolumeSource['projected']>): void {
  projected.defaultMode ??= fileMode
  for (const { downwardAPI, serviceAccountToken } of projected.sources ?? []) {
    if (downwardAPI) defaultItems(downwardAPI)
    if (serviceAccountToken) serviceAccountToken.expirationSeconds ??= 3600
  }
}

function defaultItems({ items }: NonNullable<VolumeSource['downwardAPI']>): void {
  for (const { fieldRef, resourceFieldRef } of items ?? []) {
    defaultFieldRef(fieldRef)
    defaultResourceFieldRef(resourceFieldRef)
  }
}

function defaultNetworkDisk({ iscsi, rbd, azureDisk, scaleIO }: Volume): void {
  if (iscsi) iscsi.iscsiInterface ||= 'default'
  if (rbd) { rbd.pool ||= 'rbd'; rbd.user ||= 'admin'; rbd.keyring ||= '/etc/ceph/keyring' }
  if (azureDisk) { azureDisk.cachingMode ??= 'ReadWrite'; azureDisk.kind ??= 'Shared'; azureDisk.fsType ??= 'ext4'; azureDisk.readOnly ??= false }
  if (scaleIO) { scaleIO.storageMode ||= 'ThinProvisioned'; scaleIO.fsType ||= 'xfs' }
}
