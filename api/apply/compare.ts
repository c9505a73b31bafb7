import { jsonEqual } from '../patch/json-value.ts'
import { leaf } from './field-set.ts'
import type { FieldSet, MutableFieldSet } from './field-set.ts'
import { free } from './shape.ts'
import type { ListShape, Shape } from './shape.ts'
import { childElement, childShape, formOf, isHollow, isObject, itemElement } from './typed.ts'
import type { Container, Json } from './typed.ts'

/** What became of each field between two values; no field is in more than one of the sets. */
export interface Comparison {
  readonly added: FieldSet
  readonly modified: FieldSet
  readonly removed: FieldSet
}

const unchanged: Comparison = Object.freeze({ added: leaf, modified: leaf, removed: leaf })
const nothing: Json = Object.freeze({})

/** Compares two objects of one shape. Lists may hold an item twice. Throws `ItemError`. */
export function compare(shape: Shape, before: unknown, after: unknown): Comparison {
  if (before === after) return unchanged
  const run = new Run()
  const nodes = run.visit(shape, before, after)
  return nodes ? { added: nodes.added ?? leaf, modified: nodes.modified ?? leaf, removed: nodes.removed ?? leaf } : unchanged
}

/** What was found at one place: the node of each set, where there is one. */
interface Nodes { added?: FieldSet | undefined; modified?: FieldSet | undefined; removed?: FieldSet | undefined }

const modified: Nodes = Object.freeze({ modified: leaf })

class Run {
  visit(shape: Shape, before: unknown, after: unknown): Nodes | undefined {
    if (before === after) return undefined
    if (before === undefined) return { added: wholeNode(shape, after) }
    if (after === undefined) return { removed: wholeNode(shape, before) }
    const form = formOf(shape, after === null ? before : after)
    if (form === 'leaf' || (isHollow(before) && isHollow(after))) return this.#mixed(shape, before, after) ?? whole(before, after)
    if (form === 'list') return this.#items(shape as ListShape, before, after)
    const found = this.#fields(shape as Container, before, after)
    // A free value that was no object before.
    return shape === free && before !== null && !isObject(before) && after !== null ? { ...found, modified: leaf } : found
  }

  /** A free value that was an object: its fields are gone, and there is a leaf in its place. */
  #mixed(shape: Shape, before: unknown, after: unknown): Nodes | undefined {
    if (shape !== free || !isObject(before) || isHollow(before) || after === null || isObject(after)) return undefined
    return { ...this.#fields(shape as Container, before, nothing), modified: leaf }
  }

  #fields(shape: Container, before: unknown, after: unknown): Nodes | undefined {
    const a = isObject(before) ? before : nothing
    const b = isObject(after) ? after : nothing
    const gather = new Gather()
    for (const key in b) {
      const mine = Object.hasOwn(a, key) ? a[key] : undefined
      if (mine === b[key] || b[key] === undefined) continue
      const found = this.visit(childShape(shape, key), mine, b[key])
      if (found) gather.put(childElement(shape, key), found)
    }
    for (const key in a) {
      if (a[key] === undefined || (Object.hasOwn(b, key) && b[key] !== undefined)) continue
      gather.put(childElement(shape, key), this.visit(childShape(shape, key), a[key], undefined))
    }
    return gather.nodes
  }

  #items(shape: ListShape, before: unknown, after: unknown): Nodes | undefined {
    // Mostly lists are what they were, and comparing is cheaper than naming the items.
    if (jsonEqual(before, after)) return undefined
    const a = index(shape, before), b = index(shape, after)
    const element = shape.element()
    const gather = new Gather()
    for (const [key, items] of a) gather.put(key, this.#item(element, items, b.get(key) ?? none))
    for (const [key, items] of b) if (!a.has(key)) gather.put(key, this.#item(element, none, items))
    return gather.nodes
  }

  /** Items under the same key; several of them count as one. */
  #item(element: Shape, before: readonly unknown[], after: readonly unknown[]): Nodes | undefined {
    if (before.length <= 1 && after.length <= 1) return this.visit(element, before[0], after[0])
    if (before.length >= 2 && after.length >= 2) return jsonEqual(before, after) ? undefined : modified
    if (before.length >= 2) return { ...(after.length > 0 && this.visit(element, undefined, after[0])), removed: leaf }
    return { ...(before.length > 0 && this.visit(element, before[0], undefined)), added: leaf }
  }
}

const none: readonly unknown[] = Object.freeze([])

/** A value that came or went with all that is in it: each object and each item on the way is a field too. */
function wholeNode(shape: Shape, value: unknown): FieldSet {
  const form = formOf(shape, value)
  if (form === 'leaf' || isHollow(value)) return leaf
  const out: MutableFieldSet = { '.': leaf }
  if (form === 'list') {
    const element = (shape as ListShape).element()
    for (const item of value as unknown[]) {
      const key = itemElement(shape as ListShape, item)
      out[key] = Object.hasOwn(out, key) ? leaf : wholeNode(element, item)
    }
  } else {
    for (const key in value as Json) {
      const child = (value as Json)[key]
      if (child !== undefined) out[childElement(shape as Container, key)] = wholeNode(childShape(shape as Container, key), child)
    }
  }
  return out as FieldSet
}

const whole = (before: unknown, after: unknown): Nodes | undefined => (jsonEqual(before, after) ? undefined : modified)

function index(shape: ListShape, list: unknown): Map<string, unknown[]> {
  const found = new Map<string, unknown[]>()
  if (!Array.isArray(list)) return found
  for (const item of list) {
    const key = itemElement(shape, item)
    const there = found.get(key)
    if (there) there.push(item)
    else found.set(key, [item])
  }
  return found
}

/** Puts the nodes of children together. */
class Gather {
  nodes: { added?: MutableFieldSet; modified?: MutableFieldSet; removed?: MutableFieldSet } & Nodes | undefined

  put(element: string, child: Nodes | undefined): void {
    if (!child) return
    const nodes: { added?: any; modified?: any; removed?: any } = (this.nodes ??= {})
    if (child.added) (nodes.added ??= {})[element] = child.added
    if (child.modified) (nodes.modified ??= {})[element] = child.modified
    if (child.removed) (nodes.removed ??= {})[element] = child.removed
  }
}
