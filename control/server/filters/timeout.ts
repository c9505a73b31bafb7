import { ApiError, badRequest } from '../../../api/errors.ts'
import type { ApiResponse } from '../../../api/transport.ts'
import type { Filter } from '../context.ts'
import { isLongRunning } from '../long-running.ts'

const longest = 60_000
const reads = new Set(['get', 'head', 'list'])

/**
 * 504 for a write that takes longer than the `timeout` it asked for, a minute at most. Reads are answered from memory
 * and long-running requests end by themselves; neither needs a timer.
 */
export const timeout: Filter = (next, { clock }) => (context) => {
  const asked = context.request.query.get('timeout')
  const limit = asked === null ? longest : Math.min(longest, parseDuration(asked))
  if (reads.has(context.info.verb) || isLongRunning(context.info)) return next(context)
  return new Promise<ApiResponse>((resolve, reject) => {
    const stop = clock.after(limit, () => reject(late()), { unref: true })
    next(context).then(resolve, reject).finally(stop)
  })
}

const late = (): ApiError => new ApiError(504, 'Timeout', 'Timeout: request did not complete within the allotted timeout', { causes: [{ reason: 'UnexpectedServerResponse' }] })

const units: Readonly<Record<string, number>> = { ns: 1e-6, us: 1e-3, µs: 1e-3, ms: 1, s: 1000, m: 60_000, h: 3_600_000 }

/** A Go duration (`1m30s`) in milliseconds; 400 when it is none, as in the original. A bare `0` is no limit. */
function parseDuration(text: string): number {
  if (text === '' || text === '0') return longest
  const parts = [...text.matchAll(/([0-9]+(?:\.[0-9]+)?)(ns|us|µs|ms|s|m|h)/gy)]
  const read = parts.reduce((length, part) => length + part[0].length, 0)
  if (parts.length === 0 || read !== text.length) throw badRequest(`invalid timeout specified in the request URL - unable to parse the timeout: time: invalid duration ${JSON.stringify(text)}`)
  const sum = parts.reduce((total, [, amount, unit]) => total + Number(amount) * units[unit!]!, 0)
  return sum === 0 ? longest : sum
}
