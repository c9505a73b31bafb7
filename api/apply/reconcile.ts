import { isEmpty, leaf } from './field-set.ts'
import type { FieldSet, MutableFieldSet } from './field-set.ts'
import type { Shape } from './shape.ts'
import { childShape } from './typed.ts'

/** Sets that were looked at already, by the shape they were looked at with. */
const settled = new WeakMap<FieldSet, { readonly shape: Shape; readonly set: FieldSet }>()

/**
 * A set written when the type was declared otherwise: whoever owned parts of what is one field now owns that field. The same value when
 * there is nothing to do.
 */
export function reconcileSet(shape: Shape, set: FieldSet): FieldSet {
  const known = settled.get(set)
  if (known?.shape === shape) return known.set
  const made = visit(shape, set)
  settled.set(set, { shape, set: made })
  if (made !== set) settled.set(made, { shape, set: made })
  return made
}

function visit(shape: Shape, set: FieldSet): FieldSet {
  if (shape.type === 'scalar' || shape.type === 'free') return set
  if (shape.atomic) return isEmpty(set) ? set : leaf
  let out: MutableFieldSet | undefined
  for (const key in set) {
    if (key === '.') continue
    const below = shapeBelow(shape, key)
    const node = below ? visit(below, set[key]!) : set[key]!
    if (node !== set[key]) (out ??= { ...set })[key] = node
  }
  return (out as FieldSet | undefined) ?? set
}

function shapeBelow(shape: Exclude<Shape, { type: 'scalar' | 'free' }>, key: string): Shape | undefined {
  if (shape.type === 'list') return shape.element()
  return key.startsWith('f:') ? childShape(shape, key.slice(2)) : undefined
}
