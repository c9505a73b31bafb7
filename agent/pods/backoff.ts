const firstSeconds = 10
const longestSeconds = 300
/** A container that has run this long is well again. */
const forgottenAfterMs = 600_000

/** The part of a container's life that decides when its successor may start. */
export interface Life {
  /** Seconds to wait once this one has ended; 0 for the first of its name. */
  readonly backoff: number
  readonly createdAt: number
  readonly finishedAt: number
}

const wasWell = (life: Life): boolean => life.finishedAt - life.createdAt > forgottenAfterMs

/** When the successor may start, milliseconds. The first restart is at once, then 10 s, 20 s, … 5 min after the end. */
export const restartAt = (life: Life): number => (wasWell(life) ? life.finishedAt : life.finishedAt + life.backoff * 1000)

/** What the successor carries as its own `backoff`. */
export const nextBackoff = (life: Life): number =>
  life.backoff === 0 || wasWell(life) ? firstSeconds : Math.min(longestSeconds, life.backoff * 2)

/** `10s`, `1m20s`, `5m0s`: Go's form of a duration, as Events print it. */
export const goSeconds = (seconds: number): string => (seconds < 60 ? `${seconds}s` : `${Math.floor(seconds / 60)}m${seconds % 60}s`)
