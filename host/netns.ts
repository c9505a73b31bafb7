import { closeSync, openSync, statfsSync, statSync } from 'node:fs'
import { open, readdir, rm } from 'node:fs/promises'
import { join } from 'node:path'
import { ExecError, type Exec } from './exec.ts'
import { isMissingFile } from './files.ts'
import { CLONE_NEWNET, libc, LibcError } from './libc.ts'

/** Network namespaces kept alive by a bind mount, as `ip netns` and every container runtime keep theirs. */
export interface NetworkNamespaces {
  /** Makes one under a name (`/run/netns/<name>`) and gives its path; fails when the name is taken. */
  create(name: string): Promise<string>
  /** Makes one at any path. */
  createAt(path: string): Promise<void>
  /** Takes it away; false when there was none. What still runs inside keeps it alive until it ends. */
  delete(nameOrPath: string): Promise<boolean>
  list(): Promise<string[]>
}

export const netnsDirectory = '/run/netns'

export const netnsPath = (nameOrPath: string): string => nameOrPath.startsWith('/') ? nameOrPath : join(netnsDirectory, nameOrPath)

export const createNetworkNamespaces = ({ exec }: { exec: Exec }): NetworkNamespaces => ({
  async create(name) {
    await exec.run('ip', ['netns', 'add', name])
    return netnsPath(name)
  },
  async createAt(path) {
    await (await open(path, 'wx', 0o400)).close()
    await exec.run('unshare', [`--net=${path}`, 'true'])
  },
  async delete(nameOrPath) {
    const path = netnsPath(nameOrPath)
    const unmounted = await exec.run('umount', ['--lazy', path]).then(() => true, error => {
      if (error instanceof ExecError && error.reason === 'failed') return false // absent, or a file that is no mount
      throw error
    })
    await rm(path, { force: true })
    return unmounted
  },
  async list() {
    return readdir(netnsDirectory).then(names => names.sort(), error => {
      if (isMissingFile(error)) return []
      throw error
    })
  },
})

/** `absent`: no such file. `none`: a file, but no namespace. `own`: the one we are in ourselves. */
export type NetnsKind = 'absent' | 'none' | 'own' | 'foreign'

const NSFS_MAGIC = 0x6e736673
const PROC_MAGIC = 0x9fa0

/** What a path to a network namespace leads to. */
export const inspectNetns = async (path: string): Promise<NetnsKind> => {
  try {
    // At once: a namespace is no disk, and the answer is there before a thread of the pool has woken up.
    const [there, system, here] = [statSync(path), statfsSync(path), statSync('/proc/thread-self/ns/net')]
    if (system.type !== NSFS_MAGIC && system.type !== PROC_MAGIC) return 'none'
    if (there.dev !== here.dev) return 'none'
    if (there.ino === here.ino) return 'own'
    return isEnterable(path) ? 'foreign' : 'none'
  } catch (error) {
    if (isMissingFile(error)) return 'absent'
    throw error
  }
}

/** All kinds of namespaces look alike; only the kernel tells a network one, by letting us in. */
const isEnterable = (path: string): boolean => {
  try {
    return insideNetns(path, () => true)
  } catch (error) {
    return !(error instanceof LibcError) // without koffi nobody can tell
  }
}

/**
 * An `Exec` whose commands run inside the namespace. Only the network changes: unlike `ip netns exec` the mount
 * namespace stays ours, so mounts made there are seen here (container runtimes need that).
 */
export const inNetns = (exec: Exec, path: string): Exec => ({
  run: (command, args = [], options) => exec.run('nsenter', [`--net=${path}`, '--', command, ...args], options),
  spawn: (command, args = [], options) => exec.spawn('nsenter', [`--net=${path}`, '--', command, ...args], options),
})

/**
 * Runs `work` with the main thread inside the namespace. It must be synchronous from first to last: an `await` would
 * go on in whatever namespace the thread is in by then, and threads of the pool never come along. A socket opened
 * inside by a system call stays inside; one made by `net.connect` or `listen` does not (they work later).
 */
export const insideNetns = <T>(path: string, work: () => T): T => {
  const target = openSync(path, 'r')
  const home = openSync('/proc/thread-self/ns/net', 'r')
  try {
    libc().setns(target, CLONE_NEWNET)
    try {
      return work()
    } finally {
      libc().setns(home, CLONE_NEWNET)
    }
  } finally {
    closeSync(home)
    closeSync(target)
  }
}
