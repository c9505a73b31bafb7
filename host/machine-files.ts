import { watch as watchFile } from 'node:fs'
import { chmod, lchown, lstat, mkdir, open, readdir, readlink, realpath, rename, rm, stat, symlink, writeFile } from 'node:fs/promises'
import { isMissingFile } from './files.ts'

/** The file system as volumes and logs need it. */
export const machineFiles = Object.freeze({
  async mkdir(path: string, mode = 0o755): Promise<void> { await mkdir(path, { recursive: true, mode }) },
  write: (path: string, data: Uint8Array | string, mode = 0o644): Promise<void> => writeFile(path, data, { mode }),
  async read(path: string, offset = 0, length = Infinity): Promise<Buffer> {
    const file = await open(path, 'r')
    try {
      const parts: Buffer[] = []
      let left = length
      for (let at = offset; left > 0;) {
        const part = Buffer.allocUnsafe(Math.min(left, 64 * 1024))
        const { bytesRead } = await file.read(part, 0, part.length, at)
        if (bytesRead === 0) break
        parts.push(part.subarray(0, bytesRead))
        at += bytesRead
        left -= bytesRead
      }
      return parts.length === 1 ? parts[0]! : Buffer.concat(parts)
    } finally {
      await file.close()
    }
  },
  rename, symlink, realpath, readlink, chmod,
  async remove(path: string): Promise<void> { await rm(path, { recursive: true, force: true }) },
  list: (path: string): Promise<string[]> => readdir(path).catch((error: unknown) => { if (isMissingFile(error)) return []; throw error }),
  async stat(path: string) {
    const info = await stat(path).catch((error: unknown) => { if (isMissingFile(error)) return undefined; throw error })
    if (!info) return undefined
    const type = info.isFile() ? 'file' : info.isDirectory() ? 'directory' : info.isSocket() ? 'socket' : info.isBlockDevice() ? 'blockDevice' : info.isCharacterDevice() ? 'charDevice' : 'other'
    return { type, size: info.size, mode: info.mode & 0o7777, inode: info.ino } as const
  },
  async chown(path: string, uid: number, gid: number): Promise<void> {
    const info = await lstat(path)
    await lchown(path, uid < 0 ? info.uid : uid, gid < 0 ? info.gid : gid)
  },
  watch(path: string, changed: () => void): () => void {
    const watcher = watchFile(path, { persistent: false }, changed)
    watcher.on('error', changed)
    return () => watcher.close()
  },
})
