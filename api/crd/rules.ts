import { CelError } from '../cel/cel.ts'
import type { CelProgram, CelType } from '../cel/cel.ts'
import { fromJson, Optional } from '../cel/values.ts'
import { runtimeBudget } from '../cel/compile.ts'
import type { FieldError } from '../errors.ts'
import type { JSONSchemaProps, ValidationRule } from '../types/apiextensions-v1/json-schema.ts'
import { celTypeOf } from './cel-type.ts'
import { compileRule } from './compile-rule.ts'
import { Correlation, oldItem } from './correlation.ts'
import { additionalOf, itemsOf } from './json-schema.ts'
import { isObject, ownValue } from './json-value.ts'
import { at, child } from './paths.ts'
import { schemaPath } from './schema-path.ts'

/** The `x-kubernetes-validations` of a schema, compiled when the first object comes. */
export interface RuleSet {
  /** Every broken rule. `old` is absent for a new object: transition rules are not asked then. */
  check(value: unknown, old: unknown, path?: string): FieldError[]
}

/** Undefined when there is not one rule in the schema. */
export function rulesOf(schema: JSONSchemaProps, resource = true): RuleSet | undefined {
  if (!hasRules(schema)) return undefined
  let tree: Tree | undefined
  return {
    check(value, old, path = '') {
      tree ??= treeOf(schema, resource)
      const run = new Run()
      run.visit(tree, value, old, path, old === undefined ? undefined : new Correlation(value, old, schema))
      return run.errors
    },
  }
}

/** The part of a schema that has rules in it. */
interface Tree {
  readonly schema: JSONSchemaProps
  readonly type: CelType
  readonly rules: readonly Compiled[]
  readonly properties: ReadonlyMap<string, Tree>
  readonly items: Tree | undefined
  readonly additional: Tree | undefined
}

interface Compiled {
  readonly rule: ValidationRule
  readonly program: CelProgram | undefined
  readonly message: CelProgram | undefined
  /** Why it does not compile; definitions are checked for that, but older ones may not have been. */
  readonly error: string | undefined
  readonly transition: boolean
  /** `fieldPath`, as errors write it. */
  readonly path: string
}

const ruled = new WeakMap<JSONSchemaProps, boolean>()

export function hasRules(schema: JSONSchemaProps): boolean {
  const known = ruled.get(schema)
  if (known !== undefined) return known
  const below = [...Object.values(schema.properties ?? {}), itemsOf(schema), additionalOf(schema)]
  const has = (schema['x-kubernetes-validations']?.length ?? 0) > 0 || below.some((one) => one !== undefined && hasRules(one))
  ruled.set(schema, has)
  return has
}

function treeOf(schema: JSONSchemaProps, resource: boolean): Tree {
  const type = celTypeOf(schema, resource) ?? { kind: 'dyn' }
  const inner = (one: JSONSchemaProps | undefined): Tree | undefined => (one && hasRules(one) ? treeOf(one, one['x-kubernetes-embedded-resource'] === true) : undefined)
  const properties = Object.entries(schema.properties ?? {}).flatMap(([name, property]): [string, Tree][] => {
    const tree = inner(property)
    return tree ? [[name, tree]] : []
  })
  return {
    schema, type, rules: (schema['x-kubernetes-validations'] ?? []).filter(({ rule }) => rule.trim()).map((rule) => compiled(rule, schema, type)),
    properties: new Map(properties), items: inner(itemsOf(schema)), additional: inner(additionalOf(schema)),
  }
}

function compiled(rule: ValidationRule, schema: JSONSchemaProps, type: CelType): Compiled {
  const { program, message, error } = compileRule(rule, type)
  const found = rule.fieldPath ? schemaPath(rule.fieldPath, schema) : undefined
  return { rule, program, message, error, transition: program?.mentions('oldSelf') ?? false, path: found && 'path' in found ? found.path : '' }
}

const outOfBudget = 'validation failed due to running out of cost budget, no further validation rules will be run'

/** One object; all its rules share one budget. */
class Run {
  readonly errors: FieldError[] = []
  readonly #budget = { left: runtimeBudget }
  #over = false

