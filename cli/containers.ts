import { readdir, readFile } from 'node:fs/promises'
import { kill } from 'node:process'
import { criRuntime } from '../agent/runtime/cri.ts'
import type { Runtime } from '../agent/runtime/runtime.ts'

/** Seconds a container may take to end by itself: whoever calls `down` waits at the terminal. */
const grace = 2

/**
 * Removes every pod of our containerd through the runtime, so that nothing of it is left. What refuses is told and left
 * to `endLeftovers`; a runtime that does not answer has nothing to remove.
 */
export async function removeContainers(socket: string): Promise<string> {
  const runtime = criRuntime(socket)
  try {
    const answers = await runtime.version().then(() => true, () => false)
    if (!answers) return 'the container runtime is not running'
    const sandboxes = await runtime.listPodSandbox()
    const outcomes = await Promise.allSettled(sandboxes.map(({ id }) => removePod(runtime, id)))
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
    return `${sandboxes.length} pods${refused.length ? `, ${refused.length} by force: ${refused[0]!.reason}` : ''}`
  } finally {
    runtime.close()
  }
}

async function removePod(runtime: Runtime, sandbox: string): Promise<void> {
  const containers = await runtime.listContainers({ podSandboxId: sandbox })
  await Promise.all(containers.map(({ id }) => runtime.stopContainer(id, grace)))
  await runtime.stopPodSandbox(sandbox)
  await runtime.removePodSandbox(sandbox)
}

/** Ends the shims that belong to our containerd (they outlive it) and the containers below them. */
export async function endLeftovers(socket: string): Promise<void> {
  const processes = await processTable()
  const shims = processes.filter(({ command }) => /containerd-shim/.test(command[0] ?? '') && command.includes(socket))
  for (const shim of shims) {
    for (const child of processes.filter(({ parent }) => parent === shim.pid)) end(child.pid)
    end(shim.pid)
  }
}

interface Process { readonly pid: number; readonly parent: number; readonly command: readonly string[] }

async function processTable(): Promise<Process[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name))
  const found = await Promise.all(pids.map(async (pid) => {
    try {
      const [stat, command] = await Promise.all([readFile(`/proc/${pid}/stat`, 'utf8'), readFile(`/proc/${pid}/cmdline`, 'utf8')])
      return { pid: Number(pid), parent: Number(stat.slice(stat.lastIndexOf(')') + 4).split(' ')[0]), command: command.split('\0') }
    } catch {
      return undefined // it ended while we looked
    }
  }))
  return found.filter((process) => process !== undefined)
}

function end(pid: number): void {
  try {
    kill(pid, 'SIGKILL')
  } catch {
    // It is gone already.
  }
}
