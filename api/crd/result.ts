import type { FieldError } from '../errors.ts'

/** A failed check of a value; `name` is the path inside the value, absent where the original names none. */
export interface Failure extends Omit<FieldError, 'field'> {
  readonly name: string | undefined
}

/** Nobody reads more of them. */
const most = 1000

/** Failures, each told once, and how many checks went well: alternatives are compared by it. */
export class Result {
  failures: Failure[] = []
  matches = 0

  add(failure: Failure): this {
    if (this.failures.length < most && !this.failures.some((known) => known.name === failure.name && known.type === failure.type && known.detail === failure.detail)) this.failures.push(failure)
    return this
  }

  merge(other: Result): this {
    for (const failure of other.failures) this.add(failure)
    this.matches += other.matches
    return this
  }

  /** Nothing more is added. */
  get full(): boolean { return this.failures.length >= most }

  count(): this {
    this.matches++
    return this
  }

  forgive(): void {
    this.failures = []
  }
}
