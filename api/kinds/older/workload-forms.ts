import { setKey } from '../../schema/set-key.ts'
import type { PodTemplateSpec } from '../../types/core-v1/pod.ts'
import type { LabelSelector, ObjectMeta } from '../../types/meta-v1/meta.ts'
import { templateGeneration } from '../apps-v1/daemon-set.ts'
import type { Conversion } from './older-version.ts'

interface Workload {
  metadata: ObjectMeta
  spec: { selector?: LabelSelector | undefined; template?: PodTemplateSpec | undefined }
}

/** The first workloads took selector and labels from their template where they had none. */
export function labelsFromTemplate({ metadata, spec }: Workload): void {
  const labels = spec.template?.metadata?.labels
  if (!labels) return
  spec.selector ??= { matchLabels: { ...labels } }
  if (!Object.keys(metadata.labels ?? {}).length) metadata.labels = { ...labels }
}

const rollbackTo = 'deprecated.deployment.rollback.to'

/** `spec.rollbackTo` is an annotation in the stable form. */
export const rollbackAnnotation: Conversion = numberAsAnnotation(rollbackTo, 'rollbackTo', (field: { revision?: number }) => field.revision ?? 0, (revision) => ({ ...(revision !== 0 && { revision }) }))

/** `spec.templateGeneration` is an annotation in the stable form. */
export const templateGenerationField: Conversion = numberAsAnnotation(templateGeneration, 'templateGeneration', (field: number) => field, (generation) => generation)

/** A field of the spec that the stable form keeps as a number in an annotation. Text that is no number stays an annotation. */
function numberAsAnnotation<F>(annotation: string, field: string, read: (field: F) => number, write: (value: number) => unknown): Conversion {
  return {
    toStable(object) {
      const { [field]: value, ...spec } = object.spec ?? {}
      if (value === undefined) return object
      return { ...object, spec, metadata: { ...object.metadata, annotations: withKey(object.metadata?.annotations, annotation, String(read(value))) } }
    },
    fromStable(object) {
      const text = object.metadata?.annotations?.[annotation]
      if (text === undefined || !/^(0|-?[1-9]\d{0,15})$/.test(text)) return object
      const { [annotation]: _, ...annotations } = object.metadata.annotations
      const { annotations: __, ...metadata } = object.metadata
      return { ...object, metadata: { ...metadata, ...(Object.keys(annotations).length > 0 && { annotations }) }, spec: { ...object.spec, [field]: write(Number(text)) } }
    },
  }
}

/** Maps print in the order of their keys. */
function withKey(map: Readonly<Record<string, string>> | undefined, key: string, value: string): Record<string, string> {
  const sorted: Record<string, string> = {}
  for (const [name, each] of [...Object.entries(map ?? {}).filter(([name]) => name !== key), [key, value] as const].sort(([a], [b]) => (a < b ? -1 : 1))) setKey(sorted, name, each)
  return sorted
}
