import { leaf } from './field-set.ts'
import type { FieldSet, MutableFieldSet } from './field-set.ts'
import type { ListShape, Shape } from './shape.ts'
import { childElement, childShape, formOf, isDeclared, isObject, itemElement } from './typed.ts'
import type { Container, Json } from './typed.ts'

/**
 * Every field and item that a value mentions: leaves, the keys of maps, the items of lists, and empty objects. What an
 * applied configuration owns.
 */
export function toFieldSet(shape: Shape, value: unknown): FieldSet {
  return nodeOf(shape, value, false) ?? leaf
}

/** The node of a value; `member` when the field itself belongs to the set beside what is below it. */
function nodeOf(shape: Shape, value: unknown, member: boolean): FieldSet | undefined {
  const form = formOf(shape, value)
  if (form === 'leaf') return member || isWhole(shape, value) ? leaf : undefined
  const out: MutableFieldSet = {}
  if (form === 'list') addItems(shape as ListShape, value as unknown[], out)
  else addFields(shape as Container, value as Json, out)
  for (const _ in out) return member ? { '.': leaf, ...out } as FieldSet : out as FieldSet
  return member ? leaf : undefined
}

/** A list or map that is null where it is not atomic says nothing of its own. */
const isWhole = (shape: Shape, value: unknown): boolean => shape.type === 'scalar' || (shape.type !== 'free' && shape.atomic) || (shape.type === 'free' && !isObject(value))

function addFields(shape: Container, value: Json, out: MutableFieldSet): void {
  for (const key of Object.keys(value)) {
    const child = value[key]
    if (child === undefined) continue
    const empty = child === null || (isObject(child) && Object.keys(child).length === 0)
    const node = nodeOf(childShape(shape, key), child, empty || !isDeclared(shape, key))
    if (node) out[childElement(shape, key)] = node
  }
}

/** An item that occurs twice is owned as a whole, without what is in it. */
function addItems(shape: ListShape, items: readonly unknown[], out: MutableFieldSet): void {
  const element = shape.element()
  for (const item of items) {
    const key = itemElement(shape, item)
    out[key] = Object.hasOwn(out, key) ? leaf : nodeOf(element, item, true)!
  }
}
