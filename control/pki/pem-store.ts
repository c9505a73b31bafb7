import { join } from 'node:path'
import type * as hostFiles from '../../host/files.ts'

/** Where the PKI keeps its texts, by name. */
export interface PemStore {
  read(name: string): Promise<string | undefined>
  /** Replaces the text in one step. */
  write(name: string, text: string): Promise<void>
}

export type PemFiles = Pick<typeof hostFiles, 'ensureDir' | 'readIfExists' | 'writeAtomic'>

/** A directory (0700) of files (0600). */
export async function pemDirectory(directory: string, files: PemFiles): Promise<PemStore> {
  await files.ensureDir(directory)
  return {
    read: (name) => files.readIfExists(join(directory, name)),
    write: (name, text) => files.writeAtomic(join(directory, name), text, { mode: 0o600 }),
  }
}

/** For clusters that leave nothing behind. */
export function pemMemory(): PemStore {
  const texts = new Map<string, string>()
  return {
    read: async (name) => texts.get(name),
    async write(name, text) { texts.set(name, text) },
  }
}
