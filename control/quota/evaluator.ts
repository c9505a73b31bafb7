import type { KubeObject } from '../../api/object.ts'
import type { ResourceList } from '../../api/types/core-v1/common.ts'
import type { ScopedResourceSelectorRequirement } from '../../api/types/core-v1/quota.ts'

/** What a quota may say of objects of one kind, and how much of it each of them uses. Pure. */
export interface Evaluator {
  /** Whether a name under `hard` is about objects of this kind. */
  counts(resource: string): boolean
  usage(object: any, now: number): ResourceList
  /** Whether an object is in a scope. Absent: no object of this kind is in any. */
  inScope?(selector: ScopedResourceSelectorRequirement, object: any): boolean
  /** Which of the resources a quota limits the object does not name although it must; a sentence. */
  missing?(limited: readonly string[], object: any): string | undefined
  /** Whether such a write may use more of anything. */
  grows(write: { readonly operation: string; readonly subresource: string; readonly object: any; readonly old: KubeObject | undefined }): boolean
}

/** `count/deployments.apps`, `count/pods` */
export const countName = ({ group, resource }: { readonly group: string; readonly resource: string }): string => `count/${resource}${group && `.${group}`}`

/** Old names of plain counts. */
const aliases = new Set(['configmaps', 'resourcequotas', 'replicationcontrollers', 'secrets'])

/** The evaluator of a kind of which only the number counts. */
export function objectCount(kind: { readonly group: string; readonly resource: string }): Evaluator {
  const names = [countName(kind), ...(kind.group === '' && aliases.has(kind.resource) ? [kind.resource] : [])]
  const usage: ResourceList = Object.freeze(Object.fromEntries(names.map((name) => [name, '1'])))
  return {
    counts: (resource) => names.includes(resource),
    usage: () => usage,
    grows: ({ operation, subresource }) => operation === 'create' && subresource === '',
  }
}

/** What a scope's selector says of an object with the one (or one of several) given value; none: the object has no such thing. */
export function selects({ operator, values = [] }: ScopedResourceSelectorRequirement, ...given: readonly string[]): boolean {
  switch (operator) {
    case 'Exists': return given.length > 0
    case 'DoesNotExist': return given.length === 0
    case 'In': return given.some((value) => values.includes(value))
    case 'NotIn': return given.length === 0 || given.some((value) => !values.includes(value))
    default: return false
  }
}
