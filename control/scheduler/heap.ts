/** A binary heap: `pop` gives the item that comes first by `before`. */
export interface Heap<T> {
  readonly size: number
  push(item: T): void
  pop(): T | undefined
}

export function createHeap<T>(before: (a: T, b: T) => boolean): Heap<T> {
  const items: T[] = []
  const swap = (i: number, j: number): void => { [items[i], items[j]] = [items[j]!, items[i]!] }

  function up(i: number): void {
    for (let parent = (i - 1) >> 1; i > 0 && before(items[i]!, items[parent]!); i = parent, parent = (i - 1) >> 1) swap(i, parent)
  }

  function down(i: number): void {
    for (;;) {
      let first = i
      for (const child of [2 * i + 1, 2 * i + 2]) if (child < items.length && before(items[child]!, items[first]!)) first = child
      if (first === i) return
      swap(i, first)
      i = first
    }
  }

  return {
    get size() { return items.length },
    push(item) { items.push(item); up(items.length - 1) },
    pop() {
      if (items.length < 2) return items.pop()
      const top = items[0]
      items[0] = items.pop()!
      down(0)
      return top
    },
  }
}
