import { lstat, readlink, symlink } from 'node:fs/promises'
import { homedir } from 'node:os'
import { dirname, join } from 'node:path'
import { ensureDir, exists } from '../../host/files.ts'

/** Makes plain `kubectl` work where nothing else is set up; an existing ~/.kube/config is never touched. True when it leads to ours. */
export async function linkKubeconfig(target: string, home = homedir()): Promise<boolean> {
  const link = join(home, '.kube', 'config')
  const present = await lstat(link).catch(() => undefined)
  if (present) return present.isSymbolicLink() && (await readlink(link)) === target
  if (!(await exists(dirname(link)))) await ensureDir(dirname(link), 0o755)
  await symlink(target, link)
  return true
}
