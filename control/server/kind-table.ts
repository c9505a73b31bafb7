import type { Kind } from '../../api/kinds/kind.ts'

/**
 * The kinds a server serves, found by URL. The built-in ones are there from the start; definitions at run time come and go
 * as sets, each under its owner (`crd/widgets.example.com`). Whoever makes documents of all kinds (discovery, OpenAPI) keeps them until
 * `generation` moves.
 */
export class KindTable {
  readonly #sets = new Map<string, readonly Kind[]>()
  #all: readonly Kind[] = []
  #byResource: ReadonlyMap<string, Kind> = new Map()
  #byKind: ReadonlyMap<string, Kind> = new Map()
  readonly #listeners: (() => void)[] = []
  #generation = 0

  constructor(builtin: readonly Kind[]) {
    this.set('', builtin)
  }

  /** Serves `kinds` for `owner`, instead of what it had before; an empty list takes them away. */
  set(owner: string, kinds: readonly Kind[]): void {
    this.setMany([[owner, kinds]])
  }

  /** The same for several owners at once. */
  setMany(sets: Iterable<readonly [owner: string, kinds: readonly Kind[]]>): void {
    let changed = false
    for (const [owner, kinds] of sets) {
      if (kinds.length > 0) this.#sets.set(owner, kinds)
      else if (!this.#sets.delete(owner)) continue
      changed = true
    }
    if (!changed) return
    this.#all = Object.freeze([...this.#sets.values()].flat())
    this.#byResource = new Map(this.#all.map((kind) => [`${kind.group}/${kind.version}/${kind.resource}`, kind]))
    this.#byKind = new Map(this.#all.map((kind) => [`${kind.group}/${kind.version}/${kind.kind}`, kind]))
    this.#generation++
    for (const listener of this.#listeners) listener()
  }

  /** Calls back after every change. */
  onChange(listener: () => void): void {
    this.#listeners.push(listener)
  }

  /** Rises with every change of what is served. */
  get generation(): number { return this.#generation }
  get all(): readonly Kind[] { return this.#all }

  byResource(group: string, version: string, resource: string): Kind | undefined {
    return this.#byResource.get(`${group}/${version}/${resource}`)
  }

  byKind(group: string, version: string, kind: string): Kind | undefined {
    return this.#byKind.get(`${group}/${version}/${kind}`)
  }

  /** Whether a group and version are among those that were there from the start. */
  isBuiltin(group: string, version: string): boolean {
    return this.#sets.get('')?.some((kind) => kind.group === group && kind.version === version) ?? false
  }

  hasGroup(group: string): boolean {
    return this.#all.some((kind) => kind.group === group)
  }

  hasGroupVersion(group: string, version: string): boolean {
    return this.#all.some((kind) => kind.group === group && kind.version === version)
  }
}

/** The kind in whose form objects of `kind` lie in the store. */
export const storedKind = (kind: Kind): Kind => kind.storedAs?.kind ?? kind
