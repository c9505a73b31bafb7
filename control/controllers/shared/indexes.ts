import type { KubeObject } from '../../../api/object.ts'
import type { Pod } from '../../../api/types/core-v1/pod.ts'
import { controllerOf } from './owner.ts'

/** Files objects under the uid of their controller; those without one under their namespace, for adoption. */
export const byController = {
  controller: (object: KubeObject): string[] => [controllerOf(object)?.uid ?? `orphan/${object.metadata.namespace ?? ''}`],
}

export const orphansOf = (namespace: string | undefined): string => `orphan/${namespace ?? ''}`

/** Pods by the node they are bound to; `''` for those that are not. */
export const byNode = { node: (pod: Pod): string[] => [pod.spec.nodeName ?? ''] }
