import type { Clock } from '../../host/clock.ts'
import type { Target } from '../table.ts'

/** Where the connections of one listener go: strictly in turn, save that a caller with affinity comes back to its endpoint. */
export class Balancer {
  #targets: readonly Target[] = []
  #turn = 0
  #affinity: Affinity | undefined

  /** The turn goes on with the endpoint whose turn it was, or the one that stands where it would. */
  update(targets: readonly Target[], affinity: Affinity | undefined): void {
    const due = this.#targets[this.#turn]
    const at = due ? targets.findIndex((target) => same(target, due)) : 0
    this.#turn = Math.max(0, due && at < 0 ? targets.findIndex((target) => isBefore(due, target)) : at)
    this.#targets = targets
    this.#affinity = affinity
  }

  has(target: Target): boolean {
    return this.#targets.some((known) => same(known, target))
  }

  /** The endpoint for a new connection of this caller; undefined when there is none. */
  choose(client: string): Target | undefined {
    const kept = this.#affinity?.find(client)
    return kept && this.has(kept) ? this.#keep(client, kept) : this.next(client)
  }

  /** The same when the endpoint that was chosen before does not answer: affinity is for those that do. */
  next(client: string): Target | undefined {
    const target = this.#targets[this.#turn]
    this.#turn = this.#turn + 1 < this.#targets.length ? this.#turn + 1 : 0
    return target && this.#keep(client, target)
  }

  #keep(client: string, target: Target): Target {
    this.#affinity?.remember(client, target)
    return target
  }
}

/** Callers by address and the endpoint each had last, for so long after its last connection; the longest silent is forgotten when there are too many. */
export class Affinity {
  readonly #clock: Pick<Clock, 'now'>
  readonly #limit: number
  /** In the order of last use, so that what expires stands first. */
  readonly #callers = new Map<string, { readonly target: Target; readonly at: number }>()
  seconds: number

  constructor(seconds: number, { clock, limit = 10_000 }: { clock: Pick<Clock, 'now'>; limit?: number }) {
    this.seconds = seconds
    this.#clock = clock
    this.#limit = limit
  }

  get size(): number {
    return this.#callers.size
  }

  find(client: string): Target | undefined {
    const known = this.#callers.get(client)
    return known && !this.#expired(known.at) ? known.target : undefined
  }

  remember(client: string, target: Target): void {
    this.#callers.delete(client)
    this.#callers.set(client, { target, at: this.#clock.now() })
    for (const [oldest, { at }] of this.#callers) {
      if (this.#callers.size <= this.#limit && !this.#expired(at)) break
      this.#callers.delete(oldest)
    }
  }

  #expired(at: number): boolean {
    return this.#clock.now() - at >= this.seconds * 1000
  }
}

const same = (a: Target, b: Target): boolean => a.ip === b.ip && a.port === b.port
/** The order in which a table lists its targets. */
const isBefore = (a: Target, b: Target): boolean => a.ip < b.ip || (a.ip === b.ip && a.port < b.port)
