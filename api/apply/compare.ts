import { jsonEqual } from '../patch/json-value.ts'
import { isEmpty, leaf } from './field-set.ts'
import type { FieldSet, MutableFieldSet } from './field-set.ts'
import { fieldElement } from './path-element.ts'
import { free } from './shape.ts'
import type { ListShape, Shape } from './shape.ts'
import { childShape, formOf, isHollow, isObject, itemElement } from './typed.ts'
import type { Container, Json } from './typed.ts'

/** What became of each field between two values; no field is in more than one of the sets. */
export interface Comparison {
  readonly added: FieldSet
  readonly modified: FieldSet
  readonly removed: FieldSet
}

const unchanged: Comparison = Object.freeze({ added: leaf, modified: leaf, removed: leaf })
const nothing: Json = Object.freeze({})

export const isSame = ({ added, modified, removed }: Comparison): boolean => isEmpty(added) && isEmpty(modified) && isEmpty(removed)

/** Compares two objects of one shape. Lists may hold an item twice. Throws `ItemError`. */
export function compare(shape: Shape, before: unknown, after: unknown): Comparison {
  if (before === after) return unchanged
  const run = new Run()
  const nodes = run.visit(shape, before, after)
  return nodes ? { added: nodes.added ?? leaf, modified: nodes.modified ?? leaf, removed: nodes.removed ?? leaf } : unchanged
}

/** What was found at one place: the node of each set, where there is one. */
interface Nodes { added?: FieldSet | undefined; modified?: FieldSet | undefined; removed?: FieldSet | undefined }

const added: Nodes = Object.freeze({ added: leaf })
const modified: Nodes = Object.freeze({ modified: leaf })
const removed: Nodes = Object.freeze({ removed: leaf })

class Run {
  visit(shape: Shape, before: unknown, after: unknown): Nodes | undefined {
    if (before === after) return undefined
    const form = formOf(shape, after === undefined ? before : after)
    if (form === 'leaf' || (isHollow(before) && isHollow(after))) return this.#mixed(shape, before, after) ?? whole(before, after)
    const found = form === 'list' ? this.#items(shape as ListShape, before, after as unknown[]) : this.#fields(shape as Container, before, after)
    if (before === undefined) return { ...found, added: withSelf(found?.added) }
    if (after === undefined) return { ...found, removed: withSelf(found?.removed) }
    // A free value that was no object before.
    return shape === free && before !== null && !isObject(before) ? { ...found, modified: leaf } : found
  }

  /** A free value that was an object: its fields are gone, and there is a leaf in its place. */
  #mixed(shape: Shape, before: unknown, after: unknown): Nodes | undefined {
    if (shape !== free || !isObject(before) || isHollow(before) || after === undefined || isObject(after)) return undefined
    return { ...this.#fields(shape as Container, before, nothing), modified: leaf }
  }

  #fields(shape: Container, before: unknown, after: unknown): Nodes | undefined {
    const a = isObject(before) ? before : nothing
    const b = isObject(after) ? after : nothing
    const gather = new Gather()
    for (const key in b) {
      const mine = Object.hasOwn(a, key) ? a[key] : undefined
      if (mine !== b[key] && b[key] !== undefined) gather.put(fieldElement(key), this.visit(childShape(shape, key), mine, b[key]))
    }
    for (const key in a) {
      if (a[key] !== undefined && (!Object.hasOwn(b, key) || b[key] === undefined)) gather.put(fieldElement(key), this.visit(childShape(shape, key), a[key], undefined))
    }
    return gather.nodes
  }

  #items(shape: ListShape, before: unknown, after: unknown): Nodes | undefined {
    const a = index(shape, before), b = index(shape, after)
    const element = shape.element()
    const gather = new Gather()
    for (const [key, items] of a) gather.put(key, this.#item(element, items, b.get(key) ?? []))
    for (const [key, items] of b) if (!a.has(key)) gather.put(key, this.#item(element, [], items))
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

const whole = (before: unknown, after: unknown): Nodes | undefined =>
  before === undefined ? added : after === undefined ? removed : jsonEqual(before, after) ? undefined : modified

const withSelf = (node: FieldSet | undefined): FieldSet => (node && !isEmpty(node) ? { '.': leaf, ...node } as FieldSet : leaf)

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
