import { inOrder } from './field-set.ts'
import type { FieldSet } from './field-set.ts'

/** Sets that were written lately, by their text. Objects made from one template own the same fields: they share one set. */
const recent = new Map<string, FieldSet>()
const maxSets = 512
const maxText = 8192

/** The set in order, frozen, and the same value for equal sets as far as memory goes. */
export function interned(set: FieldSet): FieldSet {
  const sorted = inOrder(set)
  if (Object.isFrozen(sorted)) return sorted
  const text = JSON.stringify(sorted)
  const known = recent.get(text)
  if (known) return known
  freeze(sorted)
  if (text.length <= maxText) {
    if (recent.size >= maxSets) recent.clear()
    recent.set(text, sorted)
  }
  return sorted
}

function freeze(set: FieldSet): void {
  if (Object.isFrozen(set)) return
  Object.freeze(set)
  for (const key in set) freeze(set[key]!)
}
