import { ApiError } from '../../../api/errors.ts'
import type { RequestContext, Filter } from '../context.ts'
import type { Authorizer } from '../authorization/authorizer.ts'

/** 403 in the original's sentence unless the authorizer allows the request. */
export const authorization = (authorizer: Authorizer): Filter => (next) => (context) => {
  const { isResource, path, verb, group, version, namespace, resource, name, subresource } = context.info
  const decision = authorizer.authorize({ user: context.user, isResource, path, verb, group, version, namespace, resource, name, subresource })
  if (!(decision instanceof Promise)) {
    if (decision.verdict === 'allow') return next(context)
    throw refusal(context, decision.reason)
  }
  return decision.then((late) => {
    if (late.verdict === 'allow') return next(context)
    throw refusal(context, late.reason)
  })
}

const quote = JSON.stringify

/** `pods is forbidden: User "x" cannot list resource "pods" in API group "" in the namespace "default"` */
export function refusal({ user, info }: RequestContext, reason: string | undefined): ApiError {
  const who = `User ${quote(user.name)} cannot ${info.verb}`
  const why = reason ? `: ${reason}` : ''
  if (!info.isResource) return new ApiError(403, 'Forbidden', `forbidden: ${who} path ${quote(info.path)}${why}`, {})
  const resource = info.subresource ? `${info.resource}/${info.subresource}` : info.resource
  const where = info.namespace && info.resource !== 'namespaces' ? `in the namespace ${quote(info.namespace)}` : 'at the cluster scope'
  const sentence = `${who} resource ${quote(resource)} in API group ${quote(info.group)} ${where}${why}`
  const qualified = info.group ? `${info.resource}.${info.group}` : info.resource
  const head = info.name ? `${qualified} ${quote(info.name)}` : qualified
  return new ApiError(403, 'Forbidden', `${head} is forbidden: ${sentence}`, { ...(info.name && { name: info.name }), ...(info.group && { group: info.group }), kind: info.resource })
}
