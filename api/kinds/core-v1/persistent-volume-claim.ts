import type { TypedLocalObjectReference, TypedObjectReference } from '../../types/core-v1/common.ts'
import { PersistentVolumeClaim } from '../../types/core-v1/persistent-volume.ts'
import { age, text, wide } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { keepSpec, keepStatus } from '../strategy.ts'
import { formatAccessModes } from '../validation/access-modes.ts'
import { classAnnotation, validatePersistentVolumeClaim, validatePersistentVolumeClaimStatusUpdate, validatePersistentVolumeClaimUpdate } from '../validation/persistent-volume-claim.ts'
import { allVerbs, viewVerbs } from '../verbs.ts'
import { persistentVolumeClaimWarnings } from '../warnings/volume.ts'

export const persistentVolumeClaims: Kind<PersistentVolumeClaim> = {
  group: '', version: 'v1', kind: 'PersistentVolumeClaim', resource: 'persistentvolumeclaims', singular: 'persistentvolumeclaim', shortNames: ['pvc'],
  namespaced: true, verbs: allVerbs, schema: PersistentVolumeClaim, storage: 'persistentvolumeclaims',
  doc: 'A request for a volume.',
  subresources: {
    status: { type: 'status', verbs: viewVerbs, prepareForUpdate: keepSpec, validateUpdate: validatePersistentVolumeClaimStatusUpdate },
  },
  default({ spec, status }) {
    if (status) status.phase ||= 'Pending'
    spec.volumeMode ??= 'Filesystem'
  },
  prepareForCreate(claim) {
    claim.status = { phase: 'Pending' }
    normalizeSources(claim)
  },
  prepareForUpdate(claim, old) {
    keepStatus(claim, old)
    normalizeSources(claim)
  },
  validate: validatePersistentVolumeClaim,
  validateUpdate: validatePersistentVolumeClaimUpdate,
  warnings: persistentVolumeClaimWarnings,
  columns: [
    text('Status', ({ metadata, status }) => (metadata.deletionTimestamp ? 'Terminating' : status?.phase ?? ''), 'Whether it has its volume.'),
    text('Volume', ({ spec }) => spec.volumeName ?? '', 'The volume.'),
    text('Capacity', ({ spec, status }) => (spec.volumeName ? status?.capacity?.storage ?? '0' : ''), 'How large the volume is.'),
    text('Access Modes', ({ spec, status }) => (spec.volumeName ? formatAccessModes(status?.accessModes) : ''), 'How many may use it, and how.'),
    text('StorageClass', ({ metadata, spec }) => metadata.annotations?.[classAnnotation] ?? spec.storageClassName ?? '', 'The class asked for.'),
    text('VolumeAttributesClass', ({ spec }) => spec.volumeAttributesClassName ?? '<unset>', 'The class of attributes asked for.'),
    age,
    wide('VolumeMode', ({ spec }) => spec.volumeMode ?? '<unset>', 'A file system or a block device.'),
  ],
}

/** The older field and the newer say the same, whichever was written; what comes from another namespace only the newer can say. */
function normalizeSources({ spec }: PersistentVolumeClaim): void {
  const { dataSource, dataSourceRef } = spec
  if (dataSource && !dataSourceRef) spec.dataSourceRef = reference(dataSource)
  else if (dataSourceRef && !dataSource && !dataSourceRef.namespace) spec.dataSource = reference(dataSourceRef)
}

const reference = ({ apiGroup, kind, name }: TypedLocalObjectReference | TypedObjectReference): TypedLocalObjectReference => ({ ...(apiGroup && { apiGroup }), kind, name })
