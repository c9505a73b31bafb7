import { chmodSync, closeSync, mkdirSync, openSync } from 'node:fs'
import { dirname } from 'node:path'
import { DatabaseSync } from 'node:sqlite'
import { StoreError, type StoreReason } from './log.ts'
import { formatVersion } from './sqlite-tables.ts'

export interface FileOptions {
  readonly path: string
  /** The file grows no further; writes then fail with `full`. */
  readonly maxBytes: number | undefined
}

const pageSize = 4096
/** How long a predecessor that is just going may hold the file. */
const lockWait = 500

/**
 * Opens the file (made 0600 in a directory of 0700) for this process alone. The exclusive lock also spares the shared
 * memory file, and goes with the process however it dies.
 */
export function openFile({ path, maxBytes }: FileOptions): DatabaseSync {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  closeSync(openSync(path, 'a', 0o600))
  chmodSync(path, 0o600)
  const database = new DatabaseSync(path, { timeout: lockWait, enableForeignKeyConstraints: false })
  try {
    database.exec('PRAGMA locking_mode = EXCLUSIVE; PRAGMA journal_mode = WAL; PRAGMA synchronous = FULL')
    database.exec('PRAGMA cache_size = -8000; PRAGMA journal_size_limit = 16777216; BEGIN IMMEDIATE; COMMIT')
    if (maxBytes !== undefined) database.exec(`PRAGMA max_page_count = ${Math.max(1, Math.floor(maxBytes / pageSize))}`)
    assertSound(database, path)
    return database
  } catch (error) {
    database.close()
    throw error
  }
}

function assertSound(database: DatabaseSync, path: string): void {
  const [result] = database.prepare('PRAGMA quick_check(1)').all() as { quick_check: string }[]
  if (result?.quick_check !== 'ok') throw new StoreError('corrupt', corrupt(path, result?.quick_check ?? 'it cannot be checked'))
  const { user_version: version } = database.prepare('PRAGMA user_version').get() as { user_version: number }
  if (version > formatVersion) throw new StoreError('corrupt', `Cannot open the store ${path}: it is of format ${version}, made by a newer release; this one knows ${formatVersion}`)
  if (version === 0) database.exec(`PRAGMA user_version = ${formatVersion}`)
}

const corrupt = (path: string, detail: string) => `The store ${path} is damaged (${detail}): restore it from a backup, or move it away to begin anew`

/** What SQLite says, as a refusal of ours. */
export function storeErrorOf(error: unknown, path: string): { reason: StoreReason; message: string } {
  if (error instanceof StoreError) return error
  const { errcode = 0, message } = error as { errcode?: number; message: string }
  switch (errcode & 0xff) {
    case 5: return { reason: 'locked', message: `Cannot open the store ${path}: another process has it open; only one server may run on it` }
    case 11: case 26: return { reason: 'corrupt', message: corrupt(path, message) }
    case 13: return { reason: 'full', message: `Cannot write to the store ${path}: no space is left` }
    case 14: return { reason: 'failed', message: `Cannot open the store ${path}: ${message}` }
    default: return { reason: 'failed', message: `The store ${path} failed: ${message}` }
  }
}
