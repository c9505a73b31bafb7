import type { Kind } from '../../api/kinds/kind.ts'

/** The kinds a server serves, found by URL or by `apiVersion` and `kind`. */
export class KindTable {
  readonly all: readonly Kind[]
  readonly #byResource: ReadonlyMap<string, Kind>

  constructor(kinds: readonly Kind[]) {
    this.all = Object.freeze([...kinds])
    this.#byResource = new Map(kinds.map((kind) => [`${kind.group}/${kind.version}/${kind.resource}`, kind]))
  }

  byResource(group: string, version: string, resource: string): Kind | undefined {
    return this.#byResource.get(`${group}/${version}/${resource}`)
  }

  hasGroup(group: string): boolean {
    return this.all.some((kind) => kind.group === group)
  }

  hasGroupVersion(group: string, version: string): boolean {
    return this.all.some((kind) => kind.group === group && kind.version === version)
  }
}

/** The kind in whose form objects of `kind` lie in the store. */
export const storedKind = (kind: Kind): Kind => kind.storedAs?.kind ?? kind
