import { unauthorized } from '../../../api/errors.ts'
import { anonymous } from '../context.ts'
import type { Filter } from '../context.ts'
import { isOpenPath } from '../authentication/open-paths.ts'

/**
 * Who asks: what the listening edge read from the client certificate, or what an in-process caller says of itself.
 * Without either only health and version are answered (as `system:anonymous`); all else is 401.
 */
export const authentication: Filter = (next) => (context) => {
  const { request } = context
  if (request.user) {
    context.user = request.user
  } else if (isOpenPath(context.info) && request.headers['authorization'] === undefined) {
    context.user = anonymous
  } else {
    throw unauthorized()
  }
  return next(context)
}
