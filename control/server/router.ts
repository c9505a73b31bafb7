import { ApiError, methodNotAllowed, noSuchResource } from '../../api/errors.ts'
import type { Kind, Subresource, Verb } from '../../api/kinds/kind.ts'
import { protobufMediaType } from '../../api/protobuf/decode.ts'
import type { ApiResponse } from '../../api/transport.ts'
import type { Handler, RequestContext, ResourceContext } from './context.ts'
import { warn } from './context.ts'
import type { Endpoints } from './endpoints/endpoints.ts'
import { nowhere } from './endpoints/nowhere.ts'
import { negotiate } from './media-type.ts'
import type { Subresources } from './subresources/subresources.ts'
import { scale } from './subresources/scale.ts'
import type { Tools } from './tools.ts'
import { create } from './verbs/create.ts'
import { deleteCollection } from './verbs/delete-collection.ts'
import { deleteOne } from './verbs/delete.ts'
import { get } from './verbs/get.ts'
import { list } from './verbs/list.ts'
import { patch } from './verbs/patch.ts'
import { update } from './verbs/update.ts'
import { watch } from './verbs/watch.ts'

/** The answer to a request for a resource that is known to be there. */
export type ResourceHandler = (tools: Tools, context: ResourceContext) => Promise<ApiResponse>

const verbs: Readonly<Record<Verb, ResourceHandler>> = {
  create, delete: deleteOne, deletecollection: deleteCollection, get, list, patch, update, watch,
}
/** What a view of an object in the object's own form offers. */
const views: Readonly<Record<string, ResourceHandler>> = { get, patch, update }

/** The end of the filters: from what is asked to who answers. */
export function router(tools: Tools, endpoints: Endpoints, subresources: Subresources): Handler {
  return async (context) => {
    const { info } = context
    if (!info.isResource) return endpoints(context)
    const kind = tools.kinds.byResource(info.group, info.version, info.resource)
    if (!kind || !fits(kind, context)) return nowhere(tools.kinds, info.path)
    const routed = context as ResourceContext
    routed.kind = kind
    if (kind.deprecated && context.wire) warn(context, kind.deprecated)
    if (kind.jsonOnly && context.accepted.encoding === protobufMediaType) context.accepted = negotiate(context.request.headers['accept'], false)
    if (info.subresource !== '') return subresourceHandler(kind, context, subresources)(tools, routed)
    if (!isPlace(kind, context)) throw refusedMethod(kind, '')
    if (!(kind.verbs as readonly string[]).includes(info.verb)) throw refusedMethod(kind, info.verb)
    // Only what is never stored has a handler of its own; whatever can be deleted is stored.
    const own = kind.verbs.includes('delete') ? undefined : subresources[kind.resource]
    return (own ?? verbs[info.verb as Verb])(tools, routed)
  }
}

/**
 * The path must have the form of the kind's scope: `/namespaces/x/` before namespaced ones only, and always where there is a name.
 * A namespace lies in itself and no other: `/namespaces/x/namespaces/y` was allowed by what somebody may do in x.
 */
export function fits(kind: Kind, { info }: Pick<RequestContext, 'info'>): boolean {
  if (kind.group === '' && kind.resource === 'namespaces') return info.namespace === info.name
  return kind.namespaced ? info.namespace !== '' || info.name === '' : info.namespace === ''
}

/** Creation takes place in a collection, changes at an object; across namespaces one can only look. */
function isPlace(kind: Kind, { info: { verb, name, namespace } }: RequestContext): boolean {
  if (verb === 'create' && name !== '') return false
  if ((verb === 'update' || verb === 'patch') && name === '') return false
  return !kind.namespaced || namespace !== '' || verb === 'list' || verb === 'watch'
}

function subresourceHandler(kind: Kind, { info }: RequestContext, subresources: Subresources): ResourceHandler {
  const known: Subresource | undefined = Object.hasOwn(kind.subresources ?? {}, info.subresource) ? kind.subresources![info.subresource] : undefined
  if (!known || (info.rest.length > 0 && info.subresource !== 'proxy')) throw noSuchResource()
  if (!(known.verbs as readonly string[]).includes(info.verb) && info.subresource !== 'proxy') throw refusedMethod(kind, info.verb)
  if (known.type === 'scale') return scale
  const custom = subresources[`${kind.resource}/${info.subresource}`]
  if (custom) return custom
  const view = views[info.verb]
  // Without a handler it can only be a view that the kind itself knows how to write.
  if (known.type === 'custom' && !known.prepareForUpdate) throw new ApiError(501, '', `${kind.resource}/${info.subresource} is not implemented`)
  if (!view) throw refusedMethod(kind, info.verb)
  return view
}

function refusedMethod(kind: Kind, verb: string): ApiError {
  if (verb === 'create' || verb === 'list' || verb === 'watch') return methodNotAllowed(kind, verb)
  return new ApiError(405, 'MethodNotAllowed', 'the server does not allow this method on the requested resource', {})
}
