import { createHash } from 'node:crypto'
import type { Clock } from '../../../host/clock.ts'

/** What was found out about tokens, for a while, by their hash: a dump of memory shows none. */
export class TokenCache<T> {
  readonly #clock: Clock
  readonly #lifetime: number
  readonly #size: number
  readonly #entries = new Map<string, { readonly value: T; readonly until: number }>()

  /** `lifetime` in milliseconds; beyond `size` entries the oldest go. */
  constructor(clock: Clock, { lifetime = 60_000, size = 4096 }: { lifetime?: number; size?: number } = {}) {
    this.#clock = clock
    this.#lifetime = lifetime
    this.#size = size
  }

  get(token: string): T | undefined {
    const key = hashOf(token)
    const entry = this.#entries.get(key)
    if (!entry) return undefined
    if (this.#clock.now() < entry.until) return entry.value
    this.#entries.delete(key)
    return undefined
  }

  set(token: string, value: T): void {
    const key = hashOf(token)
    this.#entries.delete(key)
    this.#entries.set(key, { value, until: this.#clock.now() + this.#lifetime })
    if (this.#entries.size > this.#size) this.#entries.delete(this.#entries.keys().next().value!)
  }
}

/** Equal hashes are equal tokens; and looking one up tells nothing about the others by its time. */
export const hashOf = (token: string): string => createHash('sha256').update(token).digest('base64')
