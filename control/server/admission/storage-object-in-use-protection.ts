import type { AdmissionPlugin } from './admission.ts'

const finalizers: Readonly<Record<string, string>> = {
  '/persistentvolumeclaims': 'kubernetes.io/pvc-protection',
  '/persistentvolumes': 'kubernetes.io/pv-protection',
  'storage.k8s.io/volumeattributesclasses': 'kubernetes.io/vac-protection',
}

/** Volumes, claims and their classes outlive their deletion as long as somebody uses them; controllers let them go. */
export const storageObjectInUseProtection: AdmissionPlugin = {
  name: 'StorageObjectInUseProtection',
  admit({ kind, operation, subresource, object }) {
    const finalizer = finalizers[`${kind.group}/${kind.resource}`]
    if (!finalizer || operation !== 'create' || subresource !== '' || object.metadata.finalizers?.includes(finalizer)) return
    object.metadata.finalizers = [...object.metadata.finalizers ?? [], finalizer]
  },
}
