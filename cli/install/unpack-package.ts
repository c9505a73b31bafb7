import { chmod, mkdir, rename, rm } from 'node:fs/promises'
import type { Exec } from '../../host/exec.ts'

export interface Unpacking {
  /** A package of the distribution. */
  readonly name: string
  /** Appears whole, or not at all. */
  readonly directory: string
  /** Works on what was unpacked before it appears. */
  readonly prepare?: (incoming: string) => Promise<void>
}

/** Fetches a package with apt and unpacks it somewhere of its own, without installing it. */
export async function unpackPackage(exec: Exec, { name, directory, prepare }: Unpacking): Promise<void> {
  const incoming = `${directory}.incoming-${process.pid}`
  try {
    await mkdir(incoming, { recursive: true })
    // apt fetches as a user of its own, who must be able to write here.
    await chmod(incoming, 0o777)
    const download = () => exec.run('apt-get', ['download', '-qq', name], { cwd: incoming, timeoutMs: 300_000 })
    await download().catch(async () => {
      await exec.run('apt-get', ['update', '-qq'], { timeoutMs: 300_000 })
      await download()
    })
    await exec.run('sh', ['-ec', 'dpkg -x ./*.deb .; rm ./*.deb; chmod 755 .'], { cwd: incoming })
    await prepare?.(incoming)
    await rename(incoming, directory).catch(async (error: unknown) => {
      // Somebody else was quicker, and has the same.
      if (!(error instanceof Error && 'code' in error && (error.code === 'ENOTEMPTY' || error.code === 'EEXIST'))) throw error
    })
  } finally {
    await rm(incoming, { recursive: true, force: true })
  }
}
