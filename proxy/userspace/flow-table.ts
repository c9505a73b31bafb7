import type { Clock } from '../../host/clock.ts'

/** One UDP flow, as far as the table is concerned. */
export interface Flow {
  /** Called once by the table when the flow was silent too long or had to make room. */
  end(): void
}

/**
 * All UDP flows of all listeners, in the order of their last datagram. UDP says no goodbye: a flow ends when it was silent
 * for `idleMs`, and the longest silent one when there are too many.
 */
export class FlowTable {
  readonly #clock: Clock
  readonly #idleMs: number
  readonly #limit: number
  readonly #flows = new Map<Flow, number>()
  #cancelTimer: (() => void) | undefined

  constructor({ clock, idleMs, limit }: { clock: Clock; idleMs: number; limit: number }) {
    this.#clock = clock
    this.#idleMs = idleMs
    this.#limit = limit
  }

  get size(): number {
    return this.#flows.size
  }

  /** A new flow, or one that is in use. */
  touch(flow: Flow): void {
    this.#flows.delete(flow)
    this.#flows.set(flow, this.#clock.now())
    if (this.#flows.size > this.#limit) this.#end(this.#flows.keys().next().value!)
    this.#watch()
  }

  /** The flow has ended by itself. */
  remove(flow: Flow): void {
    this.#flows.delete(flow)
    if (this.#flows.size === 0) this.#stop()
  }

  #end(flow: Flow): void {
    this.#flows.delete(flow)
    flow.end()
  }

  /** One timer for all: the first to expire stands first. */
  #watch(): void {
    if (this.#cancelTimer) return
    const first = this.#flows.values().next()
    if (first.done) return
    this.#cancelTimer = this.#clock.after(Math.max(0, first.value + this.#idleMs - this.#clock.now()), () => {
      this.#cancelTimer = undefined
      const now = this.#clock.now()
      for (const [flow, at] of this.#flows) {
        if (now - at < this.#idleMs) break
        this.#end(flow)
      }
      this.#watch()
    }, { unref: true })
  }

  #stop(): void {
    this.#cancelTimer?.()
    this.#cancelTimer = undefined
  }
}
