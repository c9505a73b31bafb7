import type { Call, Comprehension, Node, Select } from './ast.ts'
import type { CelEnvironment } from './cel.ts'
import type { FunctionTable, Overload } from './functions.ts'
import { literalIssue } from './literal-checks.ts'
import { unescapeName } from './names.ts'
import { typeName } from './parser.ts'
import { authorizerType, resourceCheckType } from './library/authorization.ts'
import type { Issue } from './syntax-error.ts'
import { assign, bool, bytes, double, duration, dyn, errorType, fieldsOf, int, join, list, map, nullType, opaque, optional, param, printType, string, substitute, timestamp, typeFor, typeOf, uint } from './types.ts'
import type { Bindings, Type } from './types.ts'

/** What the checker found out about the tree; the interpreter reads it. */
export interface Checked {
  readonly type: Type
  readonly issues: readonly Issue[]
  readonly types: ReadonlyMap<Node, Type>
  /** Overloads that may apply to a call, and how it is to be read. */
  readonly calls: ReadonlyMap<Node, { readonly overloads: readonly Overload[]; readonly args: readonly Node[] }>
  /** Identifiers and paths that name a type. */
  readonly typeNames: ReadonlyMap<Node, string>
  /** The variables of the environment that are mentioned. */
  readonly mentioned: ReadonlySet<string>
}

const namedTypes: ReadonlyMap<string, Type> = new Map(Object.entries({
  int, uint, double, bool, string, bytes, dyn, null_type: nullType, type: typeOf(dyn), list: list(dyn), map: map(dyn, dyn),
  'google.protobuf.Timestamp': timestamp, 'google.protobuf.Duration': duration, optional_type: optional(dyn),
  'kubernetes.Quantity': opaque('kubernetes.Quantity'), 'net.IP': opaque('net.IP'), 'net.CIDR': opaque('net.CIDR'), 'kubernetes.URL': opaque('kubernetes.URL'), 'kubernetes.Semver': opaque('kubernetes.Semver'),
}))
const keyKinds: ReadonlySet<Type['k']> = new Set(['string', 'int', 'uint', 'bool', 'dyn', 'error', 'param'])
const conditionals = new Set(['_&&_', '_||_'])

/** Gives every node its type. Mistakes are collected, not thrown. */
export function check(root: Node, environment: CelEnvironment, functions: FunctionTable): Checked {
  const checker = new Checker(environment, functions)
  const type = checker.check(root)
  return { type: checker.settled(type), issues: checker.issues, types: checker.types, calls: checker.calls, typeNames: checker.typeNames, mentioned: checker.mentioned }
}

class Checker {
  readonly issues: Issue[] = []
  readonly types = new Map<Node, Type>()
  readonly calls = new Map<Node, { overloads: readonly Overload[]; args: readonly Node[] }>()
  readonly typeNames = new Map<Node, string>()
  readonly mentioned = new Set<string>()
  readonly #environment: CelEnvironment
  readonly #functions: FunctionTable
  readonly #locals: { name: string; type: Type }[] = []
  #bindings: Bindings = new Map()
  #fresh = 0

  constructor(environment: CelEnvironment, functions: FunctionTable) {
    this.#environment = environment
    this.#functions = functions
  }

  settled(type: Type): Type { return substitute(type, this.#bindings, true) }

  check(node: Node): Type {
    const type = this.#typeOf(node)
    this.types.set(node, type)
    return type
  }

  #complain(at: number, message: string): Type {
    if (this.issues.length < 100) this.issues.push({ offset: at, message })
    return errorType
  }

  #typeOf(node: Node): Type {
    switch (node.node) {
      case 'literal': return { null: nullType, bool, int, uint, double, string, bytes }[node.type]
      case 'ident': return this.#ident(node, node.name)
      case 'select': return this.#select(node)
      case 'index': return this.#index(node)
      case 'call': return this.#call(node)
      case 'list': return this.#list(node)
      case 'map': return this.#map(node)
      case 'struct': return this.#struct(node)
      case 'comprehension': return this.#comprehension(node)
    }
  }

