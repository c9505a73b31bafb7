import type { Call, Node, Select } from './ast.ts'
import type { Checked } from './checker.ts'
import { comprehension } from './comprehension.ts'
import { fits } from './functions.ts'
import type { Overload, Run } from './functions.ts'
import { index, mapOf } from './library/operators.ts'
import { CelMap, NativeMap, Optional, TypeValue, Uint, failure, forgivable, noOverload } from './values.ts'
import type { Value } from './values.ts'
import { typeName } from './parser.ts'
import { unescapeName } from './names.ts'
import { fieldsOf } from './types.ts'

/** What an evaluation carries: the variables of the environment, those of macros, the cost. */
export interface Frame extends Run {
  readonly globals: ReadonlyMap<string, Value>
  readonly locals: Value[]
}

export type Step = (frame: Frame) => Value

/** Where the variables of macros lie in `Frame.locals`. */
export type Scope = readonly string[]

/** Turns a checked tree into functions. */
export class Interpreter {
  readonly #checked: Checked

  constructor(checked: Checked) {
    this.#checked = checked
  }

  step(node: Node, scope: Scope): Step {
    switch (node.node) {
      case 'literal': {
        const value = node.type === 'uint' ? new Uint(node.value as bigint) : node.value
        return () => value
      }
      case 'ident': return this.#ident(node, node.name, scope)
      case 'select': return this.#select(node, scope)
      case 'index': return this.#index(node, scope)
      case 'call': return this.#call(node, scope)
      case 'list': return this.#list(node, scope)
      case 'map': return this.#map(node, scope)
      case 'struct': return this.#struct(node, scope)
      case 'comprehension': return comprehension(node, this.step(node.target, scope), (inner) => this.step(inner, [...scope, ...node.variables]), scope.length)
    }
  }

  #ident(node: Node, name: string, scope: Scope): Step {
    const slot = scope.lastIndexOf(name)
    if (slot >= 0) return (frame) => (frame.charge(1), frame.locals[slot])
    const type = this.#checked.typeNames.get(node)
    if (type) {
      const value = new TypeValue(type)
      return () => value
    }
    return (frame) => {
      frame.charge(1)
      const value = frame.globals.get(name)
      if (value === undefined) throw failure(`no such attribute(s): ${name}`)
      return value
    }
  }

  #select(node: Select, scope: Scope): Step {
    const type = this.#checked.typeNames.get(node)
    if (type) {
      const value = new TypeValue(type)
      return () => value
    }
    if (typeName(node) === 'authorizer.requestResource' && this.#checked.mentioned.has('authorizer.requestResource')) return this.#ident(node, 'authorizer.requestResource', [])
    const target = this.step(node.target, scope)
    const declared = this.#checked.types.get(node.target)
    const field = !node.quoted && declared?.k === 'object' && !Object.hasOwn(fieldsOf(declared.declared!), node.field) ? unescapeName(node.field) : node.field
    if (node.test) return (frame) => present(target(frame), field)
    if (node.optional) return (frame) => (frame.charge(1), optionalField(target(frame), field))
    return (frame) => {
      frame.charge(1)
      const from = target(frame)
      return from instanceof Optional ? optionalField(from, field) : selected(from, field)
    }
  }

  #index(node: Node & { node: 'index' }, scope: Scope): Step {
    const target = this.step(node.target, scope)
    const key = this.step(node.index, scope)
    return (frame) => {
      const from = target(frame)
      const at = key(frame)
      frame.charge(1)
      if (!node.optional && !(from instanceof Optional)) return index(from, at)
      return optionalIndex(from, at)
    }
  }

  #call(node: Call, scope: Scope): Step {
    if (!node.target && node.name === '_&&_') return logical(this.step(node.args[0]!, scope), this.step(node.args[1]!, scope), false)
    if (!node.target && node.name === '_||_') return logical(this.step(node.args[0]!, scope), this.step(node.args[1]!, scope), true)
    if (!node.target && node.name === '_?_:_') return ternary(node.args.map((arg) => this.step(arg, scope)))
    const { overloads, args } = this.#checked.calls.get(node)!
    const steps = args.map((arg) => this.step(arg, scope))
    return (frame) => {
      const values: Value[] = []
      for (const step of steps) values.push(step(frame))
      const overload = chosen(overloads, values)
      frame.charge(overload.cost ? 1 + overload.cost(values) : 1)
      return overload.run(values, frame)
    }
  }

  #list({ items }: Node & { node: 'list' }, scope: Scope): Step {
    const steps = items.map(({ value, optional }) => ({ optional, step: this.step(value, scope) }))
    return (frame) => {
      frame.charge(10)
      const made: Value[] = []
      for (const { step, optional } of steps) {
        const value = step(frame)
        if (!optional) made.push(value)
        else if (held(value).present) made.push((value as Optional).value)
      }
      return made
    }
  }

  #map({ entries }: Node & { node: 'map' }, scope: Scope): Step {
    const steps = entries.map(({ key, value, optional }) => ({ optional, key: this.step(key, scope), value: this.step(value, scope) }))
    return (frame) => {
      frame.charge(30)
      const pairs: [Value, Value][] = []
      for (const { key, value, optional } of steps) {
        const name = key(frame)
        const found = value(frame)
        if (!optional) pairs.push([name, found])
        else if (held(found).present) pairs.push([name, (found as Optional).value])
      }
      return mapOf(pairs)
    }
  }

  #struct({ fields }: Node & { node: 'struct' }, scope: Scope): Step {
    const steps = fields.map(({ name, value, optional }) => ({ name: unescapeName(name), optional, step: this.step(value, scope) }))
    return (frame) => {
      frame.charge(40)
      const entries = new Map<unknown, Value>()
      for (const { name, step, optional } of steps) {
        const value = step(frame)
        if (!optional) entries.set(name, value)
        else if (held(value).present) entries.set(name, (value as Optional).value)
      }
      return new NativeMap(entries)
    }
  }
}

