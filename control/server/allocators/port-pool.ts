import { Bitmap } from './bitmap.ts'

/** Why a node port could not be had. */
export type PortRefusal = 'not in range' | 'taken'

/** The node ports of the cluster, `first` to `last`. The lower end is kept for those who ask for a certain one, as with addresses. */
export class PortPool {
  readonly first: number
  readonly last: number
  readonly #bitmap: Bitmap
  readonly #band: number

  constructor(first: number, last: number) {
    this.first = first
    this.last = last
    const size = last - first + 1
    this.#bitmap = new Bitmap(size)
    this.#band = size <= 16 ? 0 : Math.min(Math.max(16, Math.floor(size / 32)), 128)
  }

  take(port: number): PortRefusal | undefined {
    if (!this.#holds(port)) return 'not in range'
    return this.#bitmap.take(port - this.first) ? undefined : 'taken'
  }

  takeAny(random: number): number | undefined {
    const index = this.#bitmap.takeAny(this.#band, this.#bitmap.size, random) ?? this.#bitmap.takeAny(0, this.#band, random)
    return index === undefined ? undefined : this.first + index
  }

  release(port: number): void {
    if (this.#holds(port)) this.#bitmap.release(port - this.first)
  }

  #holds(port: number): boolean {
    return Number.isInteger(port) && port >= this.first && port <= this.last
  }
}
