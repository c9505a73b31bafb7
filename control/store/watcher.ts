import { statusOf } from '../../api/errors.ts'
import type { WatchFrame } from '../../api/transport.ts'
import { fellBehind } from './cache-errors.ts'
import { type EntryEvent, entryFrame, valueFrame } from './entry.ts'
import type { Entry } from './entry.ts'

/** What a watcher wants to see. `matches` is the selectors; absent: everything in its place. */
export interface WatchScope {
  readonly namespace: string | undefined
  readonly name: string | undefined
  readonly index: { readonly name: string; readonly value: string } | undefined
  readonly matches: ((object: any) => boolean) | undefined
}

export interface WatcherOptions extends WatchScope {
  /** Events after this revision. */
  readonly after: number
  readonly initial: readonly Entry[]
  /** Told once after `initial`. */
  readonly initialEnd: WatchFrame | undefined
  readonly bookmarks: boolean
  readonly limit: number
  readonly signal: AbortSignal
  onEnd(watcher: Watcher): void
}

type Result = IteratorResult<WatchFrame, undefined>
const done: Result = Object.freeze({ done: true, value: undefined })

/**
 * One reader of events. The cache pushes, never waits: a reader further behind than `limit` frames gets what is
 * buffered, then an error, then the end.
 */
export class Watcher implements AsyncIterableIterator<WatchFrame, undefined> {
  readonly scope: WatchScope
  readonly bookmarks: boolean
  /** The revision the reader knows of: that of the last event or bookmark pushed. */
  told: number
  readonly #after: number
  readonly #initial: readonly Entry[]
  readonly #options: WatcherOptions
  #initialAt = 0
  #queue: WatchFrame[] = []
  #queueAt = 0
  #ended = false
  #waiting: ((result: Result) => void) | undefined
  readonly #abort = () => this.#stop()

  constructor(options: WatcherOptions) {
    this.scope = options
    this.bookmarks = options.bookmarks
    this.told = options.after
    this.#after = options.after
    this.#initial = options.initial
    this.#options = options
    if (options.initialEnd) this.#queue.push(options.initialEnd)
    if (options.signal.aborted) this.#ended = true
    else options.signal.addEventListener('abort', this.#abort)
  }

  /** Whether the event is in this watcher's place: everything but the selectors and the index. */
  concerns(event: EntryEvent): boolean {
    const { namespace, name } = this.scope
    return event.revision > this.#after
      && (namespace === undefined || namespace === event.namespace) && (name === undefined || name === event.name)
  }

  /** Shows an event to the reader as what it is for its selectors: the object comes, changes, goes, or nothing. */
  offer(event: EntryEvent, matches: (entry: Entry) => boolean): void {
    const now = event.current !== undefined && matches(event.current)
    const before = event.previous !== undefined && matches(event.previous)
    if (now || before) this.push(event.frame(!before ? 'ADDED' : now ? 'MODIFIED' : 'DELETED'), event.revision)
  }

  push(frame: WatchFrame, revision: number): void {
    if (this.#ended) return
    this.told = revision
    if (this.#waiting) return this.#hand(frame)
    if (this.#queue.length - this.#queueAt < this.#options.limit) this.#queue.push(frame)
    else this.end(valueFrame('ERROR', statusOf(fellBehind())))
  }

  /** No more events; what is buffered, and `last`, still reach the reader. */
  end(last?: WatchFrame): void {
    if (this.#ended) return
    this.#detach()
    if (!last) this.#waiting?.(done)
    else if (this.#waiting) this.#hand(last)
    else this.#queue.push(last)
  }

  async next(): Promise<Result> {
    if (this.#initialAt < this.#initial.length) return { value: entryFrame('ADDED', this.#initial[this.#initialAt++]!) }
    if (this.#queueAt < this.#queue.length) return { value: this.#dequeue() }
    if (this.#ended) return done
    return new Promise<Result>((resolve) => { this.#waiting = resolve })
  }

  async return(): Promise<Result> {
    this.#stop()
    return done
  }

  [Symbol.asyncIterator](): this { return this }

  #hand(frame: WatchFrame): void {
    const waiting = this.#waiting
    this.#waiting = undefined
    waiting?.({ value: frame })
  }

  #dequeue(): WatchFrame {
    const frame = this.#queue[this.#queueAt++]!
    if (this.#queueAt === this.#queue.length) {
      this.#queue = []
      this.#queueAt = 0
    }
    return frame
  }

  /** The reader wants no more: what is buffered is dropped. */
  #stop(): void {
    this.#initialAt = this.#initial.length
    this.#queue = []
    this.#queueAt = 0
    if (!this.#ended) this.#detach()
    this.#waiting?.(done)
    this.#waiting = undefined
  }

  #detach(): void {
    this.#ended = true
    this.#options.signal.removeEventListener('abort', this.#abort)
    this.#options.onEnd(this)
  }
}
