import { apiVersionOf } from '../kinds/kind.ts'
import type { Kind } from '../kinds/kind.ts'
import type { ObjectKey } from '../object.ts'
import { badRequest } from '../errors.ts'

type Addressed = Pick<Kind, 'group' | 'version' | 'resource' | 'namespaced' | 'kind'>

/** `/api/v1/pods`, `/apis/apps/v1/namespaces/default/deployments`: all objects, or those of one namespace. */
export function collectionPath(kind: Addressed, namespace?: string): string {
  const root = kind.group ? `/apis/${apiVersionOf(kind)}` : `/api/${kind.version}`
  return kind.namespaced && namespace ? `${root}/namespaces/${encodeURIComponent(namespace)}/${kind.resource}` : `${root}/${kind.resource}`
}

/** The path of one object. Refused without a name, or without a namespace where the kind has them: the path would mean something else. */
export function objectPath(kind: Addressed, key: ObjectKey, subresource?: string): string {
  if (!key.name) throw badRequest(`resource name may not be empty: ${kind.kind}`)
  if (kind.namespaced && !key.namespace) throw badRequest(`an empty namespace may not be set when a resource name is provided: ${kind.kind} ${JSON.stringify(key.name)}`)
  const path = `${collectionPath(kind, key.namespace)}/${encodeURIComponent(key.name)}`
  return subresource ? `${path}/${subresource}` : path
}
