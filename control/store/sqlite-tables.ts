import type { DatabaseSync, StatementSync } from 'node:sqlite'
import type { Change, StoredRecord } from './log.ts'
import { prefixEnd } from './sorted-map.ts'

/**
 * `log` is append-only, its row id is the revision. `live` says which row is a key's newest, so that get and list need not
 * look through history. Lazily written keys keep no history: a new row takes the old one's place.
 */
const schema = `
  CREATE TABLE IF NOT EXISTS log (
    revision INTEGER PRIMARY KEY, key TEXT NOT NULL, created INTEGER NOT NULL, previous INTEGER NOT NULL, deleted INTEGER NOT NULL, value BLOB NOT NULL
  ) STRICT;
  CREATE INDEX IF NOT EXISTS log_key ON log (key, revision);
  CREATE TABLE IF NOT EXISTS live (key TEXT PRIMARY KEY, revision INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE TABLE IF NOT EXISTS meta (name TEXT PRIMARY KEY, value INTEGER NOT NULL) STRICT, WITHOUT ROWID;
`
export const formatVersion = 1

export interface Row extends StoredRecord { readonly value: Uint8Array }
export interface ChangeRow extends Change { readonly value: Uint8Array }

const none = new Uint8Array()

/** The statements of the store, one method each. Transactions are the caller's. */
export class Tables {
  readonly #database: DatabaseSync
  readonly #statements = new Map<string, StatementSync>()

  constructor(database: DatabaseSync) {
    this.#database = database
    database.exec(schema)
  }

  get(key: string): Row | undefined {
    return this.#sql('SELECT key, log.revision, created, value FROM live JOIN log USING (key, revision) WHERE key = ?').get(key) as Row | undefined
  }

  append({ key, value, revision, created }: Row, previous: number): void {
    this.#sql('INSERT INTO log (revision, key, created, previous, deleted, value) VALUES (?, ?, ?, ?, 0, ?)').run(revision, key, created, previous, value)
    this.#sql('INSERT INTO live (key, revision) VALUES (?, ?) ON CONFLICT (key) DO UPDATE SET revision = excluded.revision').run(key, revision)
  }

  bury({ key, created, revision: previous }: Row, revision: number): void {
    this.#sql('INSERT INTO log (revision, key, created, previous, deleted, value) VALUES (?, ?, ?, ?, 1, ?)').run(revision, key, created, previous, none)
    this.#sql('DELETE FROM live WHERE key = ?').run(key)
  }

  /** Removes the key's newest row without a trace. */
  forget(key: string): void {
    this.#sql('DELETE FROM log WHERE revision = (SELECT revision FROM live WHERE key = ?)').run(key)
    this.#sql('DELETE FROM live WHERE key = ?').run(key)
  }

  list(prefix: string, after: string, limit = -1): Row[] {
    return this.#sql('SELECT key, log.revision, created, value FROM live JOIN log USING (key, revision) WHERE key >= ? AND key < ? ORDER BY key LIMIT ?')
      .all(firstKey(prefix, after), prefixEnd(prefix), limit) as unknown as Row[]
  }

  count(prefix: string, after: string): number {
    return this.#number('SELECT count(*) AS value FROM live WHERE key >= ? AND key < ?', firstKey(prefix, after), prefixEnd(prefix))
  }

  listPast(prefix: string, after: string, revision: number, limit = -1): Row[] {
    return this.#sql(`SELECT newest.key, log.revision, created, value FROM (${newestUntil}) AS newest JOIN log ON log.revision = newest.revision WHERE NOT deleted ORDER BY newest.key LIMIT ?`)
      .all(firstKey(prefix, after), prefixEnd(prefix), revision, limit) as unknown as Row[]
  }

  countPast(prefix: string, after: string, revision: number): number {
    return this.#number(`SELECT count(*) AS value FROM (${newestUntil}) AS newest JOIN log ON log.revision = newest.revision WHERE NOT deleted`,
      firstKey(prefix, after), prefixEnd(prefix), revision)
  }

  /** The plus keeps SQLite on the row id, which is the order wanted. */
  changes(prefix: string, after: number): ChangeRow[] {
    const rows = this.#sql(`SELECT log.key, log.revision, log.deleted, log.value, before.value AS previous
      FROM log LEFT JOIN log AS before ON before.revision = log.previous WHERE log.revision > ? AND +log.key >= ? AND +log.key < ? ORDER BY log.revision`)
      .all(after, prefix, prefixEnd(prefix)) as unknown as { key: string; revision: number; deleted: number; value: Uint8Array; previous: Uint8Array | null }[]
    return rows.map(({ key, revision, deleted, value, previous }) => ({
      type: deleted ? 'delete' : previous ? 'update' : 'create', key, revision, value: deleted ? previous! : value, previous: previous ?? undefined,
    }))
  }

  /** Drops what nobody at or after `to` can see: rows replaced in (`from`, `to`], and the deletions themselves. */
  compact(from: number, to: number): void {
    this.#sql('DELETE FROM log WHERE revision IN (SELECT previous FROM log WHERE revision > ? AND revision <= ?)').run(from, to)
    this.#sql('DELETE FROM log WHERE revision > ? AND revision <= ? AND deleted').run(from, to)
    this.setMeta('compacted', to)
  }

  newestRevision(): number { return this.#number('SELECT coalesce(max(revision), 0) AS value FROM log') }

  meta(name: string): number { return this.#number('SELECT coalesce((SELECT value FROM meta WHERE name = ?), 0) AS value', name) }
  metaNames(prefix: string): string[] {
    return (this.#sql('SELECT name FROM meta WHERE name >= ? AND name < ?').all(prefix, prefixEnd(prefix)) as { name: string }[]).map(({ name }) => name)
  }
  setMeta(name: string, value: number): void {
    this.#sql('INSERT INTO meta (name, value) VALUES (?, ?) ON CONFLICT (name) DO UPDATE SET value = excluded.value').run(name, value)
  }

  #number(sql: string, ...values: (string | number)[]): number {
    return (this.#sql(sql).get(...values) as { value: number }).value
  }

  #sql(text: string): StatementSync {
    let statement = this.#statements.get(text)
    if (!statement) this.#statements.set(text, statement = this.#database.prepare(text))
    return statement
  }
}

const newestUntil = 'SELECT key, max(revision) AS revision FROM log WHERE key >= ? AND key < ? AND revision <= ? GROUP BY key'
const firstKey = (prefix: string, after: string): string => (after >= prefix ? `${after}\0` : prefix)
