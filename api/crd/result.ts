import type { FieldError } from '../errors.ts'

/** A failed check of a value; `name` is the path inside the value, absent where the original names none. */
export interface Failure extends Omit<FieldError, 'field'> {
  readonly name: string | undefined
}

/** Nobody reads more of them, nor more text than this in all: a path may be as long as the longest key that was sent. */
const most = 1000
const mostText = 1024 * 1024

/** Failures, each told once, and how many checks went well: alternatives are compared by it. */
export class Result {
  failures: Failure[] = []
  matches = 0
  #told: Set<string> | undefined
  #text = 0

  add(failure: Failure): this {
    if (this.full) return this
    const { name, type, detail } = failure
    const told = this.#told ??= new Set()
    const key = JSON.stringify([name, type, detail])
    if (told.has(key)) return this
    told.add(key)
    this.#text += key.length
    this.failures.push(failure)
    return this
  }

  merge(other: Result): this {
    for (const failure of other.failures) this.add(failure)
    this.matches += other.matches
    return this
  }

  /** Nothing more is added. */
  get full(): boolean { return this.failures.length >= most || this.#text >= mostText }

  count(): this {
    this.matches++
    return this
  }

  forgive(): void {
    this.failures = []
    this.#told = undefined
    this.#text = 0
  }
}