  visit(tree: Tree, value: unknown, old: unknown, path: string, correlation: Correlation | undefined): void {
    if (value === null || value === undefined || this.#over) return
    for (const rule of tree.rules) {
      this.#rule(tree, rule, value, old, path, correlation)
      if (this.#over) return
    }
    if (Array.isArray(value)) {
      if (tree.items) value.forEach((item, i) => this.visit(tree.items!, item, oldItem(item, old, tree.schema), at(path, i), correlation?.index(i)))
    } else if (isObject(value)) {
      for (const key of Object.keys(value)) {
        const property = tree.properties.get(key)
        const inner = property ?? tree.additional
        if (inner) this.visit(inner, value[key], isObject(old) ? ownValue(old, key) : undefined, property ? child(path, key) : at(path, key), correlation?.key(key))
      }
    }
  }

  #rule({ schema, type }: Tree, { rule, program, message, error, transition, path: fieldPath }: Compiled, value: unknown, old: unknown, path: string, correlation: Correlation | undefined): void {
    const say = (detail: string): void => { this.errors.push({ type: 'Invalid', field: path || '<nil>', value: schema.type ?? '', detail }) }
    if (error !== undefined || !program) return say(`rule compile error: ${error}`)
    const hasOld = old !== undefined && old !== null
    const optional = rule.optionalOldSelf === true
    if (transition && !hasOld && !optional) return
    const oldSelf = optional ? (hasOld ? Optional.of(fromJson(old, type)) : Optional.none) : old
    const variables = { self: value, ...(hasOld || optional ? { oldSelf } : {}) }
    try {
      if (program.evaluate(variables, this.#budget) === true) return
    } catch (caught) {
      return this.#failed(caught, rule, say)
    }
    // What did not change was let in before.
    if (!transition && correlation?.equal) return
    const detail = this.#message(message, variables) ?? (rule.message ? rule.message.trim() : `failed rule: ${rule.rule.trim()}`)
    this.errors.push(broken(rule, fieldPath ? joined(path, fieldPath) : path || '<nil>', shown(schema, value), detail))
  }

  #failed(error: unknown, rule: ValidationRule, say: (detail: string) => void): void {
    if (!(error instanceof CelError)) throw error
    const what = rule.message ? rule.message.trim() : rule.rule.trim()
    if (error.code === 'budget') {
      this.#over = true
      say(outOfBudget)
    } else if (error.code === 'cost') {
      this.#over = true
      say(`'${error.message}': no further validation rules will be run due to call cost exceeds limit for rule: ${what}`)
    } else if (error.message.startsWith('no such overload')) {
      say(`'${error.message}': call arguments did not match a supported operator, function or macro signature for rule: ${what}`)
    } else say(`${error.message} evaluating rule: ${what}`)
  }

  /** Undefined when the expression fails, or makes no good message. */
  #message(program: CelProgram | undefined, variables: Readonly<Record<string, unknown>>): string | undefined {
    if (!program) return undefined
    try {
      const text = String(program.evaluate(variables, this.#budget)).trim()
      return text === '' || text.includes('\n') || Buffer.byteLength(text) > maxMessage ? undefined : text
    } catch (error) {
      if (error instanceof CelError) return undefined
      throw error
    }
  }
}

const maxMessage = 5120
const joined = (path: string, fieldPath: string): string => (path === '' ? fieldPath : fieldPath.startsWith('[') ? path + fieldPath : `${path}.${fieldPath}`)
/** Of objects and lists only the message is shown. */
const shown = (schema: JSONSchemaProps, value: unknown): unknown => (schema.type === 'object' || schema.type === 'array' ? undefined : value)

function broken({ reason }: ValidationRule, field: string, value: unknown, detail: string): FieldError {
  switch (reason) {
    case 'FieldValueForbidden': return { type: 'Forbidden', field, detail }
    case 'FieldValueRequired': return { type: 'Required', field, detail }
    case 'FieldValueDuplicate': return { type: 'Duplicate', field, ...(value !== undefined && { value }), detail: '' }
    default: return { type: 'Invalid', field, ...(value !== undefined && { value }), detail }
  }
}
