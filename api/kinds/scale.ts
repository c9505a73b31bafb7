import type { LabelSelector } from '../types/meta-v1/meta.ts'
import type { ScaleAccess, Subresource } from './kind.ts'
import { viewVerbs } from './verbs.ts'

/** What every scalable kind has in common. */
interface Scalable {
  spec: { replicas?: number | undefined; selector?: LabelSelector | Record<string, string> | undefined }
  status?: { replicas?: number | undefined } | undefined
}

const selectorText = (selector: LabelSelector): string => {
  const parts = Object.entries(selector.matchLabels ?? {}).map(([key, value]) => ({ key, text: `${key}=${value}` }))
  for (const { key, operator, values } of selector.matchExpressions ?? []) {
    const set = `(${[...values ?? []].sort().join(',')})`
    const text = { In: `${key} in ${set}`, NotIn: `${key} notin ${set}`, Exists: key, DoesNotExist: `!${key}` }[operator] ?? key
    parts.push({ key, text })
  }
  return parts.sort((a, b) => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)).map((part) => part.text).join(',')
}

const access = (selectorOf: (object: Scalable) => LabelSelector): ScaleAccess<Scalable> => ({
  getReplicas: (object) => object.spec.replicas ?? 0,
  setReplicas: (object, replicas) => { object.spec.replicas = replicas },
  statusReplicas: (object) => object.status?.replicas ?? 0,
  selector: (object) => selectorText(selectorOf(object)),
})

const subresource = (scale: ScaleAccess): Subresource => ({ type: 'scale', group: 'autoscaling', version: 'v1', kind: 'Scale', verbs: viewVerbs, scale })

/** `scale` of a kind whose selector is a `LabelSelector`. */
export const scaleByLabelSelector = subresource(access((object) => (object.spec.selector ?? {}) as LabelSelector))
/** `scale` of a kind whose selector is a plain map of labels (ReplicationController). */
export const scaleByLabels = subresource(access((object) => ({ matchLabels: (object.spec.selector ?? {}) as Record<string, string> })))
