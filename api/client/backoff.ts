import type { Clock } from '../../host/clock.ts'

export interface Backoff {
  /** The next pause in milliseconds: doubles each time up to the limit, with jitter so that a thousand clients do not come back at once. */
  next(): number
  reset(): void
}

export interface BackoffOptions {
  readonly first: number
  readonly limit: number
  /** The share of a pause that is random on top of it; 1: up to twice as long. */
  readonly jitter?: number
}

export function createBackoff(clock: Pick<Clock, 'random'>, { first, limit, jitter = 0.5 }: BackoffOptions): Backoff {
  let pause = first
  return {
    next() {
      const now = pause
      pause = Math.min(limit, pause * 2)
      return now * (1 + jitter * clock.random())
    },
    reset() { pause = first },
  }
}
