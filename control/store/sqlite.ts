import type { Logger } from 'pino'
import type { Clock } from '../../host/clock.ts'
import { compactionTarget, type CompactionPolicy, defaultPolicy, type Mark, withMark } from './compaction.ts'
import { Feed } from './feed.ts'
import { type Change, type History, type ListOptions, type ListResult, type Log, StoreError, type StoredRecord, type WriteOptions } from './log.ts'
import { conflictError, existsError, missingError } from './refusals.ts'
import { SqliteConnection } from './sqlite-connection.ts'
import { type ChangesReply, type ListReply, type Opened, type Operation, type Outcome, pack, unpack, type WriteReply } from './sqlite-protocol.ts'

export interface SqliteLogOptions {
  readonly path: string
  readonly clock: Clock
  readonly log?: Pick<Logger, 'warn'>
  /** The file grows no further than this; writes are then refused as on a full disk. */
  readonly maxBytes?: number
  readonly compaction?: CompactionPolicy
  /** How long a lazy write may wait for the disk when no other takes it along. */
  readonly lazyDelay?: number
}

/**
 * Opens the store. Rejects with `StoreError`: `locked` when another process has the file, `corrupt` when it is damaged.
 * A write is acknowledged, and seen by watchers, once it is on disk; all that arrive during one commit share the next.
 */
export async function openSqliteLog(options: SqliteLogOptions): Promise<Log> {
  const { connection, opened } = await SqliteConnection.open({ path: options.path, maxBytes: options.maxBytes })
  return new SqliteLog(connection, opened, options)
}

interface Pending {
  readonly operation: Operation
  readonly value: Uint8Array | undefined
  resolve(revision: number): void
  reject(error: unknown): void
}

const batchLimit = 1000
/** Recent changes kept at hand: what a watch that just began after a list has missed. */
const recentLimit = 512
/** After a failed flush of lazy writes, the next try. */
const retryDelay = 10_000

class SqliteLog implements Log {
  readonly #connection: SqliteConnection
  readonly #options: SqliteLogOptions
  readonly #feed = new Feed()
  #pending: Pending[] = []
  #committing = false
  #revision: number
  #compacted: number
  #recent: Change[] = []
  #recentFloor: number
  #marks: readonly Mark[]
  #cancelFlush: (() => void) | undefined
  #failure: StoreError | undefined
  #idle: (() => void) | undefined

  constructor(connection: SqliteConnection, { revision, compacted }: Opened, options: SqliteLogOptions) {
    this.#connection = connection
    this.#options = options
    this.#revision = this.#recentFloor = revision
    this.#compacted = compacted
    this.#marks = [{ revision, at: options.clock.now() }]
    connection.onFailure = (error) => {
      this.#failure = error
      this.#feed.close(error)
    }
  }

  async get(key: string): Promise<StoredRecord | undefined> {
    this.#assertOpen()
    return this.#connection.ask<StoredRecord | undefined>({ type: 'get', key })
  }

  async list(prefix: string, { limit, after = '', revision }: ListOptions = {}): Promise<ListResult> {
    this.#assertOpen()
    const reply = await this.#connection.ask<ListReply>({ type: 'list', prefix, after, limit, revision })
    const values = unpack(reply.values)
    // Copied: these live as long as their object does, each on its own.
    return { ...reply, records: reply.records.map((record, i) => ({ ...record, value: values[i]!.slice() })) }
  }

  create(key: string, value: Uint8Array, options?: WriteOptions): Promise<number> {
    return this.#write({ type: 'create', key, expected: 0, lazy: options?.lazy ?? false }, value)
  }

  update(key: string, value: Uint8Array, expected: number, options?: WriteOptions): Promise<number> {
    return this.#write({ type: 'update', key, expected, lazy: options?.lazy ?? false }, value)
  }

  delete(key: string, expected: number, options?: WriteOptions): Promise<number> {
    return this.#write({ type: 'delete', key, expected, lazy: options?.lazy ?? false }, undefined)
  }

  watch(prefix: string, after: number, signal: AbortSignal): AsyncIterable<readonly Change[]> {
    return this.#feed.watch(prefix, after, signal, () => this.changes(prefix, after))
  }

