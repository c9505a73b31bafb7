/**
 * Whether two API values mean the same: an absent field, `undefined` and an empty list are one thing, as in the
 * original's semantic equality. Empty objects are kept apart from absent ones (`emptyDir: {}` says something).
 */
export function same(a: unknown, b: unknown): boolean {
  if (a === b) return true
  if (isNothing(a) || isNothing(b)) return isNothing(a) && isNothing(b)
  if (Array.isArray(a) || Array.isArray(b)) return Array.isArray(a) && Array.isArray(b) && a.length === b.length && a.every((item, i) => same(item, b[i]))
  if (typeof a !== 'object' || typeof b !== 'object') return false
  return sameFields(a as Record<string, unknown>, b as Record<string, unknown>)
}

const isNothing = (value: unknown): boolean => value === undefined || value === null || (Array.isArray(value) && value.length === 0)

function sameFields(a: Record<string, unknown>, b: Record<string, unknown>): boolean {
  for (const key of Object.keys(a)) if (!same(a[key], b[key])) return false
  for (const key of Object.keys(b)) if (!Object.hasOwn(a, key) && !isNothing(b[key])) return false
  return true
}

/** The same for label and annotation maps, where `{}` is nothing too. */
export const sameMap = (a: Readonly<Record<string, string>> | undefined, b: Readonly<Record<string, string>> | undefined): boolean => same(a ?? {}, b ?? {})
