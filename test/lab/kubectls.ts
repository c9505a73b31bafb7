import { existsSync, readdirSync, realpathSync } from 'node:fs'
import { dirname, join } from 'node:path'

export interface Kubectl { readonly binary: string; readonly version: string }

/**
 * The stock kubectls to test with: the distribution's oldest (which `k8ts test` unpacks and names in KUBECTL_OLDEST)
 * and the newest this machine has, on the PATH or beside the one that is.
 */
export function kubectls(): Kubectl[] {
  const oldest = process.env.KUBECTL_OLDEST
  const onPath = (process.env.PATH ?? '').split(':').map((dir) => join(dir, 'kubectl')).find((file) => existsSync(file))
  const found: Kubectl[] = []
  if (oldest && existsSync(oldest)) found.push({ binary: oldest, version: 'oldest' })
  if (onPath) {
    const directory = dirname(realpathSync(onPath))
    const numbered = readdirSync(directory).filter((name) => /^kubectl\.\d+\.\d+$/.test(name)).sort((a, b) => minor(b) - minor(a))
    found.push(numbered[0] ? { binary: join(directory, numbered[0]), version: 'newest' } : { binary: onPath, version: 'newest' })
  }
  return found
}

const minor = (name: string): number => Number(name.split('.')[2])
