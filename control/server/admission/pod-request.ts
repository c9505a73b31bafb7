import type { Pod, PodSpec } from '../../../api/types/core-v1/pod.ts'
import type { Container } from '../../../api/types/core-v1/container.ts'
import type { AdmissionRequest } from './admission.ts'

/** The pod of a creation; undefined for every other request. */
export const newPod = ({ kind, operation, subresource, object }: AdmissionRequest): Pod | undefined =>
  kind.group === '' && kind.resource === 'pods' && operation === 'create' && subresource === '' ? object : undefined

/** The pod of a creation or of a change of the pod itself. */
export const writtenPod = ({ kind, operation, subresource, object }: AdmissionRequest): Pod | undefined =>
  kind.group === '' && kind.resource === 'pods' && subresource === '' && (operation === 'create' || operation === 'update') ? object : undefined

/** A pod that an agent shows of a file of its own; nobody may add anything to it. */
export const isMirror = (pod: Pod): boolean => pod.metadata.annotations?.['kubernetes.io/config.mirror'] !== undefined

/** Init, ordinary and ephemeral containers, in this order. */
export function containersOf({ initContainers = [], containers = [], ephemeralContainers = [] }: PodSpec): readonly Container[] {
  return [...initContainers, ...containers, ...ephemeralContainers]
}
