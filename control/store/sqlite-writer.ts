import type { DatabaseSync } from 'node:sqlite'
import { type Change, type StoredRecord } from './log.ts'
import { compactedError, futureError } from './refusals.ts'
import type { Opened, Operation, Outcome } from './sqlite-protocol.ts'
import { type Row, Tables } from './sqlite-tables.ts'

export interface Written {
  readonly outcomes: Outcome[]
  readonly previous: (Uint8Array | undefined)[]
}

/** A lazily written key that is not on disk yet; without a value it was deleted. */
type Dirty = Row | undefined

/** Revisions that may be given to lazy writes before the next commit says so: after a crash none is given twice. */
const reserve = 10_000
/** With more than this not on disk (it may be full), lazy writes wait for it like others. */
const dirtyLimit = 10_000
const compactAtOnce = 500
const lazyMark = 'lazy '

/**
 * The log over one exclusively held database: revisions, compare-and-set, lazy writes, compaction. All synchronous;
 * the worker around it is the only caller.
 */
export class SqliteWriter {
  readonly #database: DatabaseSync
  readonly #tables: Tables
  readonly #dirty = new Map<string, Dirty>()
  /** For each resource with lazily written keys: the last such write. No list or watch reaches behind it. */
  readonly #lazyFloors = new Map<string, number>()
  #revision: number
  #compacted: number
  #reserved: number

