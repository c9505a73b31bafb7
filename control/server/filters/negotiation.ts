import type { Filter } from '../context.ts'
import { isLongRunning } from '../long-running.ts'
import { negotiate, plainForm } from '../media-type.ts'

/**
 * Settles the form of the answer; 406 before any work is done. Logs, health and metrics have forms of their own; discovery
 * has more forms than are known here, so nothing is refused for it.
 */
export const negotiation: Filter = (next) => (context) => {
  const { info, request } = context
  if (info.isResource && (info.verb === 'watch' || !isLongRunning(info))) context.accepted = negotiate(request.headers['accept'])
  else if (info.path.startsWith('/api')) context.accepted = plainForm(request.headers['accept'])
  return next(context)
}
