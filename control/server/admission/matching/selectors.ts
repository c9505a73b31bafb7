import { namespaces } from '../../../../api/kinds/core-v1/namespace.ts'
import type { KubeObject } from '../../../../api/object.ts'
import { matchesLabels, selectorOf } from '../../../../api/selectors/labels.ts'
import type { LabelSelector } from '../../../../api/types/meta-v1/meta.ts'
import { notFound } from '../../../../api/errors.ts'
import type { Tools } from '../../tools.ts'
import type { AdmissionRequest } from '../admission.ts'

const isEverything = (selector: LabelSelector | undefined): boolean => !selector?.matchExpressions?.length && Object.keys(selector?.matchLabels ?? {}).length === 0

/** The Namespace a request is in, or (for a Namespace) itself; undefined for what is in none. */
export async function namespaceOf(tools: Tools, { kind, namespace, object, old }: AdmissionRequest): Promise<KubeObject | undefined> {
  if (kind.group === '' && kind.resource === 'namespaces') return object?.kind === 'Namespace' ? object : old
  if (!namespace) return undefined
  const entry = await tools.resources.cache(namespaces).get(tools.resources.key(namespaces, '', namespace))
  if (!entry) throw notFound(namespaces, namespace)
  return entry.object
}

/** What is in no namespace is matched by every selector. */
export async function matchesNamespace(tools: Tools, request: AdmissionRequest, selector: LabelSelector | undefined): Promise<boolean> {
  if (isEverything(selector)) return true
  const namespace = await namespaceOf(tools, request)
  return !namespace || matchesLabels(selectorOf(selector), namespace.metadata.labels)
}

/** The object as it will be or as it was. Options of streams have no labels and match only an empty selector. */
export function matchesObject({ object, old }: AdmissionRequest, selector: LabelSelector | undefined): boolean {
  if (isEverything(selector)) return true
  const parsed = selectorOf(selector)
  return [object, old].some((candidate?: KubeObject) => candidate?.metadata !== undefined && matchesLabels(parsed, candidate.metadata.labels))
}
