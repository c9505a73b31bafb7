import { ApiError } from '../../../api/errors.ts'
import type { ApiResponse } from '../../../api/transport.ts'
import type { Filter, RequestContext } from '../context.ts'
import { errorResponse } from '../respond.ts'

const longest = 256
const budget = 4096

/** Sends what was said along the way as `Warning: 299 - "…"`, cut to what the original sends at most; refusals bring it, too. */
export const warnings: Filter = (next) => async (context) => {
  try {
    return warned(context, await next(context))
  } catch (error) {
    if (!context.warnings || !(error instanceof ApiError)) throw error
    return warned(context, errorResponse(context, error))
  }
}

const warned = ({ warnings }: RequestContext, response: ApiResponse): ApiResponse =>
  (warnings ? { ...response, headers: { ...response.headers, warning: header(warnings) } } : response)

function header(sentences: readonly string[]): string {
  const entries: string[] = []
  let length = 0
  for (const sentence of sentences) {
    const text = sentence.length > longest && sentences.length * longest > budget ? sentence.slice(0, longest) : sentence
    const entry = `299 - "${text.replace(/[\u0000-\u001f\u007f-\uffff]/g, '?').replace(/["\\]/g, '\\$&')}"`
    if (length + entry.length > budget) break
    length += entry.length
    entries.push(entry)
  }
  return entries.join(', ')
}
