import type { Entry, EntryEvent } from './entry.ts'

/** The recent events of one resource. */
export class EventRing {
  readonly #capacity: number
  #events: EntryEvent[] = []
  /** Every event after this revision is here. */
  floor = 0

  constructor(capacity: number) { this.#capacity = capacity }

  push(event: EntryEvent): void {
    this.#events.push(event)
    if (this.#events.length < this.#capacity * 2) return
    const gone = this.#events.splice(0, this.#events.length - this.#capacity)
    this.floor = gone.at(-1)!.revision
  }

  /** The events after `revision`, which is not below `floor`, in order. */
  after(revision: number): readonly EntryEvent[] {
    let start = this.#events.length
    while (start > 0 && this.#events[start - 1]!.revision > revision) start--
    return this.#events.slice(start)
  }

  /** What differs between now and then: each key changed since, with the entry it had (undefined: none). */
  undone(revision: number): Map<string, Entry | undefined> {
    const then = new Map<string, Entry | undefined>()
    for (const event of this.after(revision)) if (!then.has(event.key)) then.set(event.key, event.previous)
    return then
  }
}
