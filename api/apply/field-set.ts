import { compareElements } from './path-element.ts'

/**
 * A set of fields, in the very form of FieldsV1 (so that reading and writing cost nothing): a tree of path elements. `{}` below
 * an element says that the field is in the set; `{ '.': {}, … }` that it is and some below it are too; without `.` only those
 * below. At the root `{}` is the empty set. Every key but `.` begins with `f:`, `k:`, `v:` or `i:`, so no key can be
 * `__proto__`. Values of this type are never changed once they are passed on, and share their parts.
 */
export interface FieldSet { readonly [element: string]: FieldSet }

/** A set under construction. */
export interface MutableFieldSet { [element: string]: MutableFieldSet | FieldSet }

export const noFields: FieldSet = Object.freeze({})
/** The node of a field that is in the set, nothing below it. */
export const leaf: FieldSet = noFields

/** Whether there is nothing below this node; at the root: whether the set is empty. */
export function isEmpty(node: FieldSet): boolean {
  for (const _ in node) return false
  return true
}

const isMember = (node: FieldSet): boolean => node['.'] !== undefined || isEmpty(node)

function hasChildren(node: FieldSet): boolean {
  for (const key in node) if (key !== '.') return true
  return false
}

/** A node from its parts; undefined when neither the field nor anything below it is in the set. */
function nodeOf(member: boolean, children: MutableFieldSet | FieldSet): FieldSet | undefined {
  if (isEmpty(children as FieldSet)) return member ? leaf : undefined
  return member ? { '.': leaf, ...children } as FieldSet : children as FieldSet
}

/** What is in either. */
export function union(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b || isEmpty(b)) return a
  if (isEmpty(a)) return b
  let out: MutableFieldSet | undefined
  for (const key in b) {
    if (key === '.') continue
    const mine = a[key], other = b[key]!
    const both = mine === undefined ? other : mine === other ? mine : unionNodes(mine, other)
    if (both !== mine) (out ??= { ...a })[key] = both
  }
  return (out as FieldSet | undefined) ?? a
}

function unionNodes(a: FieldSet, b: FieldSet): FieldSet {
  const mine = childrenOf(a)
  const children = union(mine, childrenOf(b))
  const member = isMember(a) || isMember(b)
  return children === mine && member === isMember(a) ? a : nodeOf(member, children) ?? leaf
}

/** The node as a root: without its own membership. */
function childrenOf(node: FieldSet): FieldSet {
  if (node['.'] === undefined) return node
  const { '.': _, ...children } = node
  return children as FieldSet
}

/** What is in both. */
export function intersection(a: FieldSet, b: FieldSet): FieldSet {
  if (a === b) return a
  const out: MutableFieldSet = {}
  for (const key in a) {
    if (key === '.') continue
    const mine = a[key]!, other = b[key]
    if (other === undefined) continue
    const node = mine === other ? mine : nodeOf(isMember(mine) && isMember(other), intersection(mine, other))
    if (node) out[key] = node
  }
  return out as FieldSet
}

/** What is in `a` and not in `b`. A field of `b` takes nothing away from the fields below it. */
export const difference = (a: FieldSet, b: FieldSet): FieldSet => subtract(a, b, false)

/** What is in `a`, and neither in `b` nor below a field of `b`. */
export const recursiveDifference = (a: FieldSet, b: FieldSet): FieldSet => subtract(a, b, true)

function subtract(a: FieldSet, b: FieldSet, deep: boolean): FieldSet {
  let out: MutableFieldSet | undefined
  for (const key in b) {
    if (key === '.') continue
    const mine = a[key], other = b[key]!
    if (mine === undefined) continue
    const taken = isMember(other)
    const node = taken && deep ? undefined : nodeOf(isMember(mine) && !taken, subtract(childrenOf(mine), other, deep))
    if (node === mine || (node && node !== leaf && sameKeys(node, mine))) continue
    out ??= { ...a }
    if (node) out[key] = node
    else delete out[key]
  }
  return (out as FieldSet | undefined) ?? a
}

