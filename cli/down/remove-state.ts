import { lstat, readdir, readlink, rm, rmdir, unlink } from 'node:fs/promises'
import { homedir } from 'node:os'
import { join } from 'node:path'
import type { Config } from '../config.ts'
import { removeOurs } from '../directories.ts'
import { paths } from '../layout.ts'

/** Everything that outlives `down`. The directories of logs are the machine's: of them only what is ours goes. */
export async function removeState(config: Config, home = homedir()): Promise<void> {
  const link = join(home, '.kube', 'config')
  const present = await lstat(link).catch(() => undefined)
  if (present?.isSymbolicLink() && (await readlink(link)) === paths(config).kubeconfig) await unlink(link)
  for (const name of await readdir(config.podLogsDir).catch(() => [])) {
    if (podLogs.test(name)) await rm(join(config.podLogsDir, name), { recursive: true, force: true })
  }
  await removeIfEmpty(config.podLogsDir)
  await removeOurs(config, 'dataDir')
  await removeOurs(config, 'logDir')
}

/** `<namespace>_<name>_<uid>` */
const podLogs = /^[a-z0-9-]+_[a-z0-9.-]+_[0-9a-f-]{32,36}$/

/** Links for log collectors: they lead to containers that are gone. */
export async function removeLogLinks({ containerLogsDir, podLogsDir }: Pick<Config, 'containerLogsDir' | 'podLogsDir'>): Promise<void> {
  if (containerLogsDir === null) return
  for (const name of await readdir(containerLogsDir).catch(() => [])) {
    const link = join(containerLogsDir, name)
    const target = await readlink(link).catch(() => undefined)
    if (target?.startsWith(`${podLogsDir}/`)) await unlink(link)
  }
  await removeIfEmpty(containerLogsDir)
}

const removeIfEmpty = (directory: string): Promise<void> => rmdir(directory).catch(() => undefined)
