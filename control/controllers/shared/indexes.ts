import type { KubeObject } from '../../../api/object.ts'
import { controllerOf } from './owner.ts'

/** Files objects under the uid of their controller; those without one under their namespace, for adoption. */
export const byController = {
  controller: (object: KubeObject): string[] => [controllerOf(object)?.uid ?? `orphan/${object.metadata.namespace ?? ''}`],
}

export const orphansOf = (namespace: string | undefined): string => `orphan/${namespace ?? ''}`
