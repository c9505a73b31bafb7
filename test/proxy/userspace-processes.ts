import { createInterface } from 'node:readline'
import { fileURLToPath } from 'node:url'
import type { Exec, Spawned } from '../../host/exec.ts'
import type { Backend, BackendOptions } from '../../proxy/backend.ts'

/** Which backend leads packets to the listeners. */
export type InnerMode = 'nftables' | 'iptables'

/**
 * Userspace backends in processes of their own, one in each node's namespace, seen as backends from here. A second one for
 * the same node kills the first, as a crash would.
 */
export function createUserspaceProcesses() {
  const running = new Map<string, Promise<BackendProcess>>()
  const end = async (process: Promise<BackendProcess> | undefined) => (await process?.catch(() => undefined))?.kill()

  return {
    backend({ exec, netns }: { readonly exec: Exec; readonly netns: string }, inner: InnerMode, options: BackendOptions): Backend {
      const old = running.get(netns)
      const process = end(old).then(() => startProcess(exec, inner, options))
      process.catch(() => {}) // told to whoever calls
      running.set(netns, process)
      const call = async <T>(request: object): Promise<T> => (await running.get(netns)!).call(request) as Promise<T>
      return {
        name: 'userspace',
        supported: async () => (await call<string | null>({ call: 'supported' })) ?? undefined,
        apply: (table) => call({ call: 'apply', table }),
        intact: () => call({ call: 'intact' }),
        cleanup: () => call({ call: 'cleanup' }),
      }
    },
    /** Ends them all; rules stay. */
    async close(): Promise<void> {
      await Promise.all([...running.values()].map(end))
      running.clear()
    },
  }
}

interface BackendProcess {
  call(request: object): Promise<unknown>
  kill(): Promise<void>
}

async function startProcess(exec: Exec, inner: InnerMode, options: BackendOptions): Promise<BackendProcess> {
  const spawned: Spawned = await exec.spawn(process.execPath, [fileURLToPath(new URL('userspace-node.ts', import.meta.url)), inner, JSON.stringify(options)])
  spawned.stderr!.pipe(process.stderr)
  const answers = createInterface({ input: spawned.stdout! })[Symbol.asyncIterator]()
  const next = async (): Promise<unknown> => {
    const { value, done } = await answers.next()
    if (done) throw new Error('The userspace backend has ended')
    const answer = JSON.parse(value) as { value?: unknown; error?: string }
    if (answer.error !== undefined) throw new Error(answer.error)
    return answer.value
  }
  await next()
  let last: Promise<unknown> = Promise.resolve()
  return {
    call(request) {
      const mine = last.catch(() => {}).then(() => {
        spawned.stdin!.write(`${JSON.stringify(request)}\n`)
        return next()
      })
      last = mine
      return mine
    },
    async kill() {
      spawned.kill('SIGKILL')
      await spawned.exited
    },
  }
}
