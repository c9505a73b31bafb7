import { criRuntime } from '../agent/runtime/cri.ts'
import type { Runtime } from '../agent/runtime/runtime.ts'
import { systemClock, type Clock } from '../host/clock.ts'
import { within } from './wait.ts'

/** Seconds a container may take to end by itself: whoever calls `down` waits at the terminal. */
const grace = 2
/** A runtime that hangs must not keep the cluster from ending. */
const patience = { answerMs: 5_000, removeMs: 30_000 }

/**
 * Removes every pod of our containerd through the runtime, so that nothing of it is left. What refuses, or takes too
 * long, is told and left to be ended by force; a runtime that does not answer has nothing to remove.
 */
export async function removeContainers(socket: string, clock: Clock = systemClock): Promise<string> {
  const runtime = criRuntime(socket)
  try {
    const answers = await within(patience.answerMs, clock, runtime.version()).then(() => true, () => false)
    if (!answers) return 'the container runtime does not answer: by force'
    const sandboxes = await within(patience.answerMs, clock, runtime.listPodSandbox())
    const outcomes = await Promise.allSettled(sandboxes.map(({ id }) => within(patience.removeMs, clock, removePod(runtime, id))))
    const refused = outcomes.filter((outcome) => outcome.status === 'rejected')
    return `${sandboxes.length} pods${refused.length ? `, ${refused.length} by force: ${refused[0]!.reason}` : ''}`
  } catch (error) {
    return `by force: ${error instanceof Error ? error.message : String(error)}`
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
