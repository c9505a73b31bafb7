import type { Clock } from '../../host/clock.ts'
import type { QueueMetrics } from './queue-metrics.ts'

/**
 * Keys that wait for work, each at most once. A key added while it is being worked on waits until that work is done and
 * then comes again, once. The semantics are those of client-go's rate-limiting workqueue.
 */
export interface WorkQueue {
  /** Keys ready to be taken. */
  readonly length: number
  add(key: string): void
  /** Adds after a while; of several pending times for one key the earliest counts. */
  addAfter(key: string, ms: number): void
  /** Adds after the key's own pause, which doubles with each call until `forget`. */
  addRateLimited(key: string): void
  /** The key has succeeded: its next pause is the shortest again. */
  forget(key: string): void
  /** How often the key was added rate limited since it was last forgotten. */
  retries(key: string): number
  /** The next key, marked as in work; `undefined` once the queue is closed. */
  get(): Promise<string | undefined>
  /** The work on a key that `get` gave is over. */
  done(key: string): void
  /** Forgets everything and releases whoever waits. */
  close(): void
}

export interface QueueOptions {
  readonly clock: Clock
  /** The first pause of a failing key, milliseconds. */
  readonly firstPause?: number
  readonly longestPause?: number
  readonly metrics?: QueueMetrics | undefined
}

interface Delayed { readonly at: number; readonly cancel: () => void }

export function createQueue({ clock, firstPause = 5, longestPause = 1_000_000, metrics }: QueueOptions): WorkQueue {
  const ready: string[] = []
  const waiting = new Set<string>()
  const working = new Set<string>()
  const delayed = new Map<string, Delayed>()
  const failures = new Map<string, number>()
  const takers: ((key: string | undefined) => void)[] = []
  let closed = false

  const push = (key: string) => {
    ready.push(key)
    metrics?.depth(ready.length)
    const taker = takers.shift()
    if (taker) taker(take())
  }
  const take = () => {
    const key = ready.shift()!
    waiting.delete(key)
    working.add(key)
    metrics?.depth(ready.length)
    metrics?.taken(key)
    return key
  }
  const add = (key: string) => {
    if (closed || waiting.has(key)) return
    waiting.add(key)
    metrics?.added(key)
    if (!working.has(key)) push(key)
  }
  const addAfter = (key: string, ms: number) => {
    if (closed) return
    if (ms <= 0) return add(key)
    const at = clock.now() + ms
    const pending = delayed.get(key)
    if (pending && pending.at <= at) return
    pending?.cancel()
    const cancel = clock.after(ms, () => { delayed.delete(key); add(key) }, { unref: true })
    delayed.set(key, { at, cancel })
  }

  return {
    get length() { return ready.length },
    add,
    addAfter,
    addRateLimited(key) {
      const count = failures.get(key) ?? 0
      failures.set(key, count + 1)
      metrics?.retried()
      addAfter(key, Math.min(longestPause, firstPause * 2 ** Math.min(count, 60)))
    },
    forget(key) { failures.delete(key) },
    retries: (key) => failures.get(key) ?? 0,
    get() {
      if (closed) return Promise.resolve(undefined)
      if (ready.length > 0) return Promise.resolve(take())
      return new Promise((resolve) => { takers.push(resolve) })
    },
    done(key) {
      if (!working.delete(key)) return
      metrics?.finished(key)
      if (waiting.has(key)) push(key)
    },
    close() {
      closed = true
      for (const { cancel } of delayed.values()) cancel()
      delayed.clear()
      failures.clear()
      waiting.clear()
      ready.length = 0
      metrics?.depth(0)
      for (const taker of takers.splice(0)) taker(undefined)
    },
  }
}
