import { fieldElement, keyElement, valueElement } from './path-element.ts'
import { free } from './shape.ts'
import type { FreeShape, ListShape, MapShape, Shape, StructShape } from './shape.ts'

/** A JSON object. */
export type Json = Readonly<Record<string, unknown>>

export const isObject = (value: unknown): value is Json => typeof value === 'object' && value !== null && !Array.isArray(value)

/** A shape that holds named fields. */
export type Container = StructShape | MapShape | FreeShape

/** The shape of a field or of a map's key. */
export function childShape(shape: Container, name: string): Shape {
  switch (shape.type) {
    case 'struct': return shape.field(name)?.shape ?? free
    case 'map': return shape.element()
    case 'free': return free
  }
}

/** The path element of a field; ready-made for declared ones. */
export const childElement = (shape: Container, name: string): string => (shape.type === 'struct' ? shape.field(name)?.element : undefined) ?? fieldElement(name)

/** Whether the field is declared, as opposed to the key of a map. */
export const isDeclared = (shape: Container, name: string): boolean => shape.type === 'struct' && shape.declares(name)

/**
 * What a value is to ownership: one field (`leaf`), an object whose fields count each, or a list whose items do. A value of
 * another form than declared is a leaf.
 */
export type Form = 'leaf' | 'object' | 'list'

export function formOf(shape: Shape, value: unknown): Form {
  switch (shape.type) {
    case 'scalar': return 'leaf'
    case 'list': return shape.atomic || !Array.isArray(value) ? 'leaf' : 'list'
    case 'free': return isObject(value) ? 'object' : 'leaf'
    default: return shape.atomic || !isObject(value) ? 'leaf' : 'object'
  }
}

/** Why an item of a list cannot be told from the others. */
export class ItemError extends Error {}

/** The path element that names an item of a list map or set. Throws `ItemError`. */
export function itemElement(shape: ListShape, item: unknown): string {
  if (!shape.keys) {
    if (item === null || item === undefined) throw new ItemError("associative list without keys has an element that's an explicit null")
    if (Array.isArray(item)) throw new ItemError('not supported: associative list with lists as elements')
    if (typeof item === 'object') throw new ItemError("associative list without keys has an element that's a map type")
    return valueElement(item)
  }
  if (item === null || item === undefined) throw new ItemError('associative list with keys may not have a null element')
  if (!isObject(item)) throw new ItemError('associative list with keys may not have non-map elements')
  const element = shape.element()
  const pairs: [string, unknown][] = []
  for (const name of shape.keys) {
    const given = Object.hasOwn(item, name) ? item[name] : undefined
    const value = given ?? (element.type === 'struct' ? element.defaultOf(name) : undefined)
    if (value !== undefined) pairs.push([name, value])
  }
  if (pairs.length === 0) throw new ItemError(`associative list with keys has an element that omits all key fields [${shape.keys.map((key) => JSON.stringify(key)).join(' ')}] (and doesn't have default values for any key fields)`)
  return keyElement(pairs)
}

const isNothing = (value: unknown): boolean => value === undefined || value === null
/** Absent, null or without content: two of these differ as wholes only. */
export const isHollow = (value: unknown): boolean =>
  isNothing(value) || (Array.isArray(value) ? value.length === 0 : typeof value === 'object' && Object.keys(value as object).length === 0)