  #ident(node: Node & { at: number }, name: string): Type {
    const local = this.#locals.findLast((candidate) => candidate.name === name)
    if (local) return local.type
    if (Object.hasOwn(this.#environment.variables, name)) {
      this.mentioned.add(name)
      return typeFor(this.#environment.variables[name]!)
    }
    if (name === 'authorizer' && this.#environment.authorizer) {
      this.mentioned.add(name)
      return opaque(authorizerType)
    }
    const named = namedTypes.get(name)
    if (named) {
      this.typeNames.set(node, name)
      return typeOf(named)
    }
    return this.#complain(node.at, `undeclared reference to '${name}' (in container '')`)
  }

  #variableExists(name: string): boolean {
    return (name === 'authorizer' && this.#environment.authorizer) || this.#locals.some((local) => local.name === name) || Object.hasOwn(this.#environment.variables, name)
  }

  #select(node: Select): Type {
    const path = typeName(node)
    if (path && !this.#variableExists(path.split('.')[0]!) && namedTypes.has(path)) {
      this.typeNames.set(node, path)
      return typeOf(namedTypes.get(path)!)
    }
    if (path === 'authorizer.requestResource' && this.#environment.authorizer) {
      this.mentioned.add('authorizer')
      this.mentioned.add(path)
      return opaque(resourceCheckType)
    }
    const target = this.settledForUse(this.check(node.target))
    const inner = target.k === 'optional' ? target.args[0]! : target
    const field = this.#fieldType(node, this.settledForUse(inner))
    if (node.test) return bool
    return (node.optional || target.k === 'optional') && field.k !== 'optional' ? optional(field) : field
  }

  /** The type as far as it is known; a free parameter stays one. */
  settledForUse(type: Type): Type { return substitute(type, this.#bindings) }

  #fieldType(node: Select, target: Type): Type {
    switch (target.k) {
      case 'dyn': case 'error': case 'param': return dyn
      case 'map': return target.args[1]!
      case 'object': {
        const fields = fieldsOf(target.declared!)
        const name = node.quoted || Object.hasOwn(fields, node.field) ? node.field : unescapeName(node.field)
        if (Object.hasOwn(fields, name)) return typeFor(fields[name]!)
        return target.declared!.open ? dyn : this.#complain(node.at, `undefined field '${node.field}'`)
      }
      default: return this.#complain(node.at, `type '${printType(target)}' does not support field selection`)
    }
  }

  #index(node: Node & { node: 'index' }): Type {
    const target = this.settledForUse(this.check(node.target))
    const key = this.check(node.index)
    const inner = target.k === 'optional' ? this.settledForUse(target.args[0]!) : target
    const found = this.#indexed(node.at, inner, key, target)
    return (node.optional || target.k === 'optional') ? optional(found) : found
  }

  #indexed(at: number, target: Type, key: Type, whole: Type): Type {
    if (target.k === 'dyn' || target.k === 'error' || target.k === 'param') return dyn
    const wanted = target.k === 'list' ? int : target.k === 'map' ? target.args[0]! : undefined
    const bound = wanted && assign(wanted, key, this.#bindings)
    if (!bound) return this.#complain(at, `found no matching overload for '_[_]' applied to '(${this.#printed([whole, key])})'`)
    this.#bindings = bound
    return target.args.at(-1)!
  }

  #call(node: Call): Type {
    if (node.name === '_?_:_' && !node.target) return this.#ternary(node)
    const path = node.target && typeName(node.target)
    const qualified = path && !this.#variableExists(path.split('.')[0]!) ? `${path}.${node.name}` : undefined
    if (qualified && this.#functions.has(qualified)) return this.#resolve(node, qualified, this.#functions.find(qualified, false), node.args)
    const args = node.target ? [node.target, ...node.args] : node.args
    const overloads = this.#functions.find(node.name, node.target !== undefined)
    if (!this.#functions.has(node.name) && !conditionals.has(node.name)) {
      for (const arg of args) this.check(arg)
      return this.#complain(node.at, `undeclared reference to '${node.name}' (in container '')`)
    }
    return this.#resolve(node, node.name, overloads, args)
  }

