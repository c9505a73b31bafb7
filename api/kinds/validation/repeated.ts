const short = 64
const firsts = new WeakMap<readonly unknown[], Map<unknown, number>>()

/** Whether `value`, which stands at `index`, stands before it too. Asked of every item of a list: long ones are gone through once, and not once for each. */
export function isRepeated<T>(values: readonly T[], value: T, index: number): boolean {
  if (values.length <= short) return values.indexOf(value) < index
  let first = firsts.get(values)
  if (!first) {
    const made = new Map<unknown, number>()
    values.forEach((item, i) => { if (!made.has(item)) made.set(item, i) })
    firsts.set(values, first = made)
  }
  return (first.get(value) ?? index) < index
}
