import type { Filter } from '../context.ts'

const longest = 256
const budget = 4096

/** Sends what was said along the way as `Warning: 299 - "…"`, cut to what the original sends at most. */
export const warnings: Filter = (next) => async (context) => {
  const response = await next(context)
  if (!context.warnings) return response
  return { ...response, headers: { ...response.headers, warning: header(context.warnings) } }
}

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
