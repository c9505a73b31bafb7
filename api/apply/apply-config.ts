import { checkTyped } from './check.ts'
import { difference, intersection, isEmpty, union } from './field-set.ts'
import type { FieldSet } from './field-set.ts'
import { jsonEqual } from '../patch/json-value.ts'
import { merge } from './merge.ts'
import type { Owner, Owners } from './owners.ts'
import { removeFields, withNamedFields } from './remove.ts'
import type { Shape } from './shape.ts'
import { toFieldSet } from './to-set.ts'
import type { Json } from './typed.ts'
import { handOver, reconciled } from './update-owners.ts'
import type { Ownership, VersionView } from './versions.ts'

export interface Applied {
  /** The object as the configuration wants it; undefined when the live one is so already. */
  readonly object: Json | undefined
  readonly owners: Map<string, Owner>
}

/**
 * Puts a configuration over the live object: what it says is set and owned, what its owner said last time and says no more is gone
 * unless others own it. Throws `Conflicts` when it would change what others own, unless forced.
 */
export function applyConfig(ownership: Ownership, live: Json, config: Json, owners: Owners, self: Omit<Owner, 'set'>, force: boolean): Applied {
  const { id } = self
  const known = reconciled(ownership, owners)
  const last = known.get(id)
  const set = ownership.writable(toFieldSet(ownership.shape, config))
  const next = new Map(known).set(id, { ...self, set })
  const merged = merge(ownership.shape, live, config) as Json
  const object = last && !isEmpty(last.set) ? prune(ownership, merged, next, last) : merged
  const { owners: settled } = handOver(ownership, live, object, next, id, force)
  return { object: jsonEqual(live, object) ? undefined : object, owners: settled }
}

/** What does not fit the type, as one text; undefined when all does. */
export function mistakesOf(shape: Shape, config: Json): string | undefined {
  const mistakes = checkTyped(shape, config)
  return mistakes.length === 0 ? undefined : mistakes.length === 1 ? mistakes[0] : ['errors:', ...mistakes.map((mistake) => `  ${mistake}`)].join('\n')
}

/** Takes away what `last` owned and nobody owns now. All values are in the version of the request; each step looks at them in another. */
function prune(ownership: Ownership, merged: Json, owners: Owners, last: Owner): Json {
  const view = viewAt(ownership, last.apiVersion)
  if (!view) return merged
  let pruned = at(view, merged, undefined, (whole) => (removeFields(view.shape, whole, withNamedFields(view.shape, last.set)) ?? {}) as Json)
  for (const [apiVersion, owned] of ownedByVersion(owners, last.apiVersion)) {
    const other = viewAt(ownership, apiVersion)
    if (other) pruned = at(other, merged, pruned, (whole, rest) => without(other.shape, whole, difference(namedSet(other.shape, whole), union(namedSet(other.shape, rest), withNamedFields(other.shape, owned)))))
  }
  const mine = withNamedFields(view.shape, last.set)
  return at(view, merged, pruned, (whole, rest) => without(view.shape, whole, intersection(difference(namedSet(view.shape, whole), namedSet(view.shape, rest)), mine)))
}

const without = (shape: Shape, value: Json, set: FieldSet): Json => (isEmpty(set) ? value : (removeFields(shape, value, set) ?? {}) as Json)
const namedSet = (shape: Shape, value: Json): FieldSet => withNamedFields(shape, toFieldSet(shape, value))

/** Does a step in the version of a view, on the whole object and on what was left of it so far. */
function at(view: VersionView, merged: Json, pruned: Json | undefined, step: (whole: Json, rest: Json) => Json): Json {
  const whole = view.to(merged)
  return view.from(step(whole, pruned === undefined ? whole : view.to(pruned)))
}

const identity = (object: Json): Json => object

function viewAt(ownership: Ownership, apiVersion: string): VersionView | undefined {
  return apiVersion === ownership.apiVersion ? { shape: ownership.shape, to: identity, from: identity } : ownership.view(apiVersion)
}

/** What is owned in each version, that of the last configuration first. */
function ownedByVersion(owners: Owners, first: string): Map<string, FieldSet> {
  const owned = new Map<string, FieldSet>()
  for (const owner of owners.values()) {
    const there = owned.get(owner.apiVersion)
    owned.set(owner.apiVersion, there ? union(there, owner.set) : owner.set)
  }
  return new Map([...owned].sort(([a], [b]) => Number(b === first) - Number(a === first)))
}
