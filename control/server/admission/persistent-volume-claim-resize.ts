import { storageClasses } from '../../../api/kinds/storage-v1/storage-class.ts'
import { compareQuantities } from '../../../api/schema/quantity.ts'
import type { PersistentVolumeClaim } from '../../../api/types/core-v1/persistent-volume.ts'
import type { StorageClass } from '../../../api/types/storage-v1.ts'
import type { AdmissionPlugin } from './admission.ts'
import { memoryOf } from './memory.ts'
import { refuse } from './refuse.ts'

const memory = memoryOf<StorageClass>(storageClasses)

/** A claim grows only when it has its volume, and the class of it lets it. */
export const persistentVolumeClaimResize: AdmissionPlugin = {
  name: 'PersistentVolumeClaimResize',
  load: memory.load,
  validate(request, tools) {
    const { kind, operation, subresource } = request
    if (kind.resource !== 'persistentvolumeclaims' || kind.group !== '' || operation !== 'update' || subresource !== '') return
    const claim: PersistentVolumeClaim = request.object
    const old = request.old as PersistentVolumeClaim
    if (compareQuantities(size(claim), size(old)) <= 0) return
    if (old.status?.phase !== 'Bound') throw refuse(request, 'Only bound persistent volume claims can be expanded')
    const name = classOf(claim)
    const refusal = () => refuse(request, 'only dynamically provisioned pvc can be resized and the storageclass that provisions the pvc must support resize')
    if (!name || name !== classOf(old)) throw refusal()
    return memory.find(tools, '', name, (found) => {
      if (!found?.allowVolumeExpansion) throw refusal()
    })
  },
}

const size = ({ spec }: PersistentVolumeClaim): string => spec?.resources?.requests?.['storage'] ?? '0'

/** The name of a claim's class; the annotation of old goes before the field. */
export const classOf = ({ metadata, spec }: PersistentVolumeClaim): string =>
  metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] ?? spec?.storageClassName ?? ''
