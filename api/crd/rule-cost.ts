import { parse } from '../cel/parser.ts'
import type { Node } from '../cel/ast.ts'
import type { JSONSchemaProps } from '../types/apiextensions-v1/json-schema.ts'
import { additionalOf, itemsOf } from './json-schema.ts'
import { ownValue } from './json-value.ts'

/*
 * What a rule may cost at most, before there is an object: loops multiply. Coarser and milder than the original's estimate, so that
 * nothing is refused here that is accepted there; what is dear all the same stops at the budget when it runs.
 */

export const ruleLimit = 10_000_000
export const totalLimit = 100_000_000

/** What a list or map without a limit is taken to hold. */
const unbounded = 10_000

/** In CEL's cost units, for one value of the schema. */
export const ruleCost = (source: string, schema: JSONSchemaProps): number => cost(parse(source), new Map([['self', schema], ['oldSelf', schema]]))

type Scope = ReadonlyMap<string, JSONSchemaProps | undefined>

function cost(node: Node, scope: Scope): number {
  switch (node.node) {
    case 'literal': return 0
    case 'ident': return 1
    case 'select': return 1 + cost(node.target, scope)
    case 'index': return 1 + cost(node.target, scope) + cost(node.index, scope)
    case 'call': return 1 + (node.target ? cost(node.target, scope) : 0) + sum(node.args.map((arg) => cost(arg, scope)))
    case 'list': return 10 + sum(node.items.map(({ value }) => cost(value, scope)))
    case 'map': return 30 + sum(node.entries.map(({ key, value }) => cost(key, scope) + cost(value, scope)))
    case 'struct': return 40 + sum(node.fields.map(({ value }) => cost(value, scope)))
    case 'comprehension': {
      const range = rangeOf(node.target, scope)
      const inner = new Map(scope)
      for (const [i, name] of node.variables.entries()) inner.set(name, i === node.variables.length - 1 ? range.element : undefined)
      const body = cost(node.body, inner) + (node.condition ? cost(node.condition, inner) : 0)
      return cost(node.target, scope) + (node.macro.startsWith('opt') ? body : range.size * (body + 2))
    }
  }
}

const sum = (numbers: readonly number[]): number => numbers.reduce((total, number) => total + number, 0)

/** How much a loop over this expression can go through; what is not declared counts as little. */
function rangeOf(node: Node, scope: Scope): { size: number; element: JSONSchemaProps | undefined } {
  if (node.node === 'list') return { size: node.items.length, element: undefined }
  const schema = schemaAt(node, scope)
  if (!schema) return { size: 10, element: undefined }
  if (schema.type === 'array') return { size: schema.maxItems ?? unbounded, element: itemsOf(schema) }
  return { size: schema.maxProperties ?? (additionalOf(schema) ? unbounded : 10), element: undefined }
}

/** The schema of a path such as `self.spec.list`, or of what a filter leaves of it. */
function schemaAt(node: Node, scope: Scope): JSONSchemaProps | undefined {
  switch (node.node) {
    case 'ident': return scope.get(node.name)
    case 'select': {
      const target = schemaAt(node.target, scope)
      return target && (ownValue(target.properties, node.field) ?? additionalOf(target))
    }
    case 'index': {
      const target = schemaAt(node.target, scope)
      return target && (itemsOf(target) ?? additionalOf(target))
    }
    case 'comprehension': return node.macro === 'filter' ? schemaAt(node.target, scope) : undefined
    default: return undefined
  }
}

/** How far over, in the original's words. */
export function costText(name: string, cost: number, limit: number): string {
  const factor = cost / limit
  const text = factor > 100 ? 'more than 100x' : factor < 1.5 ? `${factor.toFixed(6)}x` : `${factor.toFixed(1)}x`
  return `${name} exceeds budget by factor of ${text} (try simplifying the rule, or adding maxItems, maxProperties, and maxLength where arrays, maps, and strings are declared)`
}