  async changes(prefix: string, after: number): Promise<History> {
    this.#assertOpen()
    if (after >= this.#recentFloor && after >= this.#compacted) {
      return { changes: this.#recent.filter((change) => change.revision > after && change.key.startsWith(prefix)), revision: this.#revision }
    }
    const reply = await this.#connection.ask<ChangesReply>({ type: 'changes', prefix, after })
    const [values, previous] = [unpack(reply.values), unpack(reply.previous)]
    return { changes: reply.changes.map((change, i) => ({ ...change, value: values[i]!, previous: previous[i] })), revision: reply.revision }
  }

  async compact(revision: number): Promise<void> {
    this.#assertOpen()
    this.#compacted = await this.#connection.ask<number>({ type: 'compact', revision })
  }

  async revision(): Promise<number> { return this.#revision }
  async compacted(): Promise<number> { return this.#compacted }

  /** Writes under way are finished, lazy ones flushed. */
  async close(): Promise<void> {
    if (this.#failure) return
    this.#failure = new StoreError('closed', 'The store was closed')
    this.#cancelFlush?.()
    if (this.#committing || this.#pending.length > 0) await new Promise<void>((resolve) => { this.#idle = resolve })
    this.#feed.close()
    await this.#connection.close()
  }

  #write(operation: Operation, value: Uint8Array | undefined): Promise<number> {
    return new Promise((resolve, reject) => {
      if (this.#failure) return reject(this.#failure)
      this.#pending.push({ operation, value, resolve, reject })
      if (!this.#committing) this.#begin()
    })
  }

  /** A microtask later, so that what is written in one go is committed in one go. */
  #begin(): void {
    this.#committing = true
    queueMicrotask(() => void this.#commit())
  }

  async #commit(): Promise<void> {
    while (this.#pending.length > 0) {
      const batch = this.#pending.splice(0, batchLimit)
      try {
        const values = pack(batch.map(({ value }) => value))
        const reply = await this.#connection.ask<WriteReply>(
          { type: 'write', operations: batch.map(({ operation }) => operation), values, compactTo: this.#compactTo() }, [values.bytes.buffer])
        this.#acknowledge(batch, reply)
      } catch (error) {
        for (const { reject } of batch) reject(error)
      }
      // Those just acknowledged may write again at once: they belong into the next commit, not the one after.
      await new Promise<void>((resolve) => { setImmediate(resolve) })
    }
    this.#committing = false
    this.#idle?.()
  }

  /** Watchers see a commit before its writers hear of it. */
  #acknowledge(batch: readonly Pending[], { outcomes, previous, compacted, dirty }: WriteReply): void {
    this.#publish(changesOf(batch, outcomes, unpack(previous)))
    this.#compacted = compacted
    for (const [i, { operation, resolve, reject }] of batch.entries()) {
      const outcome = outcomes[i]!
      if ('revision' in outcome) resolve(outcome.revision)
      else reject(refusal(operation, outcome))
    }
    if (dirty) this.#flushLater(this.#options.lazyDelay ?? 1000)
    else this.#cancelFlush?.()
  }

  #publish(changes: readonly Change[]): void {
    if (changes.length === 0) return
    this.#revision = changes.at(-1)!.revision
    this.#marks = withMark(this.#marks, { revision: this.#revision, at: this.#options.clock.now() }, this.#options.compaction)
    for (const change of changes) this.#recent.push(change)
    if (this.#recent.length > recentLimit * 2) this.#recentFloor = this.#recent.splice(0, this.#recent.length - recentLimit).at(-1)!.revision
    this.#feed.publish(changes)
  }

  #compactTo(): number {
    const state = { revision: this.#revision, compacted: this.#compacted, marks: this.#marks, now: this.#options.clock.now() }
    return compactionTarget(state, this.#options.compaction ?? defaultPolicy)
  }

  /** The one timer: it runs only while something acknowledged is not on disk. */
  #flushLater(delay: number): void {
    if (this.#cancelFlush || this.#failure) return
    const cancel = this.#options.clock.after(delay, () => {
      this.#cancelFlush = undefined
      void this.#connection.ask({ type: 'flush' }).catch((error: Error) => {
        this.#options.log?.warn({ err: error }, 'flush of lazy writes failed; trying again')
        this.#flushLater(retryDelay)
      })
    }, { unref: true })
    this.#cancelFlush = () => {
      cancel()
      this.#cancelFlush = undefined
    }
  }

  #assertOpen(): void {
    if (this.#failure) throw this.#failure
  }
}

/** What the successful operations of a batch did. The values are the writers' own bytes, not copies. */
function changesOf(batch: readonly Pending[], outcomes: readonly Outcome[], previous: readonly (Uint8Array | undefined)[]): Change[] {
  const changes: Change[] = []
  for (const [i, { operation: { type, key }, value }] of batch.entries()) {
    const outcome = outcomes[i]!
    if ('revision' in outcome) changes.push({ type, key, revision: outcome.revision, value: value ?? previous[i]!, previous: previous[i] })
  }
  return changes
}

function refusal({ key, expected }: Operation, { refused, current }: Exclude<Outcome, { revision: number }>): StoreError {
  if (refused === 'exists') return existsError(key, current!)
  return refused === 'conflict' ? conflictError(key, expected, current!) : missingError(key)
}
