import { setKey } from '../schema/set-key.ts'
import { below, hasElement, isEmpty } from './field-set.ts'
import type { FieldSet, MutableFieldSet } from './field-set.ts'
import type { ListShape, Shape } from './shape.ts'
import { childElement, childShape, formOf, isDeclared, isHollow, itemElement } from './typed.ts'
import type { Container, Json } from './typed.ts'

/**
 * The value without the fields and items of a set; undefined when nothing is left. Takes whole fields away, so whoever wants a
 * struct gone names it (`withNamedFields`).
 */
export function removeFields(shape: Shape, value: unknown, set: FieldSet): unknown {
  if (shape.type === 'scalar') return value
  const form = formOf(shape, value)
  // What is one field and is not gone itself has nothing to lose; an atomic that is looked into goes.
  if (form === 'leaf') return shape.type === 'free' && !Array.isArray(value) ? value : undefined
  if (isHollow(value)) return undefined
  return form === 'list' ? removeItems(shape as ListShape, value as unknown[], set) : removeNamed(shape as Container, value as Json, set)
}

function removeNamed(shape: Container, value: Json, set: FieldSet): Json | undefined {
  const out: Record<string, unknown> = {}
  for (const key of Object.keys(value)) {
    const element = childElement(shape, key)
    if (hasElement(set, element)) continue
    const inside = below(set, element)
    setKey(out, key, isEmpty(inside) ? value[key] : removeFields(childShape(shape, key), value[key], inside) ?? null)
  }
  return Object.keys(out).length > 0 ? out : undefined
}

function removeItems(shape: ListShape, items: readonly unknown[], set: FieldSet): unknown[] | undefined {
  const out: unknown[] = []
  for (const item of items) {
    const element = itemElement(shape, item)
    if (hasElement(set, element)) continue
    const inside = below(set, element)
    out.push(isEmpty(inside) ? item : removeFields(shape.element(), item, inside) ?? null)
  }
  return out.length > 0 ? out : undefined
}

/** The set with every declared field on the way to one of its members: `a.b.c` brings `a` along, where `a` is no map. */
export function withNamedFields(shape: Shape | undefined, set: FieldSet): FieldSet {
  const out: MutableFieldSet = {}
  for (const key in set) {
    if (key === '.') {
      out[key] = set[key]!
      continue
    }
    const node = set[key]!
    const named = key.startsWith('f:') && isContainer(shape) && isDeclared(shape, key.slice(2))
    const inside = withNamedFields(shapeBelow(shape, key), node)
    out[key] = named && !isEmpty(inside) && inside['.'] === undefined ? { '.': {}, ...inside } as FieldSet : inside
  }
  return out as FieldSet
}

const isContainer = (shape: Shape | undefined): shape is Container => shape !== undefined && shape.type !== 'scalar' && shape.type !== 'list'

function shapeBelow(shape: Shape | undefined, element: string): Shape | undefined {
  if (element.startsWith('f:')) return isContainer(shape) ? childShape(shape, element.slice(2)) : undefined
  return element.startsWith('k:') && shape?.type === 'list' ? shape.element() : undefined
}
