import { parseLabelSelector } from '../../selectors/labels.ts'
import { setKey } from '../../schema/set-key.ts'
import type { StructSchema } from '../../schema/schema.ts'
import type { Scale } from '../../types/autoscaling-v1.ts'
import type { Subresource } from '../kind.ts'

/** `scale` in the form of an older version: the selector is a map where it can be, and text beside it. */
export function olderScale(stable: Subresource, group: string, version: string, schema: StructSchema): Subresource {
  const apiVersion = `${group}/${version}`
  return { ...stable, group, version, scale: { ...stable.scale!, face: { apiVersion, schema, show: (scale) => shown(scale, apiVersion), take: taken } } }
}

function shown({ status, ...scale }: Scale, apiVersion: string): object {
  const text = status?.selector
  const labels = text ? labelsOf(text) : undefined
  return { ...scale, apiVersion, status: { replicas: status?.replicas ?? 0, ...(labels && { selector: labels }), ...(text && { targetSelector: text }) } }
}

/** The selector as a map of labels; undefined when it asks for more than equality. */
function labelsOf(text: string): Record<string, string> | undefined {
  const labels: Record<string, string> = {}
  for (const { key, operator, values } of parseLabelSelector(text)) {
    if ((operator !== '=' && operator !== '==') || values.length !== 1) return undefined
    setKey(labels, key, values[0]!)
  }
  return labels
}

/** Only the number is asked for. */
function taken({ status: _, ...asked }: any): Scale {
  return { ...asked, apiVersion: 'autoscaling/v1', kind: 'Scale' }
}
