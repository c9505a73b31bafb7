import type { Clock } from '../../host/clock.ts'
import type { ManualClock } from '../../host/manual-clock.ts'
import { parseDuration } from '../../host/manual-clock.ts'

export interface EventuallyOptions {
  /** How much cluster time may pass, as `30s` or in milliseconds. Default one minute. */
  readonly deadline?: string | number
  /** The cluster time between two attempts. Default 100 ms. */
  readonly step?: string | number
}

const milliseconds = (value: string | number): number => (typeof value === 'number' ? value : parseDuration(value))
/** Between attempts sockets get this much true time. */
const breath = 1

/**
 * Tries until `attempt` neither throws nor gives `false`, and resolves to what it gives. Between attempts cluster time moves on by
 * a step: back-offs and delays run out as they would in life. Rejects with the last failure.
 */
export async function eventually<T>(clocks: { readonly cluster: ManualClock; readonly real: Clock }, attempt: () => T | Promise<T>, options: EventuallyOptions = {}): Promise<T> {
  const { cluster, real } = clocks
  const step = milliseconds(options.step ?? 100)
  const end = cluster.now() + milliseconds(options.deadline ?? 60_000)
  await cluster.settle()
  for (;;) {
    try {
      const result = await attempt()
      if (result !== false) return result
      throw new Error('the condition is still false')
    } catch (error) {
      if (cluster.now() >= end) throw error
    }
    await cluster.advance(Math.min(step, end - cluster.now()))
    await real.sleep(breath)
  }
}
