import { unlink } from 'node:fs/promises'
import { join } from 'node:path'
import { ensureDir, lockFile, type Lock } from '../host/files.ts'
import type { Layout } from './layout.ts'

/** Only one `up` or `down` at a time may work on a cluster. `last`: the lock file itself goes in the end. */
export async function alone<T>({ runDir }: Layout, { last = false }: { last?: boolean }, work: () => Promise<T>): Promise<T> {
  const path = join(runDir, 'up.lock')
  const lock = await lockFileThatStays(runDir, path)
  try {
    const result = await work()
    if (last) await unlink(path)
    return result
  } finally {
    await lock.release()
  }
}

/** A `down` that just ends takes the file away under those who have opened it but not locked it: theirs would exclude nobody. */
async function lockFileThatStays(runDir: string, path: string): Promise<Lock> {
  let held: Lock | undefined
  for (;;) {
    await ensureDir(runDir)
    const lock = await lockFile(path, { waitMs: 0 })
    if (!lock && held) return held // refused by ourselves: the one we have is the one at that path
    await held?.release()
    if (!lock) throw new Error('Another k8ts up or down is at work on this machine; wait for it to end')
    held = lock
  }
}
