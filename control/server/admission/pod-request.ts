import type { Pod } from '../../../api/types/core-v1/pod.ts'
import type { AdmissionRequest } from './admission.ts'

/** The pod of a creation; undefined for every other request. */
export const newPod = ({ kind, operation, subresource, object }: AdmissionRequest): Pod | undefined =>
  kind.group === '' && kind.resource === 'pods' && operation === 'create' && subresource === '' ? object : undefined
