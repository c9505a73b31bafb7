/** Whether a proxy keeps up with what it is told. */
export interface ProxyHealth {
  /** False: something has waited too long to be written to the kernel. */
  readonly healthy: boolean
  /** When the rules were last written, in milliseconds since the epoch; undefined before the first time. */
  readonly lastUpdated: number | undefined
}

/** Remembers how long the oldest change waits that the kernel has not been told. Time is an argument, in milliseconds. */
export class SyncHealth {
  #waitsSince: number | undefined
  /** The same of what is being written just now. */
  #writtenSince: number | undefined
  #lastUpdated: number | undefined

  /** A change came. */
  queued(now: number): void {
    this.#waitsSince ??= now
  }

  /** It is being written; what comes from now on waits for the next time. */
  begun(): void {
    this.#writtenSince = this.#waitsSince
    this.#waitsSince = undefined
  }

  written(now: number): void {
    this.#writtenSince = undefined
    this.#lastUpdated = now
  }

  /** Also without any change, when rules that others altered could not be mended. */
  failed(now: number): void {
    this.#waitsSince = this.#writtenSince ?? this.#waitsSince ?? now
    this.#writtenSince = undefined
  }

  /** `patienceMs`: how long a change may wait. */
  at(now: number, patienceMs: number): ProxyHealth {
    const oldest = this.#writtenSince ?? this.#waitsSince
    return { healthy: oldest === undefined || now - oldest < patienceMs, lastUpdated: this.#lastUpdated }
  }
}