  #resolve(node: Call, name: string, overloads: readonly Overload[], args: readonly Node[]): Type {
    const given = args.map((arg) => this.check(arg))
    if (conditionals.has(name)) {
      const wrong = given.some((type) => !assign(bool, this.settledForUse(type), this.#bindings))
      return wrong ? this.#noOverload(node, name, given, false) : bool
    }
    const fitting: Overload[] = []
    let result: Type | undefined
    let bindings: Bindings | undefined
    for (const overload of overloads) {
      if (overload.args.length !== given.length) continue
      const { args: wanted, result: comes } = this.#instantiate(overload)
      const bound = assignAll(wanted, given, this.#bindings)
      if (!bound) continue
      fitting.push(overload)
      bindings ??= bound
      const type = substitute(comes, bound)
      result = result === undefined || sameType(result, type) ? result ?? type : dyn
    }
    if (!result) return given.some(({ k }) => k === 'error') ? errorType : this.#noOverload(node, name, given, node.target !== undefined && args !== node.args)
    if (fitting.length === 1) this.#bindings = bindings!
    const wrong = literalIssue(node)
    if (wrong) this.#complain(wrong.offset, wrong.message)
    this.calls.set(node, { overloads: fitting, args })
    return result
  }

  #noOverload(node: Call, name: string, given: readonly Type[], member: boolean): Type {
    const printed = member ? `${this.#printed(given.slice(0, 1))}.(${this.#printed(given.slice(1))})` : `(${this.#printed(given)})`
    return this.#complain(node.at, `found no matching overload for '${name}' applied to '${printed}'`)
  }

  #printed(types: readonly Type[]): string { return types.map((type) => printType(this.settled(type))).join(', ') }

  #instantiate(overload: Overload): { args: readonly Type[]; result: Type } {
    if (!overload.args.some(hasParam) && !hasParam(overload.result)) return overload
    const mark = `$${this.#fresh++}`
    return { args: overload.args.map((type) => rename(type, mark)), result: rename(overload.result, mark) }
  }

  #ternary({ at, args, name }: Call): Type {
    const [condition, yes, no] = args.map((arg) => this.check(arg)) as [Type, Type, Type]
    if (!assign(bool, this.settledForUse(condition), this.#bindings)) return this.#complain(at, `found no matching overload for '${name}' applied to '(${this.#printed([condition, yes, no])})'`)
    const bound = assign(yes, no, this.#bindings) ?? assign(no, yes, this.#bindings)
    if (!bound) return this.#complain(at, `found no matching overload for '${name}' applied to '(${this.#printed([condition, yes, no])})'`)
    this.#bindings = bound
    return yes.k === 'null' ? no : yes.k === 'dyn' || no.k === 'dyn' ? dyn : yes
  }

  #list({ items }: Node & { node: 'list' }): Type {
    let type: Type | undefined
    for (const item of items) {
      const found = this.#element(item.value, item.optional)
      type = this.#joined(type, found, item.value.at)
    }
    return list(type ?? param(`$${this.#fresh++}`))
  }

  #element(node: Node, isOptional: boolean): Type {
    const found = this.settledForUse(this.check(node))
    if (!isOptional || found.k === 'dyn' || found.k === 'error') return found
    return found.k === 'optional' ? found.args[0]! : this.#complain(node.at, `expected type 'optional_type(${printType(found)})' but found '${printType(found)}'`)
  }

