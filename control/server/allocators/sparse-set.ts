/** Which numbers are taken of a range too large for a bitmap. */
export class SparseSet {
  readonly #taken = new Set<bigint>()

  /** False when it is taken already. */
  take(index: bigint): boolean {
    if (this.#taken.has(index)) return false
    this.#taken.add(index)
    return true
  }

  release(index: bigint): void {
    this.#taken.delete(index)
  }

  /** Takes a free number of `[from, to)`, the first at or behind a random place (`random` is in [0, 1)); undefined when all are taken. */
  takeAny(from: number, to: number, random: number): number | undefined {
    const length = to - from
    const start = Math.floor(random * length)
    for (let step = 0; step < length; step++) {
      const index = from + (start + step) % length
      if (this.take(BigInt(index))) return index
    }
    return undefined
  }
}
