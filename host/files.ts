import { chmodSync, constants, renameSync, rmSync, writeFileSync } from 'node:fs'
import { access, chmod, mkdir, open, readFile, rename, rm, stat, unlink, type FileHandle } from 'node:fs/promises'
import { dirname } from 'node:path'
import { systemClock, type Clock } from './clock.ts'
import { libc, LibcError, LOCK_EX, LOCK_NB, LOCK_UN } from './libc.ts'

export interface WriteOptions {
  /** Default 0600. */
  readonly mode?: number
  /**
   * Also survive a power cut (default), not just a killed process. Without it nothing goes to the disk yet, and the
   * write is done at once: four trips to the thread pool would take ten times as long.
   */
  readonly sync?: boolean
}

const isErrno = (error: unknown, ...codes: string[]): boolean =>
  error instanceof Error && codes.includes((error as NodeJS.ErrnoException).code ?? '')

/** Whether an operation failed because the file, or a directory on the way to it, is not there. */
export const isMissingFile = (error: unknown): boolean => isErrno(error, 'ENOENT', 'ENOTDIR')

/** Replaces the file in one step: readers see the old content or the new, never a part. The directory must exist. */
export const writeAtomic = async (path: string, data: string | Uint8Array, { mode = 0o600, sync = true }: WriteOptions = {}): Promise<void> => {
  if (!sync) return writeAtomicNow(path, data, mode)
  const { file, name } = await openTemporary(path, mode)
  try {
    try {
      if (mode & 0o077) await file.chmod(mode) // the umask has no say in what others may
      await file.writeFile(data)
      await file.sync()
    } finally {
      await file.close()
    }
    await rename(name, path)
  } catch (error) {
    await rm(name, { force: true })
    throw namingFile(error, path)
  }
  await syncDirectory(dirname(path))
}

const writeAtomicNow = (path: string, data: string | Uint8Array, mode: number): void => {
  const name = `${path}.${process.pid}.tmp` // Ours alone, since nothing else happens between these lines.
  try {
    writeFileSync(name, data, { mode })
    if (mode & 0o077) chmodSync(name, mode)
    renameSync(name, path)
  } catch (error) {
    rmSync(name, { force: true })
    throw namingFile(error, path)
  }
}

/** A full disk shows in a `write`, whose error knows no path. */
const namingFile = (error: unknown, path: string): unknown => {
  if (error instanceof Error && !('path' in error)) error.message = `Cannot write ${path}: ${error.message}`
  return error
}

/** The name carries our pid and a number that is free; `O_EXCL` decides who has it. */
const openTemporary = async (path: string, mode: number): Promise<{ file: FileHandle; name: string }> => {
  for (let n = 0; ; n++) {
    const name = `${path}.${process.pid}-${n}.tmp`
    try {
      return { file: await open(name, 'wx', mode), name }
    } catch (error) {
      if (!isErrno(error, 'EEXIST')) throw error
    }
  }
}

const syncDirectory = async (path: string): Promise<void> => {
  const directory = await open(path, constants.O_RDONLY | constants.O_DIRECTORY)
  try {
    await directory.sync()
  } finally {
    await directory.close()
  }
}

/** Writes only when the content differs; true when it wrote. */
export const writeIfChanged = async (path: string, data: string, options: WriteOptions = {}): Promise<boolean> => {
  if (await readIfExists(path) === data) return false
  await writeAtomic(path, data, options)
  return true
}

/** Makes the directory and its parents; an existing one gets exactly this mode (default 0700). */
export const ensureDir = async (path: string, mode = 0o700): Promise<void> => {
  await mkdir(path, { recursive: true, mode })
  await chmod(path, mode)
}

/** The text, or `undefined` when there is no such file. */
export const readIfExists = async (path: string): Promise<string | undefined> => {
  try {
    return await readFile(path, 'utf8')
  } catch (error) {
    if (isMissingFile(error)) return undefined
    throw error
  }
}

/** Differs after every `writeAtomic`, by whomever; `undefined`: no such file. */
export const fileIdentity = (path: string): Promise<string | undefined> =>
  stat(path, { bigint: true }).then(({ ino, mtimeNs, size }) => `${ino}-${mtimeNs}-${size}`, error => {
    if (isMissingFile(error)) return undefined
    throw error
  })

/** Whether there is anything at that path. */
export const exists = (path: string): Promise<boolean> => access(path).then(() => true, () => false)

/** False when there was nothing to remove. */
export const removeIfExists = async (path: string): Promise<boolean> => {
  try {
    await unlink(path)
    return true
  } catch (error) {
    if (isMissingFile(error)) return false
    throw error
  }
}

/** A lock held; releasing it twice does no harm. */
export interface Lock { release(): Promise<void> }

/** A lock file kept open, for those who lock it often: without a wait it costs two system calls. */
export interface OpenLock {
  /** Runs `work` with the lock held. One call at a time: it does not exclude other calls on the same `OpenLock`. */
  hold<T>(work: () => Promise<T>): Promise<T>
  close(): Promise<void>
}

export const openLock = async (path: string, { clock = systemClock }: { clock?: Clock } = {}): Promise<OpenLock> => {
  const file = await open(path, 'a', 0o600)
  return {
    async hold(work) {
      for (let pause = 1; !tryLock(file.fd); pause = Math.min(pause * 2, 50)) await clock.sleep(pause)
      try {
        return await work()
      } finally {
        libc().flock(file.fd, LOCK_UN)
      }
    },
    close: () => file.close(),
  }
}

export interface LockOptions {
  /** How long to wait for another holder; 0 asks once. Default: for ever. */
  readonly waitMs?: number
  readonly clock?: Clock
}

/**
 * An exclusive `flock` on the file (made when absent, left in place): the kernel drops it with its holder, so a killed
 * process leaves no stale lock. Two calls in one process exclude each other too. `undefined` when the wait was in vain.
 */
export const lockFile = async (path: string, { waitMs = Infinity, clock = systemClock }: LockOptions = {}): Promise<Lock | undefined> => {
  let file: FileHandle | undefined = await open(path, 'a', 0o600)
  const release = async () => {
    const held = file
    file = undefined
    await held?.close()
  }
  const deadline = clock.now() + waitMs
  try {
    for (let pause = 1; !tryLock(file.fd); pause = Math.min(pause * 2, 50)) {
      if (clock.now() >= deadline) return await release(), undefined
      await clock.sleep(pause)
    }
    return { release }
  } catch (error) {
    await release()
    throw error
  }
}

const tryLock = (fd: number): boolean => {
  try {
    libc().flock(fd, LOCK_EX | LOCK_NB)
    return true
  } catch (error) {
    if (error instanceof LibcError && error.code === 'EAGAIN') return false
    throw error
  }
}

/** The same, as a value to hand to a room that knows `host` only by its types. */
export const files = Object.freeze({ writeAtomic, writeIfChanged, ensureDir, readIfExists, removeIfExists, exists, fileIdentity, lockFile, openLock })
export type Files = typeof files
