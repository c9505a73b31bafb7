/** A JSON value without absent fields, nulls, empty texts, lists and objects, which an API server need not keep: they make no difference. */
export function plain(value: unknown): any {
  if (Array.isArray(value)) return value.map(plain)
  if (value === null || typeof value !== 'object') return value
  return Object.fromEntries(Object.entries(value).map(([key, field]) => [key, plain(field)]).filter(([, field]) => !isNothing(field)))
}

function isNothing(value: unknown): boolean {
  if (value === undefined || value === null || value === '') return true
  return typeof value === 'object' && Object.keys(value).length === 0
}
