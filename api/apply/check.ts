import { goPrint } from '../patch/json-value.ts'
import { printElement } from './path-element.ts'
import type { ListShape, Shape } from './shape.ts'
import { childShape, isObject, itemElement, ItemError } from './typed.ts'
import type { Container, Json } from './typed.ts'

/** How many mistakes are told, and how deep a configuration may be. */
const maxMistakes = 100
const maxDepth = 1000

/**
 * What of an applied configuration does not fit its type, in the original's words: `.spec.foo: field not declared in schema`,
 * `.spec.ports: duplicate entries for key [port=80,protocol="TCP"]`.
 */
export function checkTyped(shape: Shape, value: unknown): string[] {
  const mistakes: string[] = []
  visit(shape, value, '', mistakes, 0)
  return mistakes
}

function visit(shape: Shape, value: unknown, path: string, mistakes: string[], depth: number): void {
  if (value === null || value === undefined || mistakes.length >= maxMistakes) return
  const wrong = (why: string): void => { mistakes.push(path === '' ? why : `${path}: ${why}`) }
  if (depth > maxDepth) return wrong('exceeded max depth')
  switch (shape.type) {
    case 'free': return
    case 'scalar': {
      const why = scalarMistake(shape.scalar, value)
      return why === undefined ? undefined : wrong(why)
    }
    case 'list':
      if (!Array.isArray(value)) return wrong(`expected list, got &{${goPrint(value)}}`)
      return visitItems(shape, value, path, mistakes, depth)
    default:
      if (!isObject(value)) return wrong(`expected map, got &{${goPrint(value)}}`)
      return visitFields(shape, value, path, mistakes, depth)
  }
}

function visitFields(shape: Container, value: Json, path: string, mistakes: string[], depth: number): void {
  for (const key of Object.keys(value).sort()) {
    if (shape.type === 'struct' && !shape.open && !shape.declares(key)) mistakes.push(`${path}.${key}: field not declared in schema`)
    else visit(childShape(shape, key), value[key], `${path}.${key}`, mistakes, depth + 1)
  }
}

function visitItems(shape: ListShape, items: readonly unknown[], path: string, mistakes: string[], depth: number): void {
  const seen = new Set<string>()
  for (const [i, item] of items.entries()) {
    let step = `[${i}]`
    if (!shape.atomic) {
      try {
        const element = itemElement(shape, item)
        step = printElement(element)
        if (seen.has(element)) mistakes.push(`${path}: duplicate entries for key ${step}`)
        seen.add(element)
      } catch (error) {
        if (!(error instanceof ItemError)) throw error
        mistakes.push(`${path}: element ${i}: ${error.message}`)
        return
      }
    }
    visit(shape.element(), item, `${path}${step}`, mistakes, depth + 1)
  }
}

function scalarMistake(scalar: 'numeric' | 'string' | 'boolean' | 'untyped', value: unknown): string | undefined {
  switch (scalar) {
    case 'numeric': return typeof value === 'number' ? undefined : `expected numeric (int or float), got ${goType(value)}`
    case 'string': return typeof value === 'string' ? undefined : `expected string, got &value.valueUnstructured{Value:${goSyntax(value)}}`
    case 'boolean': return typeof value === 'boolean' ? undefined : `expected boolean, got &{${goPrint(value)}}`
    case 'untyped': return typeof value === 'object' ? `expected any scalar, got &{${goPrint(value)}}` : undefined
  }
}

const goType = (value: unknown): string => (Array.isArray(value) ? '[]interface {}' : typeof value === 'object' ? 'map[string]interface {}' : typeof value === 'boolean' ? 'bool' : typeof value)

/** `%#v`. */
function goSyntax(value: unknown): string {
  if (value === null) return 'interface {}(nil)'
  if (Array.isArray(value)) return `[]interface {}{${value.map(goSyntax).join(', ')}}`
  if (isObject(value)) return `map[string]interface {}{${Object.keys(value).sort().map((key) => `${JSON.stringify(key)}:${goSyntax(value[key])}`).join(', ')}}`
  return JSON.stringify(value)
}
