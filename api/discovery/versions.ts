import type { Kind } from '../kinds/kind.ts'

/** The kinds of one group and version, as discovery and OpenAPI lay them out. */
export interface GroupVersion {
  readonly group: string
  readonly version: string
  readonly kinds: readonly Kind[]
}

export interface Group {
  /** `''` for the core group. */
  readonly name: string
  /** The preferred version first. */
  readonly versions: readonly GroupVersion[]
}

/** Groups in the order in which the kinds name them first; versions by precedence; resources by name. */
export function groupsOf(kinds: readonly Kind[]): Group[] {
  const groups = new Map<string, Map<string, Kind[]>>()
  for (const kind of kinds) {
    const versions = ensure(groups, kind.group, () => new Map<string, Kind[]>())
    ensure(versions, kind.version, () => []).push(kind)
  }
  return [...groups].map(([name, versions]) => ({
    name,
    versions: [...versions].sort(([a], [b]) => compareVersions(a, b)).map(([version, of]) => ({ group: name, version, kinds: of.sort((a, b) => (a.resource < b.resource ? -1 : 1)) })),
  }))
}

function ensure<K, V>(map: Map<K, V>, key: K, make: () => V): V {
  const known = map.get(key)
  if (known !== undefined) return known
  const made = make()
  map.set(key, made)
  return made
}

/** Negative when `a` is to be preferred: stable before beta before alpha, then the higher number, then by name. */
export function compareVersions(a: string, b: string): number {
  const left = rankOf(a)
  const right = rankOf(b)
  for (let i = 0; i < left.length; i++) if (left[i] !== right[i]) return right[i]! - left[i]!
  return a < b ? -1 : a > b ? 1 : 0
}

function rankOf(version: string): [stage: number, major: number, minor: number] {
  const match = /^v(\d+)(?:(alpha|beta)(\d+))?$/.exec(version)
  if (!match) return [-1, 0, 0]
  return [match[2] === undefined ? 2 : match[2] === 'beta' ? 1 : 0, Number(match[1]), Number(match[3] ?? 0)]
}

export const groupVersionOf = ({ group, version }: { group: string; version: string }): string => (group ? `${group}/${version}` : version)
