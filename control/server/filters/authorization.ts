import { ApiError, qualified } from '../../../api/errors.ts'
import { attributesOf } from '../authorization/attributes.ts'
import type { Attributes, Authorizer, Decision } from '../authorization/authorizer.ts'
import type { Filter } from '../context.ts'

/** 403 in the original's sentence unless the authorizer allows the request. */
export const authorization = (authorizer: Authorizer): Filter => (next) => (context) => {
  const attributes = attributesOf(context.user, context.info, context.request.query)
  const waiting = demand(authorizer, attributes) ?? (opensStream(attributes) ? demand(authorizer, { ...attributes, verb: 'create' }) : undefined)
  if (!waiting) return next(context)
  return waiting.then(async () => {
    if (opensStream(attributes)) await demand(authorizer, { ...attributes, verb: 'create' })
    return next(context)
  })
}

/** Throws, or rejects, with the refusal. */
function demand(authorizer: Authorizer, attributes: Attributes): Promise<void> | undefined {
  const decision = authorizer.authorize(attributes)
  if (decision instanceof Promise) return decision.then((late) => insist(late, attributes))
  insist(decision, attributes)
  return undefined
}

function insist({ verdict, reason }: Decision, attributes: Attributes): void {
  if (verdict !== 'allow') throw refusal(attributes, reason)
}

const streams = new Set(['exec', 'attach', 'portforward'])

/** A WebSocket is opened by a GET, and yet who may only read may not run something in a pod: since 1.35 it takes `create` too. */
const opensStream = ({ verb, group, resource, subresource }: Attributes): boolean => verb === 'get' && group === '' && resource === 'pods' && streams.has(subresource)

const quote = JSON.stringify

/** `pods is forbidden: User "x" cannot list resource "pods" in API group "" in the namespace "default"` */
export function refusal(attributes: Attributes, reason: string | undefined): ApiError {
  const { user, verb, isResource, path, group, resource, name } = attributes
  const who = `User ${quote(user.name)} cannot ${verb}`
  const why = reason ? `: ${reason}` : ''
  if (!isResource) return new ApiError(403, 'Forbidden', `forbidden: ${who} path ${quote(path)}${why}`, {})
  const head = name ? `${qualified({ group, resource })} ${quote(name)}` : qualified({ group, resource })
  return new ApiError(403, 'Forbidden', `${head} is forbidden: ${sentenceOf(attributes)}${why}`, { ...(name && { name }), ...(group && { group }), kind: resource })
}

/** What somebody may not do, as every refusal says it. */
export function sentenceOf({ user, verb, group, resource, subresource, namespace }: Attributes): string {
  const where = namespace ? `in the namespace ${quote(namespace)}` : 'at the cluster scope'
  return `User ${quote(user.name)} cannot ${verb} resource ${quote(subresource ? `${resource}/${subresource}` : resource)} in API group ${quote(group)} ${where}`
}