  constructor(database: DatabaseSync) {
    this.#database = database
    this.#tables = this.#transaction(() => new Tables(database))
    this.#compacted = this.#tables.meta('compacted')
    this.#reserved = this.#tables.meta('reserved')
    this.#revision = Math.max(1, this.#tables.newestRevision(), this.#compacted, this.#tables.meta('revision'), this.#reserved)
    for (const name of this.#tables.metaNames(lazyMark)) this.#lazyFloors.set(name.slice(lazyMark.length), this.#revision)
  }

  get opened(): Opened { return { revision: this.#revision, compacted: this.#compacted } }
  get compacted(): number { return this.#compacted }
  get dirty(): boolean { return this.#dirty.size > 0 }

  /** All operations in one commit. When it throws, none of them happened. */
  write(operations: readonly Operation[], values: readonly (Uint8Array | undefined)[], compactTo: number): Written {
    const lazyOnly = this.#dirty.size < dirtyLimit && operations.every(({ lazy }) => lazy)
    this.#reserveFor(operations)
    const apply = (keep: (change: Change['type'], before: Row | undefined, row: Row, lazy: boolean) => void, find: (key: string) => Row | undefined): Written => {
      const written: Written = { outcomes: [], previous: [] }
      for (const [i, operation] of operations.entries()) {
        const before = find(operation.key)
        const refusal = refusalOf(operation, before)
        if (!refusal) {
          const revision = ++this.#revision
          keep(operation.type, before, { key: operation.key, value: values[i] ?? before!.value, revision, created: before?.created ?? revision }, operation.lazy)
        }
        written.outcomes.push(refusal ?? { revision: this.#revision })
        written.previous.push(refusal ? undefined : before?.value)
      }
      return written
    }
    if (lazyOnly) {
      return apply((type, _, row) => {
        this.#dirty.set(row.key, type === 'delete' ? undefined : { ...row, value: row.value.slice() })
        this.#lazyFloors.set(resourceOf(row.key), row.revision)
      }, (key) => (this.#dirty.has(key) ? this.#dirty.get(key) : this.#tables.get(key)))
    }
    return this.#commit(() => {
      const written = apply((type, before, row, lazy) => this.#store(type, before, row, lazy), (key) => this.#tables.get(key))
      this.#compactStep(compactTo, compactAtOnce + 4 * operations.length)
      return written
    })
  }

  flush(): void {
    if (this.dirty) this.#commit(() => {})
  }

  get(key: string): StoredRecord | undefined {
    return this.#dirty.has(key) ? this.#dirty.get(key) : this.#tables.get(key)
  }

  list(prefix: string, after: string, limit: number | undefined, revision = this.#revision): { records: Row[]; revision: number; remaining: number } {
    if (revision > this.#revision) throw futureError(revision, this.#revision)
    this.#assertKnown(prefix, revision)
    if ([...this.#dirty.keys()].some((key) => key.startsWith(prefix))) this.flush()
    const now = revision === this.#revision
    const records = now ? this.#tables.list(prefix, after, limit) : this.#tables.listPast(prefix, after, revision, limit)
    if (limit === undefined || records.length < limit) return { records, revision, remaining: 0 }
    const last = records.at(-1)?.key ?? after
    return { records, revision, remaining: now ? this.#tables.count(prefix, last) : this.#tables.countPast(prefix, last, revision) }
  }

  changes(prefix: string, after: number): { changes: Change[]; revision: number } {
    this.#assertKnown(prefix, after)
    return { changes: this.#tables.changes(prefix, after), revision: this.#revision }
  }

  compact(revision: number): void {
    if (revision > this.#revision) throw futureError(revision, this.#revision)
    while (this.#compacted < revision) this.#commit(() => this.#compactStep(revision, 20_000))
  }

  close(): void {
    this.#commit(() => {
      this.#tables.setMeta('revision', this.#revision)
      this.#tables.setMeta('reserved', 0)
    })
  }

  /** One row of a durable commit; a lazy one leaves no history, for it would not have left any alone. */
  #store(type: Change['type'], before: Row | undefined, row: Row, lazy: boolean): void {
    if (lazy) {
      this.#lazyFloors.set(resourceOf(row.key), row.revision)
      this.#tables.forget(row.key)
      if (type !== 'delete') this.#tables.append(row, 0)
    } else if (type === 'delete') this.#tables.bury(before!, row.revision)
    else this.#tables.append(row, before?.revision ?? 0)
  }

  /** Runs `work` in a transaction that also takes along what is dirty. */
  #commit<T>(work: () => T): T {
    const { revision, compacted } = this.opened
    try {
      const result = this.#transaction(() => {
        for (const [key, row] of this.#dirty) {
          this.#tables.forget(key)
          if (row) this.#tables.append(row, 0)
        }
        return work()
      })
      this.#dirty.clear()
      return result
    } catch (error) {
      this.#revision = revision
      this.#compacted = compacted
      for (const [resource, floor] of this.#lazyFloors) this.#lazyFloors.set(resource, Math.min(floor, revision))
      throw error
    }
  }

  #transaction<T>(work: () => T): T {
    this.#database.exec('BEGIN IMMEDIATE')
    try {
      const result = work()
      this.#database.exec('COMMIT')
      return result
    } catch (error) {
      // A full disk may have rolled back by itself.
      if (this.#database.isTransaction) this.#database.exec('ROLLBACK')
      throw error
    }
  }

  #compactStep(target: number, atOnce: number): void {
    const to = Math.min(target, this.#compacted + atOnce)
    if (to <= this.#compacted) return
    this.#tables.compact(this.#compacted, to)
    this.#compacted = to
  }

  /** Makes durable, before any lazy write is acknowledged, how far the revisions may have gone and which resources are lazy. */
  #reserveFor(operations: readonly Operation[]): void {
    const lazy = operations.filter((operation) => operation.lazy)
    if (lazy.length === 0) return
    const unknown = new Set(lazy.map(({ key }) => resourceOf(key)).filter((resource) => !this.#lazyFloors.has(resource)))
    const needed = this.#revision + operations.length
    if (needed <= this.#reserved && unknown.size === 0) return
    const reserved = Math.max(this.#reserved, needed + reserve)
    this.#transaction(() => {
      this.#tables.setMeta('reserved', reserved)
      for (const resource of unknown) this.#tables.setMeta(`${lazyMark}${resource}`, 1)
    })
    this.#reserved = reserved
    for (const resource of unknown) this.#lazyFloors.set(resource, 0)
  }

  #assertKnown(prefix: string, revision: number): void {
    if (revision < this.#compacted) throw compactedError(revision, this.#compacted)
    for (const [resource, floor] of this.#lazyFloors) {
      if (revision < floor && (resource.startsWith(prefix) || prefix.startsWith(resource))) throw compactedError(revision, floor)
    }
  }
}

function refusalOf({ type, expected }: Operation, current: Row | undefined): Outcome | undefined {
  if (type === 'create') return current && { refused: 'exists', current: owned(current) }
  if (!current) return { refused: 'missing' }
  return current.revision === expected ? undefined : { refused: 'conflict', current: owned(current) }
}

/** A copy that may be cloned to another thread without what lies around it. */
const owned = (row: Row): Row => ({ ...row, value: row.value.slice() })

/** `/registry/leases/` of `/registry/leases/ns/name`. */
const resourceOf = (key: string): string => key.slice(0, key.indexOf('/', key.indexOf('/', 1) + 1) + 1) || key