/** Whether a node that was put together anew is what it was before. */
function sameKeys(a: FieldSet, b: FieldSet): boolean {
  let count = 0
  for (const key in a) {
    if (a[key] !== b[key]) return false
    count++
  }
  for (const _ in b) count--
  return count === 0
}

/** Whether a field is in the set. The root itself never is. */
export function has(set: FieldSet, path: readonly string[]): boolean {
  if (path.length === 0) return false
  let node: FieldSet | undefined = set
  for (const element of path) node = node?.[element]
  return node !== undefined && isMember(node)
}

/** The set below an element; the empty one when there is none. */
export const below = (set: FieldSet, element: string): FieldSet => {
  const node = set[element]
  return node === undefined ? noFields : childrenOf(node)
}

/** Whether the element itself is in the set. */
export const hasElement = (set: FieldSet, element: string): boolean => {
  const node = set[element]
  return node !== undefined && isMember(node)
}

/** Puts a field in, with the fields on its way; for building. */
export function insert(set: MutableFieldSet, path: readonly string[]): void {
  let node = set
  path.forEach((element, i) => {
    const there = node[element]
    const last = i === path.length - 1
    if (there === undefined) node = (node[element] = {}) as MutableFieldSet
    else {
      if (!last && isEmpty(there as FieldSet)) node[element] = { '.': leaf }
      else if (last && hasChildren(there as FieldSet)) node[element] = { '.': leaf, ...there }
      node = node[element] as MutableFieldSet
    }
  })
}

/** The set of some paths. */
export function setOf(...paths: readonly (readonly string[])[]): FieldSet {
  const out: MutableFieldSet = {}
  for (const path of paths) insert(out, path)
  return out as FieldSet
}

/** Every field of the set: at each level first the fields themselves, then those below them. */
export function pathsOf(set: FieldSet, prefix: readonly string[] = []): string[][] {
  const paths: string[][] = []
  const keys = Object.keys(set).filter((key) => key !== '.').sort(compareElements)
  for (const key of keys) if (isMember(set[key]!)) paths.push([...prefix, key])
  for (const key of keys) if (hasChildren(set[key]!)) paths.push(...pathsOf(set[key]!, [...prefix, key]))
  return paths
}

/** Whether both hold the same fields. */
export function sameSet(a: FieldSet, b: FieldSet): boolean {
  if (a === b) return true
  let count = 0
  for (const key in a) {
    const other = b[key]
    if (other === undefined || !sameSet(a[key]!, other)) return false
    count++
  }
  for (const _ in b) count--
  return count === 0
}

/** The same set with its keys in the order in which the original writes them; itself when it is in order. */
export function inOrder(set: FieldSet): FieldSet {
  if (ordered.has(set)) return set
  const sorted = sortedSet(set)
  ordered.add(sorted)
  return sorted
}

/** Sets that are known to be in order. */
const ordered = new WeakSet<FieldSet>()

function sortedSet(set: FieldSet): FieldSet {
  const keys = Object.keys(set)
  if (keys.length === 0) return set
  let inPlace = true
  let changed = false
  const children: FieldSet[] = []
  for (let i = 0; i < keys.length; i++) {
    const child = set[keys[i]!]!
    const sorted = isEmpty(child) ? child : inOrder(child)
    if (sorted !== child) changed = true
    children.push(sorted)
    if (i > 0 && inPlace && compareElements(keys[i - 1]!, keys[i]!) > 0) inPlace = false
  }
  if (inPlace && !changed) return set
  const order = keys.map((_, i) => i)
  if (!inPlace) order.sort((a, b) => compareElements(keys[a]!, keys[b]!))
  const out: MutableFieldSet = {}
  for (const i of order) out[keys[i]!] = children[i]!
  return out as FieldSet
}
