import type { Rows, SetName } from './rows.ts'

/**
 * All rows of one family with who put them there. Several routes may hold the same row (two ports of one cluster IP);
 * it is in the kernel while anyone holds it. Should two routes claim one key with different values, the one whose id comes
 * first has it, so that all rows of a claim are of one route, on every node and after every start the same.
 */
export class RowStore {
  readonly #sets = new Map<SetName, Map<string, Map<string, string>>>()
  /** What the kernel has for each key touched since `settle`; undefined: nothing. */
  readonly #before = new Map<SetName, Map<string, string | undefined>>()

  add(holder: string, rows: Rows): void {
    for (const [set, entries] of rows) for (const [key, value] of entries) {
      const holders = this.#holders(set, key)
      this.#remember(set, key, holders)
      holders.set(holder, value)
    }
  }

  remove(holder: string, rows: Rows): void {
    for (const [set, entries] of rows) for (const key of entries.keys()) {
      const holders = this.#holders(set, key)
      this.#remember(set, key, holders)
      holders.delete(holder)
      if (holders.size === 0) this.#sets.get(set)!.delete(key)
    }
  }

  /** Rows to delete and rows to add since the last `settle`. */
  pending(): { readonly oldRows: Rows; readonly newRows: Rows } {
    const oldRows = new Map<SetName, Map<string, string>>()
    const newRows = new Map<SetName, Map<string, string>>()
    for (const [set, keys] of this.#before) for (const [key, before] of keys) {
      const after = standing(this.#sets.get(set)?.get(key))
      if (before === after) continue
      if (before !== undefined) rowsIn(oldRows, set).set(key, before)
      if (after !== undefined) rowsIn(newRows, set).set(key, after)
    }
    return { oldRows, newRows }
  }

  /** The kernel now has what this store has. */
  settle(): void {
    this.#before.clear()
  }

  all(): Rows {
    const rows = new Map<SetName, Map<string, string>>()
    for (const [set, keys] of this.#sets) for (const [key, holders] of keys) rowsIn(rows, set).set(key, standing(holders)!)
    return rows
  }

  #holders(set: SetName, key: string): Map<string, string> {
    let keys = this.#sets.get(set)
    if (!keys) this.#sets.set(set, (keys = new Map()))
    let holders = keys.get(key)
    if (!holders) keys.set(key, (holders = new Map()))
    return holders
  }

  #remember(set: SetName, key: string, holders: ReadonlyMap<string, string>): void {
    let keys = this.#before.get(set)
    if (!keys) this.#before.set(set, (keys = new Map()))
    if (!keys.has(key)) keys.set(key, standing(holders))
  }
}

function standing(holders: ReadonlyMap<string, string> | undefined): string | undefined {
  if (!holders || holders.size < 2) return holders?.values().next().value
  let first: string | undefined
  for (const [holder, value] of holders) {
    if (value === '') return value // in a set, all say the same
    if (first === undefined || holder < first) first = holder
  }
  return holders.get(first!)
}

function rowsIn(rows: Map<SetName, Map<string, string>>, set: SetName): Map<string, string> {
  let found = rows.get(set)
  if (!found) rows.set(set, (found = new Map()))
  return found
}
