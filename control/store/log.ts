/**
 * The store's contract. Everything is one append-only log with one counter for the whole cluster; the counter is the
 * `resourceVersion`. Keys are the original's (`/registry/pods/default/web-0`), values are JSON bytes without
 * `metadata.resourceVersion`. One suite (`log.suite.ts`) proves every engine.
 */
export interface Log {
  get(key: string): Promise<StoredRecord | undefined>
  /** Records whose key begins with `prefix`, in key order, true at the returned revision. */
  list(prefix: string, options?: ListOptions): Promise<ListResult>
  /** Appends; rejects with `StoreError('exists')` when the key lives. Resolves once durable, to the new revision. */
  create(key: string, value: Uint8Array, options?: WriteOptions): Promise<number>
  /** Rejects with `StoreError('conflict')` (carrying the current record) unless the key's revision is `expected`. */
  update(key: string, value: Uint8Array, expected: number, options?: WriteOptions): Promise<number>
  /** Resolves to the revision of the deletion. Same compare-and-set as `update`. */
  delete(key: string, expected: number, options?: WriteOptions): Promise<number>
  /** Every change after revision `after`, in order, whole batches at a time; ends with the signal. Rejects with `compacted` when history is gone. */
  watch(prefix: string, after: number, signal: AbortSignal): AsyncIterable<readonly Change[]>
  /** The changes in (`after`, the returned revision], in order, as far as they are durable now. Rejects with `compacted`. */
  changes(prefix: string, after: number): Promise<History>
  /** Forgets history up to and including `revision`; live records stay. */
  compact(revision: number): Promise<void>
  /** The newest durable revision. */
  revision(): Promise<number>
  /** The number of `compact`: watches and lists may start at or after it. */
  compacted(): Promise<number>
  close(): Promise<void>
}

export interface StoredRecord {
  readonly key: string
  readonly value: Uint8Array
  /** The revision that wrote this value. */
  readonly revision: number
  readonly created: number
}

export interface ListOptions {
  readonly limit?: number
  /** Begin after this key. */
  readonly after?: string
  /** The past revision to read at; absent: the newest. */
  readonly revision?: number
}

export interface ListResult {
  readonly records: readonly StoredRecord[]
  readonly revision: number
  /** How many records lie beyond `limit`. */
  readonly remaining: number
}

export interface WriteOptions {
  /**
   * May be flushed lazily and kept out of the history (leases, events): acknowledged before it is on disk. A list or
   * watch of such keys at an old revision may reject with `compacted` sooner than others.
   */
  readonly lazy?: boolean
}

export interface Change {
  readonly type: 'create' | 'update' | 'delete'
  readonly key: string
  readonly revision: number
  /** The new value; for a deletion the last one. */
  readonly value: Uint8Array
  /** The value before, absent for `create`. */
  readonly previous: Uint8Array | undefined
}

export interface History {
  readonly changes: readonly Change[]
  readonly revision: number
}

/**
 * `missing`: update or delete of a key that does not live. `future`: a revision that is not yet. `full`: the disk; nothing
 * was done. `tooLarge`: the value. `locked`: another process has the file. `corrupt`: the file is damaged; a person must restore it.
 */
export type StoreReason = 'exists' | 'conflict' | 'missing' | 'compacted' | 'future' | 'full' | 'tooLarge' | 'closed' | 'locked' | 'corrupt' | 'failed'

/** The store's one error class. */
export class StoreError extends Error {
  override readonly name = 'StoreError'
  readonly reason: StoreReason
  readonly current: StoredRecord | undefined
  constructor(reason: StoreReason, message: string, current?: StoredRecord) {
    super(message)
    this.reason = reason
    this.current = current
  }
}
