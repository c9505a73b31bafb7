import { createInterface } from 'node:readline'
import type { Clock } from './clock.ts'
import type { Exec } from './exec.ts'

export interface AddressMonitorOptions {
  readonly exec: Exec
  readonly clock: Clock
  readonly signal: AbortSignal
  /** Told once the network has been quiet for a moment after something changed: a cable put in means a dozen changes. */
  readonly changed: () => void
}

const quietMs = 300
const againMs = 5_000

/**
 * Hears of every change to links, addresses and routes, from `ip monitor`: the kernel tells, nothing is asked. Should the command end, it is
 * started again, and what happened meanwhile counts as a change. Resolves when it listens.
 */
export async function monitorAddresses({ exec, clock, signal, changed }: AddressMonitorOptions): Promise<void> {
  let cancel = (): void => {}
  const stir = (): void => {
    cancel()
    cancel = clock.after(quietMs, () => { if (!signal.aborted) changed() }, { unref: true })
  }
  const listen = async (): Promise<void> => {
    // It would not notice our violent end before the next change.
    const monitor = await exec.spawn('setpriv', ['--pdeathsig', 'KILL', 'ip', 'monitor', 'link', 'address', 'route'], { signal })
    monitor.stderr?.resume()
    createInterface({ input: monitor.stdout! }).on('line', stir)
    void monitor.exited.then(again)
  }
  const again = async (): Promise<void> => {
    while (!signal.aborted) {
      await clock.sleep(againMs, signal).catch(() => {})
      if (signal.aborted) return
      stir()
      const listens = await listen().then(() => true, () => false)
      if (listens) return
    }
  }
  signal.addEventListener('abort', () => cancel(), { once: true })
  await listen().catch(() => void again())
}
