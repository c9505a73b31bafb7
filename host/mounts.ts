import { readFile } from 'node:fs/promises'
import type { Exec } from './exec.ts'

/** A line of `/proc/self/mountinfo`, as far as it matters here. */
export interface MountPoint { readonly path: string; readonly type: string; readonly shared: boolean }

/** The kernel writes blanks and backslashes in octal. */
const unescape = (text: string): string => text.replace(/\\([0-7]{3})/g, (_, octal: string) => String.fromCharCode(Number.parseInt(octal, 8)))

export function parseMountInfo(text: string): MountPoint[] {
  return text.split('\n').filter(Boolean).map((line) => {
    const [before, after] = line.split(' - ') as [string, string]
    const fields = before.split(' ')
    return { path: unescape(fields[4]!), type: after.split(' ')[0]!, shared: fields.slice(6).some((field) => field.startsWith('shared:')) }
  })
}

const mountPoints = async (): Promise<MountPoint[]> => parseMountInfo(await readFile('/proc/self/mountinfo', 'utf8'))

/** Mounting and unmounting over the machine's own tools. */
export const createMounts = ({ exec }: { exec: Exec }) => ({
  /** A file system in memory. An existing mount at `path` stays. */
  async tmpfs(path: string, { sizeBytes, mode = 0o777 }: { readonly sizeBytes?: number; readonly mode?: number }): Promise<void> {
    if ((await mountPoints()).some((mount) => mount.path === path)) return
    const options = [`mode=${mode.toString(8)}`, ...(sizeBytes ? [`size=${sizeBytes}`] : [])]
    await exec.run('mount', ['-t', 'tmpfs', '-o', options.join(','), 'tmpfs', path])
  },
  /** Everything mounted at or below `path`, the deepest first. */
  async unmountBelow(path: string): Promise<void> {
    const below = (await mountPoints()).map((mount) => mount.path).filter((mount) => mount === path || mount.startsWith(`${path}/`))
    // Lazily: a container that is just ending may still hold it.
    for (const mount of below.sort((a, b) => b.length - a.length)) await exec.run('umount', ['-l', mount], { okCodes: [0, 32] })
  },
  /** Makes the mount that holds `path` shared, without which nothing mounted in a container is seen outside. */
  async makeShared(path: string): Promise<void> {
    const mounts = await mountPoints()
    const holder = mounts.filter((mount) => path === mount.path || path.startsWith(mount.path === '/' ? '/' : `${mount.path}/`)).sort((a, b) => b.path.length - a.path.length)[0]
    if (holder && !holder.shared) await exec.run('mount', ['--make-rshared', holder.path])
  },
})
