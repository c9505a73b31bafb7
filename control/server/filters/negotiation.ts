import type { Filter } from '../context.ts'
import { isLongRunning } from '../long-running.ts'
import { negotiate, plainAccepted } from '../media-type.ts'
import type { Accepted } from '../media-type.ts'

/**
 * Settles the form of the answer; 406 before any work is done. Logs, health and metrics have forms of their own; discovery
 * has more forms than are known here, so nothing is refused for it.
 */
export const negotiation: Filter = (next) => (context) => {
  const { info, request } = context
  if (info.isResource && (info.verb === 'watch' || !isLongRunning(info))) context.accepted = negotiate(request.headers['accept'])
  else if (info.path.startsWith('/api')) context.accepted = discoveryForm(request.headers['accept'])
  return next(context)
}

function discoveryForm(accept: string | undefined): Accepted {
  try {
    const accepted = negotiate(accept)
    return accepted.as === '' ? accepted : plainAccepted
  } catch {
    return plainAccepted
  }
}
