/** Which numbers of a range `[0, size)` are taken. */
export class Bitmap {
  readonly size: number
  readonly #words: Uint32Array
  #taken = 0

  constructor(size: number) {
    this.size = size
    this.#words = new Uint32Array(Math.ceil(size / 32))
  }

  get free(): number { return this.size - this.#taken }

  has(index: number): boolean {
    return (this.#words[index >>> 5]! & (1 << (index & 31))) !== 0
  }

  /** False when it is taken already. */
  take(index: number): boolean {
    if (this.has(index)) return false
    this.#words[index >>> 5]! |= 1 << (index & 31)
    this.#taken++
    return true
  }

  release(index: number): void {
    if (!this.has(index)) return
    this.#words[index >>> 5]! &= ~(1 << (index & 31))
    this.#taken--
  }

  /** Takes a free number of `[from, to)`, the first at or behind a random place (`random` is in [0, 1)); undefined when all are taken. */
  takeAny(from: number, to: number, random: number): number | undefined {
    const length = to - from
    const start = Math.floor(random * length)
    for (let step = 0; step < length; step++) {
      const index = from + (start + step) % length
      if (this.take(index)) return index
    }
    return undefined
  }
}
