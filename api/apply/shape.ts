import { resolve } from '../schema/schema.ts'
import type { Facets, Schema, StructSchema } from '../schema/schema.ts'
import { fieldElement } from './path-element.ts'

/**
 * How ownership sees a value of a declared type: what is one field and what is many. Derived from the declaration at first
 * use and kept.
 */
export type Shape = ScalarShape | StructShape | MapShape | ListShape | FreeShape

export interface ScalarShape { readonly type: 'scalar'; readonly scalar: 'numeric' | 'string' | 'boolean' | 'untyped' }

export interface Child { readonly shape: Shape; readonly element: string }

/** A JSON object with declared fields. */
export interface StructShape {
  readonly type: 'struct'
  /** One owner for the whole. */
  readonly atomic: boolean
  /** Undeclared fields may occur (objects of custom resources); they are free. */
  readonly open: boolean
  /** A declared field (or, in an open struct, any) with the path element that names it. */
  field(name: string): Child | undefined
  declares(name: string): boolean
  /** The declared default of a field: for the keys of list maps. */
  defaultOf(name: string): unknown
}

export interface MapShape { readonly type: 'map'; readonly atomic: boolean; readonly element: () => Shape }

export interface ListShape {
  readonly type: 'list'
  readonly atomic: boolean
  readonly element: () => Shape
  /** The items are found by these fields, in the order of their names; absent: the items are scalars and found by their value. */
  readonly keys?: readonly string[]
}

/** Nothing is declared: the value says what it is. Objects are maps, lists are atomic. */
export interface FreeShape { readonly type: 'free' }

export const free: FreeShape = Object.freeze({ type: 'free' })
const scalar = (kind: ScalarShape['scalar']): ScalarShape => Object.freeze({ type: 'scalar', scalar: kind })
const numeric = scalar('numeric'), string = scalar('string'), boolean = scalar('boolean'), untyped = scalar('untyped')

const closedShapes = new WeakMap<StructSchema, StructShape>()
const openShapes = new WeakMap<StructSchema, StructShape>()

/** The shape of an object of this type. `open` for custom resources. */
export function shapeOf(schema: StructSchema, open = false): StructShape {
  const shapes = open ? openShapes : closedShapes
  const known = shapes.get(schema)
  if (known) return known
  const made = structShape(schema, open, schema.atomic === true)
  shapes.set(schema, made)
  return made
}

function structShape(schema: StructSchema, open: boolean, atomic: boolean): StructShape {
  const children = new Map<string, Child>()
  return {
    type: 'struct', atomic, open,
    field(name) {
      const known = children.get(name)
      if (known) return known
      const field = Object.hasOwn(schema.fields, name) ? schema.fields[name] : undefined
      if (!field) return open ? { shape: free, element: fieldElement(name) } : undefined
      const child = { shape: shapeOfField(field.schema, field, open), element: fieldElement(name) }
      children.set(name, child)
      return child
    },
    declares: (name) => Object.hasOwn(schema.fields, name),
    defaultOf: (name) => (Object.hasOwn(schema.fields, name) ? schema.fields[name]?.default : undefined),
  }
}

/** The facets of a field speak of the list or map it holds; what that holds in turn has none. */
function shapeOfField(declared: Schema, facets: Facets, open: boolean): Shape {
  const schema = resolve(declared)
  switch (schema.kind) {
    case 'struct': return facets.mapType === 'atomic' && !schema.atomic ? structShape(schema, open, true) : shapeOf(schema, open)
    case 'map': return { type: 'map', atomic: facets.mapType === 'atomic', element: once(() => shapeOfField(schema.values, {}, open)) }
    case 'list': return listShape(schema.items, facets, open)
    case 'int32': case 'int64': case 'float64': return numeric
    case 'bool': return boolean
    case 'intOrString': case 'quantity': return untyped
    case 'raw': case 'fields': return free
    default: return string
  }
}

function listShape(items: Schema, { listType, listMapKeys, patchStrategy, patchMergeKey }: Facets, open: boolean): ListShape {
  const element = once(() => shapeOfField(items, {}, open))
  if (listType === 'set') return { type: 'list', atomic: false, element }
  if (listType === 'map') return { type: 'list', atomic: false, element, keys: [...listMapKeys ?? []].sort() }
  // What was declared before there were list types.
  if (listType === undefined && patchStrategy?.split(',').includes('merge')) return { type: 'list', atomic: false, element, ...(patchMergeKey && { keys: [patchMergeKey] }) }
  return { type: 'list', atomic: true, element }
}

function once<T>(make: () => T): () => T {
  let made: T | undefined
  return () => (made ??= make())
}
