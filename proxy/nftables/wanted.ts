/** Named things of the kernel that come and go, and what it has not been told yet. */
export class Wanted<T> {
  readonly #things = new Map<string, T>()
  readonly #come = new Set<string>()
  readonly #gone = new Set<string>()

  get all(): ReadonlyMap<string, T> {
    return this.#things
  }

  /** `make` is asked when it is new. */
  want(name: string, make: () => T): void {
    if (this.#things.has(name)) return
    this.#things.set(name, make())
    if (!this.#gone.delete(name)) this.#come.add(name)
  }

  drop(name: string): void {
    if (!this.#things.delete(name)) return
    if (!this.#come.delete(name)) this.#gone.add(name)
  }

  pending(): { readonly come: readonly T[]; readonly gone: readonly string[] } {
    return { come: [...this.#come].map((name) => this.#things.get(name)!), gone: [...this.#gone] }
  }

  /** The kernel has been told. */
  settle(): void {
    this.#come.clear()
    this.#gone.clear()
  }
}
