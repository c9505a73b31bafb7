import type { Clock } from './clock.ts'

/** A clock that stands still until it is told to move, for tests of a whole cluster. */
export interface ManualClock extends Clock {
  /**
   * Moves time on by milliseconds or by a duration such as `90s` or `1h30m`. Timers that fall due run in order, each at its
   * own time, and whatever they set going in this process comes to rest before the next one runs.
   */
  advance(by: number | string): Promise<void>
  /** Lets promises and immediates that are under way come to rest, without moving time. */
  settle(): Promise<void>
  /** The time of the next timer, if there is one. */
  readonly next: number | undefined
}

export interface ManualClockOptions {
  /** Milliseconds since the epoch, or a date text. */
  readonly start?: number | string
  /** Seeds `random`: the same seed gives the same names and jitter. */
  readonly seed?: number
  /** How to wait until nothing more happens. By default some turns of the event loop. */
  readonly settle?: () => Promise<void>
}

interface Timer { readonly at: number; readonly order: number; readonly run: () => void }

export function createManualClock(options: ManualClockOptions = {}): ManualClock {
  const settle = options.settle ?? (() => turns(8))
  const timers = new Set<Timer>()
  const random = mulberry32(options.seed ?? 1)
  let now = options.start === undefined ? Date.UTC(2030, 0, 1) : new Date(options.start).getTime()
  let order = 0

  const first = (): Timer | undefined => {
    let best: Timer | undefined
    for (const timer of timers) {
      if (!best || timer.at < best.at || (timer.at === best.at && timer.order < best.order)) best = timer
    }
    return best
  }
  const after = (ms: number, callback: () => void) => {
    const timer: Timer = { at: now + Math.max(0, ms), order: order++, run: callback }
    timers.add(timer)
    return () => { timers.delete(timer) }
  }
  /** Runs every timer of the earliest time that is due, then lets things come to rest. */
  const step = async (until: number): Promise<boolean> => {
    const due = first()
    if (!due || due.at > until) return false
    now = Math.max(now, due.at)
    for (let timer = first(); timer && timer.at <= now; timer = first()) {
      timers.delete(timer)
      timer.run()
    }
    await settle()
    return true
  }

  return {
    now: () => now,
    random,
    after,
    settle,
    get next() { return first()?.at },
    sleep(ms, signal) {
      return new Promise((resolve, reject) => {
        if (signal?.aborted) return reject(signal.reason)
        const stop = () => { cancel(); reject(signal!.reason) }
        const cancel = after(ms, () => { signal?.removeEventListener('abort', stop); resolve() })
        signal?.addEventListener('abort', stop, { once: true })
      })
    },
    async advance(by) {
      await settle()
      const until = now + (typeof by === 'number' ? by : parseDuration(by))
      while (await step(until));
      now = Math.max(now, until)
      await settle()
    },
  }
}

/** Some turns of the event loop: enough for chains of promises and immediates, not for sockets. */
async function turns(count: number): Promise<void> {
  for (let turn = 0; turn < count; turn++) await new Promise<void>((resolve) => { setImmediate(resolve) })
}

const units: Readonly<Record<string, number>> = { ms: 1, s: 1_000, m: 60_000, h: 3_600_000, d: 86_400_000 }

/** Milliseconds of a duration in Go's form (`1h30m`, `250ms`), with `d` for days besides. */
export function parseDuration(text: string): number {
  const parts = [...text.matchAll(/(\d+(?:\.\d+)?)(ms|s|m|h|d)/g)]
  if (parts.length === 0 || parts.map(([part]) => part).join('') !== text) throw new TypeError(`Cannot read duration ${JSON.stringify(text)}: expected a form such as 5m or 1h30m`)
  return parts.reduce((sum, [, count, unit]) => sum + Number(count) * units[unit!]!, 0)
}

/** A small generator with a period long enough for tests. */
function mulberry32(seed: number): () => number {
  let state = seed >>> 0
  return () => {
    state = (state + 0x6d2b79f5) >>> 0
    let mixed = Math.imul(state ^ (state >>> 15), state | 1)
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61)
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296
  }
}
