import type { Clock } from '../host/clock.ts'

export interface UntilOptions {
  readonly clock: Clock
  readonly deadlineMs: number
  readonly everyMs?: number
  /** Hears the reason each time it is another one, once it took long enough for somebody to wonder. */
  readonly onWait?: ((reason: string) => void) | undefined
}

/** Waiting that makes no sense any more: `until` gives up at once and rejects with this. */
export class HopelessError extends Error {
  override readonly name = 'HopelessError'
}

const wonderAfterMs = 2_000

/**
 * Asks again and again until the answer is there; for things outside of us that tell nobody when they are ready.
 * Rejects after `deadlineMs` with the last reason. `look` returns undefined for "not yet"; what it throws counts as that
 * too, save a `HopelessError`.
 */
export async function until<T>(what: string, look: () => Promise<T | undefined>, { clock, deadlineMs, everyMs = 25, onWait }: UntilOptions): Promise<T> {
  const start = clock.now()
  let reason = ''
  let told = ''
  for (;;) {
    try {
      const found = await look()
      if (found !== undefined) return found
    } catch (error) {
      if (error instanceof HopelessError) throw error
      reason = error instanceof Error ? error.message : String(error)
    }
    const waited = clock.now() - start
    if (waited > deadlineMs) throw new Error(`${what} did not happen in ${Math.round(deadlineMs / 1000)} s${reason ? `: ${reason}` : ''}`)
    if (waited > wonderAfterMs && reason && reason !== told) onWait?.(told = reason)
    await clock.sleep(everyMs)
  }
}

/** What `work` gives, or a rejection when it takes longer. The work itself goes on, unheard. */
export async function within<T>(ms: number, clock: Clock, work: Promise<T>): Promise<T> {
  let cancel = () => {}
  const late = new Promise<never>((_, reject) => { cancel = clock.after(ms, () => reject(new Error(`it took longer than ${ms / 1000} s`))) })
  try {
    return await Promise.race([work, late])
  } finally {
    cancel()
  }
}