  /** Literals hold values of one type (Kubernetes asks for it); `dyn()` is the way around. */
  #joined(known: Type | undefined, found: Type, at: number): Type {
    if (!known) return found
    const both = join(this.settledForUse(known), this.settledForUse(found))
    if (both) return both
    return this.#complain(at, `expected type '${printType(this.settled(known))}' but found '${printType(this.settled(found))}'`)
  }

  #map({ entries }: Node & { node: 'map' }): Type {
    let keys: Type | undefined
    let values: Type | undefined
    for (const entry of entries) {
      const key = this.check(entry.key)
      keys = keyKinds.has(this.settledForUse(key).k) ? this.#joined(keys, key, entry.key.at) : this.#complain(entry.key.at, `unsupported map key type: ${printType(key)}`)
      values = this.#joined(values, this.#element(entry.value, entry.optional), entry.value.at)
    }
    return map(keys ?? param(`$${this.#fresh++}`), values ?? param(`$${this.#fresh++}`))
  }

  #struct(node: Node & { node: 'struct' }): Type {
    const declared = this.#environment.types?.(node.name)
    if (!declared) {
      for (const field of node.fields) this.check(field.value)
      return this.#complain(node.at, `undeclared reference to '${node.name}' (in container '')`)
    }
    const fields = fieldsOf(declared)
    for (const field of node.fields) {
      const found = this.#element(field.value, field.optional)
      const name = Object.hasOwn(fields, field.name) ? field.name : unescapeName(field.name)
      if (!Object.hasOwn(fields, name)) {
        if (!declared.open) this.#complain(field.at, `undefined field '${field.name}'`)
      } else {
        const wanted = typeFor(fields[name]!)
        const bound = assign(wanted, found, this.#bindings)
        if (bound) this.#bindings = bound
        else this.#complain(field.at, `expected type of field '${field.name}' is '${printType(wanted)}' but provided type is '${printType(this.settled(found))}'`)
      }
    }
    return typeFor(declared)
  }

  #comprehension(node: Comprehension): Type {
    const target = this.settledForUse(this.check(node.target))
    const ranges = node.macro.startsWith('opt') ? this.#optionalRange(node, target) : this.#range(node, target)
    node.variables.forEach((name, i) => this.#locals.push({ name, type: ranges[i]! }))
    if (node.condition) this.#mustBeBool(node.condition)
    const body = this.check(node.body)
    const result = this.#comprehended(node, target, ranges, body)
    this.#locals.length -= node.variables.length
    return result
  }

  #optionalRange(node: Comprehension, target: Type): readonly [Type] {
    if (target.k === 'optional') return [target.args[0]!]
    if (target.k !== 'dyn' && target.k !== 'error') this.#complain(node.at, `found no matching overload for '${node.macro}' applied to '${printType(target)}'`)
    return [dyn]
  }

  #range(node: Comprehension, target: Type): readonly [Type, Type] {
    const two = node.variables.length === 2
    switch (target.k) {
      case 'list': return two ? [int, target.args[0]!] : [target.args[0]!, dyn]
      case 'map': return [target.args[0]!, target.args[1]!]
      case 'dyn': case 'error': case 'param': return [dyn, dyn]
      default:
        this.#complain(node.target.at, `expression of type '${printType(target)}' cannot be range of a comprehension (must be list, map, or dynamic)`)
        return [errorType, errorType]
    }
  }

  #mustBeBool(node: Node): void {
    const type = this.settledForUse(this.check(node))
    if (!assign(bool, type, this.#bindings)) this.#complain(node.at, `expected type 'bool' but found '${printType(type)}'`)
  }

  #comprehended(node: Comprehension, target: Type, ranges: readonly Type[], body: Type): Type {
    const wantsBool = () => {
      if (!assign(bool, this.settledForUse(body), this.#bindings)) this.#complain(node.body.at, `expected type 'bool' but found '${printType(this.settled(body))}'`)
    }
    switch (node.macro) {
      case 'all': case 'exists': case 'exists_one': wantsBool(); return bool
      case 'filter': wantsBool(); return list(ranges[0]!)
      case 'map': case 'transformList': return list(body)
      case 'transformMap': return map(target.k === 'list' ? int : ranges[0]!, body)
      case 'transformMapEntry': return body.k === 'map' ? body : dyn
      case 'optMap': return optional(body)
      case 'optFlatMap': return body.k === 'optional' ? body : dyn
    }
  }
}

const hasParam = (type: Type): boolean => type.k === 'param' || type.args.some(hasParam)

function rename(type: Type, mark: string): Type {
  if (type.k === 'param') return param(type.name! + mark)
  return type.args.length === 0 ? type : { ...type, args: type.args.map((arg) => rename(arg, mark)) }
}

function assignAll(wanted: readonly Type[], given: readonly Type[], from: Bindings): Bindings | undefined {
  let bindings: Bindings | undefined = from
  for (let i = 0; i < wanted.length && bindings; i++) bindings = assign(wanted[i]!, substitute(given[i]!, bindings), bindings)
  return bindings
}

const sameType = (a: Type, b: Type): boolean => a.k === b.k && a.name === b.name && a.args.length === b.args.length && a.args.every((arg, i) => sameType(arg, b.args[i]!))
