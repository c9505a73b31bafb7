import { readdir, rm, rmdir } from 'node:fs/promises'
import { isAbsolute, join } from 'node:path'
import { ensureDir, isMissingFile } from '../host/files.ts'
import type { Layout } from './layout.ts'

/** Everything that may lie in our directories. What is not named here is somebody else's, and neither closed off nor removed. */
const ours: Readonly<Record<keyof Layout, RegExp>> = {
  dataDir: /^(config\.json|pki|store|admin\.kubeconfig|containerd\.toml|containerd|cni|agent|nodes)(\.[\d-]+\.tmp)?$/,
  runDir: /^(pids|containerd|containerd\.sock(\.ttrpc)?|cni\.sock|up\.lock|nodes)$/,
  logDir: /^((server|agent|containerd)\.log|nodes$)/,
}
const parts = Object.keys(ours) as (keyof Layout)[]
/** Every file system has it at its root. */
const harmless = 'lost+found'

/** Makes the directories, for root alone. Refuses one that is in use for something else: it would be closed to its users, and emptied at the end. */
export async function ensureDirectories(layout: Layout): Promise<void> {
  for (const part of parts) {
    const directory = layout[part]
    const strangers = (await entries(directory)).filter((name) => !ours[part].test(name) && name !== harmless)
    if (!isAbsolute(directory) || strangers.length) throw new Error(`Cannot keep a cluster in ${directory}: it has other things in it (${strangers.slice(0, 3).join(', ')}); name an empty directory or one that is not there yet`)
  }
  for (const part of parts) {
    await ensureDir(layout[part]).catch((error: unknown) => {
      throw new Error(`Cannot make the directory ${layout[part]}: ${error instanceof Error ? error.message : String(error)}`)
    })
  }
}

/** Removes what is ours in one of the directories, and the directory when nothing else is in it. */
export async function removeOurs(layout: Layout, part: keyof Layout, keep?: RegExp): Promise<void> {
  const directory = layout[part]
  for (const name of await entries(directory)) {
    if (ours[part].test(name) && !keep?.test(name)) await rm(join(directory, name), { recursive: true, force: true })
  }
  await rmdir(directory).catch(() => undefined) // somebody else's files, or a mount point
}

const entries = (directory: string): Promise<string[]> => readdir(directory).catch((error: NodeJS.ErrnoException) => {
  if (isMissingFile(error)) return []
  throw new Error(`Cannot look into ${directory}: ${error.message}`)
})
