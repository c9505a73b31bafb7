import type { Files } from '../machine.ts'
import { VolumeError } from './payload.ts'

/** Checks (and for the `…OrCreate` types makes) what a hostPath volume points at. */
export async function prepareHostPath(files: Files, path: string, type: string): Promise<void> {
  if (type === '') return
  if (type === 'DirectoryOrCreate' && !await files.stat(path)) await files.mkdir(path, 0o755)
  if (type === 'FileOrCreate' && !await files.stat(path)) await files.write(path, '', 0o644)
  const wanted = words[type]
  if (!wanted) throw new VolumeError(`${type} is an invalid volume type`)
  const found = await files.stat(path)
  if (found?.type !== wanted.type) throw new VolumeError(`hostPath type check failed: ${path} is not a ${wanted.word}`)
}

const words: Readonly<Record<string, { readonly type: string; readonly word: string }>> = {
  Directory: { type: 'directory', word: 'directory' },
  DirectoryOrCreate: { type: 'directory', word: 'directory' },
  File: { type: 'file', word: 'file' },
  FileOrCreate: { type: 'file', word: 'file' },
  Socket: { type: 'socket', word: 'socket file' },
  CharDevice: { type: 'charDevice', word: 'character device' },
  BlockDevice: { type: 'blockDevice', word: 'block device' },
}
