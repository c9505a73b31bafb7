import type { ObjectMeta } from '../types/meta-v1/meta.ts'
import type { PodTemplateSpec } from '../types/core-v1/pod.ts'
import { dropDisabledTemplateFields } from './disabled-fields.ts'
import { semanticEqual } from './validation/equal.ts'

/*
 * What happens to an object at the door, beside defaulting and validation: the user may not write the status, the
 * controllers may not write the spec, and a change of what is wanted raises the generation.
 */

interface Templated { template?: PodTemplateSpec; jobTemplate?: { spec?: { template?: PodTemplateSpec } } }

/** The template of a workload's pods, where there is one. */
export function templateOf({ spec }: { spec?: unknown }): PodTemplateSpec | undefined {
  const { template, jobTemplate } = (spec ?? {}) as Templated
  return template ?? jobTemplate?.spec?.template
}

interface Stateful { metadata: ObjectMeta; spec?: unknown; status?: unknown }

/** A new object starts with the given status and, where the kind counts generations, at the first. */
export const startWith = <T extends Stateful>(status: () => T['status'], generation = true) => (object: T): void => {
  dropDisabledTemplateFields(templateOf(object), undefined)
  object.status = status()
  if (generation) object.metadata.generation = 1
}

/** The status is written through its subresource only. */
export const keepStatus = <T extends Stateful>(object: T, old: T): void => { object.status = old.status }
/** Through the subresource, only the status is written. */
export const keepSpec = <T extends Stateful>(object: T, old: T): void => { object.spec = old.spec }

/** The generation counts changes of what is wanted; the user cannot set it. */
export function raiseGeneration(object: { metadata: ObjectMeta }, old: { metadata: ObjectMeta }, changed: boolean): void {
  const { generation } = old.metadata
  object.metadata.generation = changed ? (generation ?? 0) + 1 : generation
}

/** The usual rule for an update of the main resource. */
export function keepStatusAndCount<T extends Stateful>(object: T, old: T): void {
  dropDisabledTemplateFields(templateOf(object), templateOf(old))
  keepStatus(object, old)
  raiseGeneration(object, old, !semanticEqual(object.spec, old.spec))
}
