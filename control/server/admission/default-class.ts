import { ingressClasses } from '../../../api/kinds/networking-v1/ingress-class.ts'
import { storageClasses } from '../../../api/kinds/storage-v1/storage-class.ts'
import type { KubeObject } from '../../../api/object.ts'
import type { PersistentVolumeClaim } from '../../../api/types/core-v1/persistent-volume.ts'
import type { IngressClass } from '../../../api/types/networking-v1/ingress.ts'
import type { StorageClass } from '../../../api/types/storage-v1.ts'
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts'
import { memoryOf } from './memory.ts'

const storage = memoryOf<StorageClass>(storageClasses)
const ingress = memoryOf<IngressClass>(ingressClasses)
const creates = ({ operation, subresource }: AdmissionRequest): boolean => operation === 'create' && subresource === ''

/** A claim that names no class gets the default one. The empty class is a wish for none. */
export const defaultStorageClass: AdmissionPlugin = {
  name: 'DefaultStorageClass',
  load: storage.load,
  admit(request, tools) {
    const { kind, object } = request
    if (kind.resource !== 'persistentvolumeclaims' || kind.group !== '' || !creates(request)) return
    const claim: PersistentVolumeClaim = object
    if (claim.spec?.storageClassName !== undefined || claim.metadata.annotations?.['volume.beta.kubernetes.io/storage-class'] !== undefined) return
    return storage.all(tools, (classes) => {
      const found = newest(classes, 'storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class')
      if (found) object.spec = { ...claim.spec, storageClassName: found.metadata.name }
    })
  },
}

/** An Ingress that names no class, neither in its spec nor in the annotation of old, gets the default one. */
export const defaultIngressClass: AdmissionPlugin = {
  name: 'DefaultIngressClass',
  load: ingress.load,
  admit(request, tools) {
    const { kind, object } = request
    if (kind.resource !== 'ingresses' || (kind.group !== 'networking.k8s.io' && kind.group !== 'extensions') || !creates(request)) return
    if (object.spec?.ingressClassName !== undefined || object.metadata.annotations?.['kubernetes.io/ingress.class'] !== undefined) return
    return ingress.all(tools, (classes) => {
      const found = newest(classes, 'ingressclass.kubernetes.io/is-default-class')
      if (found) object.spec = { ...object.spec, ingressClassName: found.metadata.name }
    })
  },
}

/** Of several defaults the newest counts; of several as new the first by name. */
function newest<T extends KubeObject>(classes: readonly T[], ...annotations: readonly string[]): T | undefined {
  const born = ({ metadata }: T): number => Date.parse(metadata.creationTimestamp ?? '') || 0
  return classes.filter(({ metadata }) => annotations.some((name) => metadata.annotations?.[name] === 'true'))
    .sort((a, b) => born(b) - born(a) || (a.metadata.name < b.metadata.name ? -1 : 1))[0]
}
