import { Feed } from './feed.ts'
import { type Change, type History, type ListOptions, type ListResult, type Log, StoreError, type StoredRecord } from './log.ts'
import { compactedError, conflictError, existsError, futureError, missingError } from './refusals.ts'
import { SortedMap } from './sorted-map.ts'

/** A change that remembers the whole record it replaced, so that the past can be had by undoing. */
interface Row extends Change { readonly before: StoredRecord | undefined }

export interface MemoryLogOptions {
  /** History is trimmed to this many changes. */
  readonly keep?: number
}

/** The store of tests and `startCluster`: nothing survives the process. Lazy writes are ordinary ones. */
export function createMemoryLog({ keep = 10_000 }: MemoryLogOptions = {}): Log {
  return new MemoryLog(keep)
}

class MemoryLog implements Log {
  readonly #live = new SortedMap<StoredRecord>()
  readonly #feed = new Feed()
  readonly #keep: number
  #rows: Row[] = []
  /** As in etcd the first is 1: "0" means "any" to clients. */
  #revision = 1
  #compacted = 0
  #closed = false

  constructor(keep: number) { this.#keep = keep }

  async get(key: string): Promise<StoredRecord | undefined> {
    this.#assertOpen()
    return this.#live.get(key)
  }

  async list(prefix: string, { limit = Infinity, after = '', revision = this.#revision }: ListOptions = {}): Promise<ListResult> {
    this.#assertOpen()
    if (revision > this.#revision) throw futureError(revision, this.#revision)
    if (revision < this.#compacted) throw compactedError(revision, this.#compacted)
    const map = revision === this.#revision ? this.#live : this.#past(prefix, revision)
    const records: StoredRecord[] = []
    for (const record of map.range(prefix, after)) {
      if (records.length >= limit) break
      records.push(record)
    }
    return { records, revision, remaining: map.count(prefix, after) - records.length }
  }

  async create(key: string, value: Uint8Array): Promise<number> {
    this.#assertOpen()
    const current = this.#live.get(key)
    if (current) throw existsError(key, current)
    return this.#append('create', key, value, undefined)
  }

  async update(key: string, value: Uint8Array, expected: number): Promise<number> {
    return this.#append('update', key, value, this.#expect(key, expected))
  }

  async delete(key: string, expected: number): Promise<number> {
    const current = this.#expect(key, expected)
    return this.#append('delete', key, current.value, current)
  }

  watch(prefix: string, after: number, signal: AbortSignal): AsyncIterable<readonly Change[]> {
    return this.#feed.watch(prefix, after, signal, () => this.changes(prefix, after))
  }

  async changes(prefix: string, after: number): Promise<History> {
    this.#assertOpen()
    if (after < this.#compacted) throw compactedError(after, this.#compacted)
    const changes = this.#rows.slice(this.#rowAfter(after)).filter((row) => row.key.startsWith(prefix))
    return { changes, revision: this.#revision }
  }

  async compact(revision: number): Promise<void> {
    this.#assertOpen()
    if (revision > this.#revision) throw futureError(revision, this.#revision)
    if (revision <= this.#compacted) return
    this.#rows = this.#rows.slice(this.#rowAfter(revision))
    this.#compacted = revision
  }

  async revision(): Promise<number> { return this.#revision }
  async compacted(): Promise<number> { return this.#compacted }

  async close(): Promise<void> {
    this.#closed = true
    this.#feed.close()
  }

  #append(type: Change['type'], key: string, value: Uint8Array, before: StoredRecord | undefined): number {
    const revision = ++this.#revision
    if (type === 'delete') this.#live.delete(key)
    else this.#live.set(key, { key, value, revision, created: before?.created ?? revision })
    const row: Row = { type, key, revision, value, previous: before?.value, before }
    this.#rows.push(row)
    if (this.#rows.length > this.#keep * 1.25) this.#trim()
    this.#feed.publish([row])
    return revision
  }

  #trim(): void {
    const gone = this.#rows.splice(0, this.#rows.length - this.#keep)
    this.#compacted = gone.at(-1)!.revision
  }

  #expect(key: string, expected: number): StoredRecord {
    this.#assertOpen()
    const current = this.#live.get(key)
    if (!current) throw missingError(key)
    if (current.revision !== expected) throw conflictError(key, expected, current)
    return current
  }

  /** The records under `prefix` as they were: the present, with every later change undone. */
  #past(prefix: string, revision: number): SortedMap<StoredRecord> {
    const past = new SortedMap<StoredRecord>()
    for (const record of this.#live.range(prefix)) past.set(record.key, record)
    for (let i = this.#rows.length - 1; i >= 0 && this.#rows[i]!.revision > revision; i--) {
      const { key, before } = this.#rows[i]!
      if (!key.startsWith(prefix)) continue
      if (before) past.set(key, before)
      else past.delete(key)
    }
    return past
  }

  /** The index of the first row behind `revision`. Rows are without gaps, so it is arithmetic. */
  #rowAfter(revision: number): number {
    const first = this.#rows[0]?.revision ?? 0
    return Math.max(0, revision + 1 - first)
  }

  #assertOpen(): void {
    if (this.#closed) throw new StoreError('closed', 'The store was closed')
  }
}
