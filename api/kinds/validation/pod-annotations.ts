import type { FieldError } from '../../errors.ts'
import type { PodSpec } from '../../types/core-v1/pod.ts'
import { invalid } from './field.ts'

type Annotations = Readonly<Record<string, string>> | undefined

const mirror = 'kubernetes.io/config.mirror'
const deletionCost = 'controller.kubernetes.io/pod-deletion-cost'

/** Annotations that mean something for pods and must then be right. */
export function validatePodAnnotations(annotations: Annotations, spec: PodSpec, field: string): FieldError[] {
  const mirrorOf = annotations?.[mirror], cost = annotations?.[deletionCost]
  return [
    ...(mirrorOf !== undefined && !spec.nodeName ? [invalid(`${field}[${mirror}]`, mirrorOf, 'must set spec.nodeName if mirror pod annotation is set')] : []),
    ...(cost !== undefined && !isInt32(cost) ? [invalid(`${field}[${deletionCost}]`, cost, 'must be a 32bit integer')] : []),
  ]
}

const isInt32 = (text: string): boolean => /^(0|-?[1-9]\d*)$/.test(text) && Math.abs(Number(text)) <= 2 ** 31

/** The annotation that marks a static pod's image in the API. */
export const isMirrorPod = (annotations: Annotations): boolean => annotations?.[mirror] !== undefined
export const mirrorPodAnnotation = mirror
