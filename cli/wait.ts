import type { Clock } from '../host/clock.ts'

/**
 * Asks again and again until the answer is there; for things outside of us that tell nobody when they are ready.
 * Rejects after `deadlineMs` with the last reason. `look` returns undefined for "not yet"; what it throws counts as that too.
 */
export async function until<T>(what: string, look: () => Promise<T | undefined>, { clock, deadlineMs, everyMs = 25 }: { clock: Clock; deadlineMs: number; everyMs?: number }): Promise<T> {
  const end = clock.now() + deadlineMs
  let reason = ''
  for (;;) {
    try {
      const found = await look()
      if (found !== undefined) return found
    } catch (error) {
      reason = error instanceof Error ? error.message : String(error)
    }
    if (clock.now() > end) throw new Error(`${what} did not happen in ${Math.round(deadlineMs / 1000)} s${reason ? `: ${reason}` : ''}`)
    await clock.sleep(everyMs)
  }
}
