import { existsSync } from 'node:fs'
import { createExec, type Exec } from '../exec.ts'
import { createNetworkNamespaces, inNetns } from '../netns.ts'

/** A network namespace of one test. */
export interface TestNamespace {
  readonly name: string
  readonly path: string
  /** Runs commands inside. */
  readonly exec: Exec
  /** Runs a shell script inside and gives its output. */
  sh(script: string): Promise<string>
}

export interface TestNamespaces {
  create(name: string): Promise<TestNamespace>
  /** All of them gone. */
  close(): Promise<void>
}

/** Namespaces named after this process, so that tests side by side never meet and leftovers tell whose they were. */
export const createTestNamespaces = (prefix: string): TestNamespaces => {
  const exec = createExec()
  const namespaces = createNetworkNamespaces({ exec })
  const made: string[] = []
  return {
    async create(short) {
      const name = `k8ts-${prefix}-${process.pid}-${short}`
      const path = await namespaces.create(name)
      made.push(name)
      const inside = inNetns(exec, path)
      await inside.run('ip', ['link', 'set', 'lo', 'up'])
      return { name, path, exec: inside, sh: async script => (await inside.run('sh', ['-ec', script])).stdout }
    },
    async close() {
      await Promise.all(made.splice(0).map(name => namespaces.delete(name)))
    },
  }
}

/**
 * Takes away what tests of this prefix left whose process is gone (killed, or interrupted twice): the processes in their
 * namespaces, and the namespaces. Others' are not touched.
 */
export const reapTestNamespaces = (prefix: string): Promise<string[]> => removeNamespacesOf((name) => {
  const pid = new RegExp(`^k8ts-${prefix}-(\\d+)-`).exec(name)?.[1]
  return pid !== undefined && !existsSync(`/proc/${pid}`)
})

/** Takes away the namespaces whose names are meant, with the processes in them; their names. */
export const removeNamespacesOf = async (isMeant: (name: string) => boolean): Promise<string[]> => {
  const exec = createExec()
  const namespaces = createNetworkNamespaces({ exec })
  const meant = (await namespaces.list()).filter(isMeant)
  for (const name of meant) {
    const { stdout } = await exec.run('ip', ['netns', 'pids', name], { okCodes: [0, 1] })
    for (const pid of stdout.split('\n').filter(Boolean)) {
      try {
        process.kill(Number(pid), 'SIGKILL')
      } catch {
        // It ended by itself.
      }
    }
    await namespaces.delete(name)
  }
  return meant
}

/** Why tests with namespaces cannot run here; to be given as the reason of the skip. */
export const namespacesUnavailable = (): string | undefined =>
  process.getuid?.() !== 0 ? 'needs root for network namespaces' : undefined
