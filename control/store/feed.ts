import { type Change, type History, StoreError } from './log.ts'

/**
 * Hands published changes to the watchers of a log. A watch subscribes, replays, filters, in that order, so that
 * nothing falls between history and the present.
 */
export class Feed {
  readonly #subscribers = new Set<Subscriber>()
  #end: StoreError | undefined

  /** Called once for each commit, in order, with all its changes. */
  publish(changes: readonly Change[]): void {
    if (changes.length > 0) for (const subscriber of this.#subscribers) subscriber.push(changes)
  }

  /** Watches end with this error, once they have given what was published. */
  close(error = new StoreError('closed', 'The store was closed')): void {
    this.#end ??= error
    for (const subscriber of this.#subscribers) subscriber.wake()
  }

  /** `replay` reads what is known of the past; what is published while it runs waits. */
  async * watch(prefix: string, after: number, signal: AbortSignal, replay: () => Promise<History>): AsyncGenerator<readonly Change[]> {
    const subscriber = new Subscriber()
    const wake = () => subscriber.wake()
    this.#subscribers.add(subscriber)
    signal.addEventListener('abort', wake)
    try {
      if (signal.aborted) return
      const past = await replay()
      if (past.changes.length > 0) yield past.changes
      const known = Math.max(after, past.revision)
      while (!signal.aborted) {
        const fresh = subscriber.take().filter((change) => change.revision > known && change.key.startsWith(prefix))
        if (fresh.length > 0) yield fresh
        else if (this.#end) throw this.#end
        else await subscriber.wait()
      }
    } finally {
      this.#subscribers.delete(subscriber)
      signal.removeEventListener('abort', wake)
    }
  }
}

class Subscriber {
  #queue: Change[] = []
  #awake = false
  #resolve: (() => void) | undefined

  push(changes: readonly Change[]): void {
    if (this.#queue.length === 0) this.#queue = changes.slice()
    else for (const change of changes) this.#queue.push(change)
    this.wake()
  }

  wake(): void {
    this.#awake = true
    this.#resolve?.()
  }

  take(): readonly Change[] {
    this.#awake = false
    const taken = this.#queue
    this.#queue = []
    return taken
  }

  /** Resolves when something was pushed since the last `take`. */
  async wait(): Promise<void> {
    if (!this.#awake) await new Promise<void>((resolve) => { this.#resolve = resolve })
    this.#resolve = undefined
  }
}
