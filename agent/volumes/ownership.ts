import type { Files } from '../machine.ts'

/** Gives a tree to a group: members read and write, new files inherit the group. */
export async function ownTree(files: Files, path: string, gid: number): Promise<void> {
  const info = await files.stat(path)
  if (!info) return
  await files.chown(path, -1, gid)
  const isDirectory = info.type === 'directory'
  await files.chmod(path, (info.mode & 0o7777) | (isDirectory ? 0o2770 : 0o660))
  if (!isDirectory) return
  for (const name of await files.list(path)) await ownTree(files, `${path}/${name}`, gid)
}
