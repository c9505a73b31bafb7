import type { Filter } from '../context.ts'
import { isLongRunning } from '../long-running.ts'
import { negotiate } from '../media-type.ts'

/** Settles the form of the answer; 406 before any work is done. Logs, health and metrics have forms of their own. */
export const negotiation: Filter = (next) => (context) => {
  const { info, request } = context
  if (info.isResource && (info.verb === 'watch' || !isLongRunning(info))) context.accepted = negotiate(request.headers['accept'])
  return next(context)
}
