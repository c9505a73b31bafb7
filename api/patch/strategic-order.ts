import { goPrint, isObject, own } from './json-value.ts'

/*
 * The order of merged lists. Items that the patch names stand in the order of the patch (or of `$setElementOrder`); items
 * only the server has keep their own order and are threaded in where they stood. All look-ups go through maps: a patch of
 * many thousand items must not cost their square.
 */

const keyOf = (item: unknown, mergeKey: string): unknown => (mergeKey && isObject(item) ? own(item, mergeKey) : item)

/** The first place of each key. */
export function indexByKey(items: readonly unknown[], mergeKey: string): Map<unknown, number> {
  const places = new Map<unknown, number>()
  for (let i = 0; i < items.length; i++) {
    const key = keyOf(items[i], mergeKey)
    if (!places.has(key)) places.set(key, i)
  }
  return places
}

/** `merged` in the order that `order` (the patch) and `serverOrder` (the list as it was) ask for. */
export function orderItems(merged: readonly unknown[], order: readonly unknown[], serverOrder: readonly unknown[], mergeKey: string): unknown[] {
  const wanted = indexByKey(order, mergeKey)
  const live = indexByKey(serverOrder, mergeKey)
  const fromPatch: unknown[] = []
  const serverOnly: unknown[] = []
  for (const item of merged) (wanted.has(keyOf(item, mergeKey)) ? fromPatch : serverOnly).push(item)
  const place = (places: Map<unknown, number>) => (item: unknown): number => places.get(keyOf(item, mergeKey)) ?? -1
  const byPlace = (places: Map<unknown, number>) => { const at = place(places); return (a: unknown, b: unknown) => at(a) - at(b) }
  return thread(serverOnly.sort(byPlace(live)), fromPatch.sort(byPlace(wanted)), place(live))
}

/** Two sorted lists as one: an item of `left` goes first where both are known to the live list and it stood first there. */
function thread(left: readonly unknown[], right: readonly unknown[], place: (item: unknown) => number): unknown[] {
  const all: unknown[] = []
  let l = 0
  let r = 0
  while (l < left.length && r < right.length) {
    const leftPlace = place(left[l])
    const rightPlace = place(right[r])
    all.push(leftPlace >= 0 && rightPlace >= 0 && leftPlace < rightPlace ? left[l++] : right[r++])
  }
  return [...all, ...left.slice(l), ...right.slice(r)]
}

/** The items of a patch list must stand in the order that its own `$setElementOrder` asks for; what is wrong, if they do not. */
export function checkAgainstOrder(patch: readonly unknown[], order: readonly unknown[], mergeKey: string): string | undefined {
  if (patch.length === 0 || order.length === 0) return undefined
  const items = patch.filter((item) => !(isObject(item) && Object.hasOwn(item, '$patch')))
  let found = 0
  for (const entry of order) if (found < items.length && keyOf(items[found], mergeKey) === keyOf(entry, mergeKey)) found++
  return found === items.length ? undefined : `The order in patch list:\n${goPrint(patch)}\n doesn't match $setElementOrder list:\n${goPrint(order)}\n`
}
