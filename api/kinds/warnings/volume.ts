import { quantityMilliValue } from '../../schema/quantity.ts'
import type { PersistentVolume, PersistentVolumeClaim } from '../../types/core-v1/persistent-volume.ts'
import type { PersistentVolumeClaimSpec } from '../../types/core-v1/volume.ts'
import type { PersistentVolumeSource } from '../../types/core-v1/persistent-volume.ts'
import type { ObjectMeta } from '../../types/meta-v1/meta.ts'
import { replacedLabel } from './node-label.ts'

const classAnnotation = 'volume.beta.kubernetes.io/storage-class'
const mountAnnotation = 'volume.beta.kubernetes.io/mount-options'
const replacedAnnotations: readonly (readonly [string, string])[] = [
  [classAnnotation, 'deprecated since v1.8; use "storageClassName" attribute instead'],
  [mountAnnotation, 'deprecated since v1.31; use "mountOptions" attribute instead'],
]

const annotationWarnings = ({ annotations = {} }: ObjectMeta, known: readonly string[]): string[] => replacedAnnotations
  .filter(([key]) => known.includes(key) && Object.hasOwn(annotations, key)).map(([key, sentence]) => `metadata.annotations[${key}]: ${sentence}`)

/** Storage whose drivers have left Kubernetes, with the sentence the original has for each. */
const gone: readonly (readonly [keyof PersistentVolumeSource, string])[] = [
  ['cephfs', 'deprecated since v1.28, non-functional in v1.31+'], ['photonPersistentDisk', 'deprecated since v1.11, non-functional in v1.16+'],
  ['scaleIO', 'deprecated since v1.16, non-functional in v1.22+'], ['storageos', 'deprecated since v1.22, non-functional in v1.25+'],
  ['glusterfs', 'deprecated since v1.25, non-functional in v1.26+'], ['rbd', 'deprecated since v1.28, non-functional in v1.31+'],
  ['quobyte', 'deprecated since v1.22, non-functional in v1.25+'], ['flocker', 'deprecated since v1.22, non-functional in v1.25+'],
]

export function persistentVolumeWarnings({ metadata, spec }: PersistentVolume): string[] {
  const terms = spec.nodeAffinity?.required?.nodeSelectorTerms ?? []
  return [
    ...terms.flatMap(({ matchExpressions = [] }, i) => matchExpressions.flatMap(({ key }, j) => {
      const sentence = replacedLabel(key)
      return sentence ? [`spec.nodeAffinity.required.nodeSelectorTerms[${i}].matchExpressions[${j}].key: ${key} is ${sentence}`] : []
    })),
    ...annotationWarnings(metadata, [classAnnotation, mountAnnotation]),
    ...(spec.persistentVolumeReclaimPolicy === 'Recycle' ? ['spec.persistentVolumeReclaimPolicy: The Recycle reclaim policy is deprecated. Instead, the recommended approach is to use dynamic provisioning.'] : []),
    ...gone.filter(([source]) => spec[source] !== undefined).map(([source, sentence]) => `spec.${source}: ${sentence}`),
  ]
}

export const persistentVolumeClaimWarnings = ({ metadata, spec }: PersistentVolumeClaim): string[] =>
  [...annotationWarnings(metadata, [classAnnotation]), ...claimSpecWarnings(spec, 'spec')]

/** Of a claim, or of one that is written into something else. */
export function claimSpecWarnings({ resources }: PersistentVolumeClaimSpec, field: string): string[] {
  return (['requests', 'limits'] as const).flatMap((list) => {
    const amount = resources?.[list]?.storage
    return amount !== undefined && quantityMilliValue(amount) % 1000 !== 0 ? [`${field}.resources.${list}[storage]: fractional byte value ${JSON.stringify(amount)} is invalid, must be an integer`] : []
  })
}
