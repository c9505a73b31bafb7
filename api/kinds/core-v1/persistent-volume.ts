import { PersistentVolume } from '../../types/core-v1/persistent-volume.ts'
import { age, text, wide } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { keepSpec, keepStatus } from '../strategy.ts'
import { formatAccessModes } from '../validation/access-modes.ts'
import { validatePersistentVolume, validatePersistentVolumeStatusUpdate, validatePersistentVolumeUpdate } from '../validation/persistent-volume.ts'
import { allVerbs, viewVerbs } from '../verbs.ts'
import { persistentVolumeWarnings } from '../warnings/volume.ts'

const classAnnotation = 'volume.beta.kubernetes.io/storage-class'

export const persistentVolumes: Kind<PersistentVolume> = {
  group: '', version: 'v1', kind: 'PersistentVolume', resource: 'persistentvolumes', singular: 'persistentvolume', shortNames: ['pv'],
  namespaced: false, verbs: allVerbs, schema: PersistentVolume, storage: 'persistentvolumes',
  doc: 'A piece of storage of the cluster.',
  subresources: {
    status: { type: 'status', verbs: viewVerbs, prepareForUpdate: keepSpec, validateUpdate: validatePersistentVolumeStatusUpdate },
  },
  default: defaultVolume,
  prepareForCreate(volume) { volume.status = { phase: 'Pending' } },
  prepareForUpdate: keepStatus,
  validate: validatePersistentVolume,
  validateUpdate: validatePersistentVolumeUpdate,
  warnings: persistentVolumeWarnings,
  columns: [
    text('Capacity', ({ spec }) => spec.capacity?.storage ?? '0', 'How large it is.'),
    text('Access Modes', ({ spec }) => formatAccessModes(spec.accessModes), 'How many may use it, and how.'),
    text('Reclaim Policy', ({ spec }) => spec.persistentVolumeReclaimPolicy ?? '', 'What becomes of it when its claim goes.'),
    text('Status', ({ metadata, status }) => (metadata.deletionTimestamp ? 'Terminating' : status?.phase ?? ''), 'Whether it is free.'),
    text('Claim', ({ spec }) => (spec.claimRef ? `${spec.claimRef.namespace ?? ''}/${spec.claimRef.name ?? ''}` : ''), 'The claim that has it.'),
    text('StorageClass', ({ metadata, spec }) => metadata.annotations?.[classAnnotation] ?? spec.storageClassName ?? '', 'Its class.'),
    text('VolumeAttributesClass', ({ spec }) => spec.volumeAttributesClassName ?? '<unset>', 'The class of its attributes.'),
    text('Reason', ({ status }) => status?.reason ?? '', 'Why it is as it is.'),
    age,
    wide('VolumeMode', ({ spec }) => spec.volumeMode ?? '<unset>', 'A file system or a block device.'),
  ],
}

/** The phase is the server's to say when the volume is new. */
function defaultVolume({ spec, status }: PersistentVolume): void {
  spec.persistentVolumeReclaimPolicy ||= 'Retain'
  spec.volumeMode ??= 'Filesystem'
  if (spec.hostPath) spec.hostPath.type ??= ''
  if (spec.iscsi) spec.iscsi.iscsiInterface ||= 'default'
  if (spec.rbd) { spec.rbd.pool ||= 'rbd'; spec.rbd.user ||= 'admin'; spec.rbd.keyring ||= '/etc/ceph/keyring' }
  if (spec.scaleIO) { spec.scaleIO.storageMode ||= 'ThinProvisioned'; spec.scaleIO.fsType ||= 'xfs' }
  if (spec.azureDisk) { spec.azureDisk.cachingMode ??= 'ReadWrite'; spec.azureDisk.kind ??= 'Shared'; spec.azureDisk.fsType ??= 'ext4'; spec.azureDisk.readOnly ??= false }
  if (status) status.phase ||= 'Pending'
}
