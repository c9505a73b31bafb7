/**
 * The only place where the project reads the time, waits, or draws random numbers. Everything else is handed a `Clock`,
 * so that a whole cluster can run on a hand-wound one.
 */
export interface Clock {
  /** Wall-clock milliseconds since the epoch. */
  now(): number
  /** Runs `callback` once after `ms`; the returned function cancels it. Never keeps the process alive by itself when `unref` is set. */
  after(ms: number, callback: () => void, options?: { unref?: boolean }): () => void
  /** Resolves after `ms`; rejects with the signal's reason when it aborts first. */
  sleep(ms: number, signal?: AbortSignal): Promise<void>
  /** A number in [0, 1), for jitter, names and uids. */
  random(): number
}

export const systemClock: Clock = Object.freeze({
  now: () => Date.now(),
  after(ms: number, callback: () => void, options?: { unref?: boolean }) {
    const timer = setTimeout(callback, Math.max(0, ms))
    if (options?.unref) timer.unref()
    return () => clearTimeout(timer)
  },
  sleep(ms: number, signal?: AbortSignal) {
    return new Promise<void>((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason)
      const timer = setTimeout(() => { signal?.removeEventListener('abort', stop); resolve() }, Math.max(0, ms))
      const stop = () => { clearTimeout(timer); reject(signal!.reason) }
      signal?.addEventListener('abort', stop, { once: true })
    })
  },
  random: () => Math.random(),
})

/** RFC 3339 with seconds, the form of `metav1.Time`. */
export const rfc3339 = (ms: number): string => new Date(ms).toISOString().replace(/\.\d{3}Z$/, 'Z')
/** RFC 3339 with microseconds, the form of `metav1.MicroTime`. */
export const rfc3339Micro = (ms: number): string => new Date(ms).toISOString().replace(/Z$/, '000Z')