function held(value: Value): Optional {
  if (!(value instanceof Optional)) throw noOverload()
  return value
}

function chosen(overloads: readonly Overload[], values: readonly Value[]): Overload {
  for (const overload of overloads) if (overload.args.every((type, i) => fits(type, values[i]))) return overload
  throw noOverload()
}

function selected(from: Value, field: string): Value {
  if (!(from instanceof CelMap)) throw noOverload()
  const value = from.get(field)
  if (value === undefined) throw failure(`no such key: ${field}`)
  return value
}

function present(from: Value, field: string): boolean {
  if (from instanceof Optional) return from.present && present(from.value, field)
  if (!(from instanceof CelMap)) throw noOverload()
  return from.has(field)
}

function optionalField(from: Value, field: string): Optional {
  if (from instanceof Optional) return from.present ? optionalField(from.value, field) : from
  if (!(from instanceof CelMap)) throw noOverload()
  const value = from.get(field)
  return value === undefined ? Optional.none : Optional.of(value)
}

function optionalIndex(from: Value, key: Value): Optional {
  if (from instanceof Optional) return from.present ? optionalIndex(from.value, key) : from
  if (from instanceof CelMap) {
    const value = from.get(key)
    return value === undefined ? Optional.none : Optional.of(value)
  }
  if (!Array.isArray(from)) throw noOverload()
  const at = Number(key instanceof Uint ? key.value : key)
  return Number.isInteger(at) && at >= 0 && at < from.length ? Optional.of(from[at]) : Optional.none
}

/** `&&` and `||` in either order: a side that decides hides the other's error. */
function logical(left: Step, right: Step, decisive: boolean): Step {
  return (frame) => {
    let first: Value
    try {
      first = left(frame)
    } catch (error) {
      if (!forgivable(error)) throw error
      if (right(frame) === decisive) return decisive
      throw error
    }
    if (first === decisive) return decisive
    const second = right(frame)
    if (second === decisive) return decisive
    if (typeof first !== 'boolean' || typeof second !== 'boolean') throw noOverload()
    return !decisive
  }
}

function ternary([condition, yes, no]: readonly Step[]): Step {
  return (frame) => {
    const which = condition!(frame)
    if (typeof which !== 'boolean') throw noOverload()
    return which ? yes!(frame) : no!(frame)
  }
}
