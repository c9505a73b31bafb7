import { formatSelector, selectorOf, selectorOfMap } from '../selectors/labels.ts'
import type { LabelSelector } from '../types/meta-v1/meta.ts'
import type { ScaleAccess, Subresource } from './kind.ts'
import { raiseGeneration } from './strategy.ts'
import type { KubeObject } from '../object.ts'
import { viewVerbs } from './verbs.ts'

/** What every scalable kind has in common. */
interface Scalable extends KubeObject {
  spec: { replicas?: number | undefined; selector?: LabelSelector | Record<string, string> | undefined }
  status?: { replicas?: number | undefined } | undefined
}

const access = (selector: (object: Scalable) => string): ScaleAccess<Scalable> => ({
  getReplicas: (object) => object.spec.replicas ?? 0,
  setReplicas: (object, replicas) => { object.spec.replicas = replicas },
  statusReplicas: (object) => object.status?.replicas ?? 0,
  selector,
})

const subresource = (scale: ScaleAccess): Subresource => ({
  type: 'scale', group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: viewVerbs, scale,
  prepareForUpdate: (object: Scalable, old: Scalable) => raiseGeneration(object, old, object.spec.replicas !== old.spec.replicas),
})

/** `scale` of a kind whose selector is a `LabelSelector`. */
export const scaleByLabelSelector = subresource(access(({ spec }) => formatSelector(selectorOf(spec.selector as LabelSelector | undefined))))
/** `scale` of a kind whose selector is a plain map of labels (ReplicationController). */
export const scaleByLabels = subresource(access(({ spec }) => formatSelector(selectorOfMap(spec.selector as Record<string, string> | undefined))))
