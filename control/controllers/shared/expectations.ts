import type { Clock } from '../../../host/clock.ts'

/** After this long unseen changes are taken as lost and the controller acts on what it sees. */
const timeoutMs = 5 * 60_000

interface Expected {
  creations: number
  /** Keys of objects whose deletion has been asked for and not yet seen. */
  readonly deletions: Set<string>
  readonly since: number
}

/**
 * What a controller has asked the server for and not yet seen in its cache. While something is outstanding the cache
 * is known to be behind, so counting replicas in it would create or delete too many.
 *
 * Deletions are counted by uid-bearing key, because a deletion is seen twice: as an update that sets
 * `deletionTimestamp` and as the removal.
 */
export class Expectations {
  readonly #clock: Clock
  readonly #byOwner = new Map<string, Expected>()

  constructor(clock: Clock) {
    this.#clock = clock
  }

  expectCreations(owner: string, count: number): void {
    this.#byOwner.set(owner, { creations: count, deletions: new Set(), since: this.#clock.now() })
  }

  expectDeletions(owner: string, keys: Iterable<string>): void {
    this.#byOwner.set(owner, { creations: 0, deletions: new Set(keys), since: this.#clock.now() })
  }

  creationObserved(owner: string): void {
    const expected = this.#byOwner.get(owner)
    if (expected && expected.creations > 0) expected.creations--
  }

  deletionObserved(owner: string, key: string): void {
    this.#byOwner.get(owner)?.deletions.delete(key)
  }

  forget(owner: string): void {
    this.#byOwner.delete(owner)
  }

  /** 0 when the cache may be trusted, else milliseconds until it is trusted anyhow. */
  msUntilSatisfied(owner: string): number {
    const expected = this.#byOwner.get(owner)
    if (!expected || (expected.creations <= 0 && expected.deletions.size === 0)) return 0
    return Math.max(0, expected.since + timeoutMs - this.#clock.now())
  }
}
