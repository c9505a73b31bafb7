import { isPlainSet, type Row, type SetName } from './rows.ts'

/** Rows by set: key → value, which is empty in sets. */
export type Rows = ReadonlyMap<SetName, ReadonlyMap<string, string>>

/** One holder's wish for a key. Those for one key are a chain, in the order of their holders. */
interface Claim { readonly holder: string; readonly value: string; readonly next: Claim | undefined }

/**
 * All rows of one family with who put them there. Several routes may hold the same row (two ports of one cluster IP);
 * it is in the kernel while anyone holds it. Should two routes claim one key with different values, the one whose id comes
 * first has it, so that all rows of a claim are of one route, on every node and after every start the same.
 *
 * There are tens of thousands of rows, nearly all with one holder: each is one entry of one map, and sets, in which
 * all holders say the same, only count them.
 */
export class RowStore {
  readonly #counts = new Map<SetName, Map<string, number>>()
  readonly #claims = new Map<SetName, Map<string, Claim>>()
  /** What the kernel has for each key touched since `settle`; undefined: nothing. Not kept before the first time, when the kernel has nothing of ours. */
  readonly #before = new Map<SetName, Map<string, string | undefined>>()
  #isSettled = false

  /** A holder that names a key of a set twice must give it back twice. */
  add(holder: string, rows: readonly Row[]): void {
    for (const { set, key, value } of rows) {
      this.#remember(set, key)
      if (isPlainSet(set)) {
        const counts = mapIn(this.#counts, set)
        counts.set(key, (counts.get(key) ?? 0) + 1)
      } else {
        const claims = mapIn(this.#claims, set)
        claims.set(key, claimed(claims.get(key), holder, value))
      }
    }
  }

  remove(holder: string, rows: readonly Row[]): void {
    for (const { set, key } of rows) {
      this.#remember(set, key)
      if (isPlainSet(set)) {
        const counts = mapIn(this.#counts, set)
        const left = (counts.get(key) ?? 0) - 1
        if (left > 0) counts.set(key, left)
        else counts.delete(key)
      } else {
        const claims = mapIn(this.#claims, set)
        const left = without(claims.get(key), holder)
        if (left) claims.set(key, left)
        else claims.delete(key)
      }
    }
  }

  /** Rows to delete and rows to add since the last `settle`. */
  pending(): { readonly oldRows: Rows; readonly newRows: Rows } {
    const oldRows = new Map<SetName, Map<string, string>>()
    const newRows = new Map<SetName, Map<string, string>>()
    for (const [set, keys] of this.#before) for (const [key, before] of keys) {
      const after = this.get(set, key)
      if (before === after) continue
      if (before !== undefined) mapIn(oldRows, set).set(key, before)
      if (after !== undefined) mapIn(newRows, set).set(key, after)
    }
    return { oldRows, newRows }
  }

  /** The kernel now has what this store has. */
  settle(): void {
    this.#before.clear()
    this.#isSettled = true
  }

  /** The value that stands for a key; undefined: the key is not there. */
  get(set: SetName, key: string): string | undefined {
    if (!isPlainSet(set)) return this.#claims.get(set)?.get(key)?.value
    return this.#counts.get(set)?.has(key) ? '' : undefined
  }

  /** All rows of one set. */
  * rowsIn(set: SetName): Generator<readonly [key: string, value: string]> {
    for (const key of this.#counts.get(set)?.keys() ?? []) yield [key, '']
    for (const [key, { value }] of this.#claims.get(set) ?? []) yield [key, value]
  }

  /** How many rows one set has. */
  size(set: SetName): number {
    return (isPlainSet(set) ? this.#counts : this.#claims).get(set)?.size ?? 0
  }

  #remember(set: SetName, key: string): void {
    if (!this.#isSettled) return
    const keys = mapIn(this.#before, set)
    if (!keys.has(key)) keys.set(key, this.get(set, key))
  }
}

function claimed(first: Claim | undefined, holder: string, value: string): Claim {
  if (!first || holder < first.holder) return { holder, value, next: first }
  if (holder === first.holder) return { holder, value, next: first.next }
  return { ...first, next: claimed(first.next, holder, value) }
}

function without(first: Claim | undefined, holder: string): Claim | undefined {
  if (!first || first.holder === holder) return first?.next
  return { ...first, next: without(first.next, holder) }
}

function mapIn<K, V>(maps: Map<SetName, Map<K, V>>, set: SetName): Map<K, V> {
  let found = maps.get(set)
  if (!found) maps.set(set, (found = new Map()))
  return found
}
