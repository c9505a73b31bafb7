import type { Kind } from '../../../../api/kinds/kind.ts'
import type { KubeObject } from '../../../../api/object.ts'
import { matchesLabels, selectorOf } from '../../../../api/selectors/labels.ts'
import type { ParamKind, ParamRef } from '../../../../api/types/admissionregistration-v1/validating-policy.ts'
import { facesReady, faceOf } from '../../object-response.ts'
import type { Tools } from '../../tools.ts'

/** A policy or binding that cannot be used as it stands. */
export class PolicyConfigurationError extends Error {}

const nothingFound = 'no params found for policy binding with `Deny` parameterNotFoundAction'

/** With which parameters a policy is to be evaluated; `null` is one evaluation without. Throws `PolicyConfigurationError`. */
export async function paramsOf(tools: Tools, paramKind: ParamKind | undefined, ref: ParamRef | undefined, requestNamespace: string): Promise<readonly (KubeObject | null)[]> {
  if (!paramKind) return [null]
  const kind = kindOf(tools, paramKind)
  if (!ref) return [null]
  if (ref.namespace && !kind.namespaced) throw new PolicyConfigurationError('paramRef.namespace must not be provided for a cluster-scoped `paramKind`')
  const namespace = kind.namespaced ? ref.namespace || requestNamespace : ''
  if (kind.namespaced && !namespace) throw new PolicyConfigurationError('cannot use namespaced paramRef in policy binding that matches cluster-scoped resources')
  const found = ref.name ? await named(tools, kind, namespace, ref.name) : await selected(tools, kind, namespace, ref)
  if (found.length === 0 && ref.parameterNotFoundAction !== 'Allow') throw new PolicyConfigurationError(nothingFound)
  await facesReady(kind, found)
  return found.map((object) => faceOf(kind, object))
}

function kindOf(tools: Tools, { apiVersion = '', kind = '' }: ParamKind): Kind {
  const slash = apiVersion.indexOf('/')
  const found = tools.kinds.byKind(slash < 0 ? '' : apiVersion.slice(0, slash), apiVersion.slice(slash + 1), kind)
  if (!found) throw new PolicyConfigurationError(`failed to find resource referenced by paramKind: '${apiVersion}, Kind=${kind}'`)
  return found
}

async function named(tools: Tools, kind: Kind, namespace: string, name: string): Promise<readonly KubeObject[]> {
  const entry = await tools.resources.cache(kind).get(tools.resources.key(kind, namespace, name))
  return entry ? [entry.object] : []
}

async function selected(tools: Tools, kind: Kind, namespace: string, { selector }: ParamRef): Promise<readonly KubeObject[]> {
  const parsed = selectorOf(selector)
  const { entries } = await tools.resources.cache(kind).list({ ...(namespace && { namespace }), filter: ({ metadata }) => matchesLabels(parsed, metadata.labels) })
  return entries.map(({ object }) => object)
}
