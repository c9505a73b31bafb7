import { unauthorized } from '../../../api/errors.ts'
import type { UserInfo } from '../../../api/transport.ts'
import { carriesToken } from '../authentication/identify.ts'
import type { Identify } from '../authentication/identify.ts'
import { isOpenPath } from '../authentication/open-paths.ts'
import { anonymous } from '../context.ts'
import type { Filter, Handler, RequestContext } from '../context.ts'

/**
 * Who asks: what the listening edge found out before it read the body, or what an in-process caller says of itself (or shows a
 * token for). Without either only health, version and `cluster-info` are answered, as `system:anonymous`; all else is 401, and so is everything
 * that came with a token nobody accepts.
 */
export const authentication = (identify: Identify): Filter => (next) => (context) => {
  const { request, wire } = context
  if (request.user) return as(request.user, context, next)
  if (wire || !carriesToken(request.headers)) return as(undefined, context, next)
  const found = identify({ headers: { ...request.headers } }, undefined)
  return found instanceof Promise ? found.then((user) => as(user, context, next)) : as(found, context, next)
}

function as(user: UserInfo | undefined, context: RequestContext, next: Handler): ReturnType<Handler> {
  if (!user && (!isOpenPath(context.info) || carriesToken(context.request.headers))) throw unauthorized()
  context.user = user ?? anonymous
  return next(context)
}
