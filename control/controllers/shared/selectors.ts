import type { Labels } from '../../../api/selectors/labels.ts'
import { matchesLabels, selectorOf, selectorOfMap } from '../../../api/selectors/labels.ts'
import type { LabelSelector } from '../../../api/types/meta-v1/meta.ts'

export type Matches = (labels: Labels | undefined) => boolean

/** `spec.selector` of a ReplicaSet or a Deployment: absent selects nothing, empty everything. */
export function labelSelector(selector: LabelSelector | undefined): Matches {
  const parsed = selectorOf(selector)
  return (labels) => matchesLabels(parsed, labels)
}

/** `spec.selector` of a Service or a ReplicationController; absent selects nothing. */
export function mapSelector(selector: Labels | undefined): Matches {
  if (!selector) return () => false
  const parsed = selectorOfMap(selector)
  return (labels) => matchesLabels(parsed, labels)
}
