import type { CelType } from '../cel/cel.ts'
import type { FieldError } from '../errors.ts'
import { forbidden, invalid } from '../kinds/validation/field.ts'
import type { JSONSchemaProps } from '../types/apiextensions-v1/json-schema.ts'
import { celTypeOf } from './cel-type.ts'
import { compileRule } from './compile-rule.ts'
import { additionalOf, itemsOf } from './json-schema.ts'
import { at, child } from './paths.ts'
import { costText, ruleCost, totalLimit, ruleLimit } from './rule-cost.ts'
import { hasRules } from './rules.ts'

/** Every rule of a structural schema that does not compile, costs too much, or asks for an old value that nobody can find. `known` were accepted before. */
export function validateRules(schema: JSONSchemaProps, path: string, known: ReadonlySet<string>): FieldError[] {
  const walk = new Walk(known)
  walk.visit(schema, path, true, { count: 1, loose: undefined })
  if (walk.total <= totalLimit) return walk.errors
  const dear = walk.costs.sort((a, b) => b.cost - a.cost).slice(0, 4).filter(({ cost }) => cost >= totalLimit / 100)
  return [
    ...walk.errors, ...dear.map(({ field }) => forbidden(field, 'contributed to estimated rule cost total exceeding cost limit for entire OpenAPIv3 schema')),
    forbidden(path, costText('x-kubernetes-validations estimated rule cost total for entire OpenAPIv3 schema', walk.total, totalLimit)),
  ]
}

interface Place {
  /** How many values of this schema one object can have. */
  readonly count: number
  /** The list above whose items cannot be told apart in an older object. */
  readonly loose: string | undefined
}

class Walk {
  readonly errors: FieldError[] = []
  readonly costs: { readonly field: string; readonly cost: number }[] = []
  total = 0
  readonly #known: ReadonlySet<string>

  constructor(known: ReadonlySet<string>) {
    this.#known = known
  }

  visit(schema: JSONSchemaProps, path: string, resource: boolean, place: Place): void {
    if (!hasRules(schema)) return
    const rules = schema['x-kubernetes-validations'] ?? []
    const type = rules.length > 0 ? celTypeOf(schema, resource) : undefined
    rules.forEach((_, i) => this.#rule(schema, i, type ?? { kind: 'dyn' }, at(child(path, 'x-kubernetes-validations'), i), place))
    const inner = (one: JSONSchemaProps | undefined, where: string, next: Place): void => { if (one) this.visit(one, where, one['x-kubernetes-embedded-resource'] === true, next) }
    for (const [name, property] of Object.entries(schema.properties ?? {})) inner(property, at(child(path, 'properties'), name), place)
    inner(additionalOf(schema), child(path, 'additionalProperties'), { ...place, count: times(place.count, schema.maxProperties) })
    const loose = schema['x-kubernetes-list-type'] === 'map' ? place.loose : place.loose ?? path
    inner(itemsOf(schema), child(path, 'items'), { count: times(place.count, schema.maxItems), loose })
  }

  #rule(schema: JSONSchemaProps, index: number, type: CelType, path: string, { count, loose }: Place): void {
    const rule = schema['x-kubernetes-validations']![index]!
    const { program, error, message, messageError } = compileRule(rule, type)
    if (error !== undefined) this.errors.push(invalid(child(path, 'rule'), rule, error))
    if (messageError !== undefined) this.errors.push(invalid(child(path, 'messageExpression'), rule, messageError))
    if (program) this.#cost(rule.rule, schema, count, child(path, 'rule'), 'estimated rule cost')
    if (message) this.#cost(rule.messageExpression!, schema, 1, child(path, 'messageExpression'), 'estimated messageExpression cost')
    if (program?.mentions('oldSelf')) {
      if (loose !== undefined) this.errors.push(invalid(child(path, 'rule'), rule.rule, `oldSelf cannot be used on the uncorrelatable portion of the schema within ${loose}`))
    } else if (program && rule.optionalOldSelf !== undefined) this.errors.push(invalid(child(path, 'optionalOldSelf'), rule.optionalOldSelf, 'may not be set if oldSelf is not used in rule'))
  }

  #cost(source: string, schema: JSONSchemaProps, count: number, field: string, what: string): void {
    const cost = ruleCost(source, schema) * count
    this.total += cost
    this.costs.push({ field, cost })
    if (cost > ruleLimit && !this.#known.has(source)) this.errors.push(forbidden(field, costText(what, cost, ruleLimit)))
  }
}

/** However lists nest, no more than this many values fit into one object. */
const mostValues = 100_000
const times = (count: number, limit = mostValues): number => Math.min(count * limit, mostValues)
