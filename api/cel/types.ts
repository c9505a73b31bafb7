import type { CelType } from './cel.ts'

/**
 * A type as the checker reasons about it. `object` is a declared structure, `opaque` a library's own type
 * (`kubernetes.Quantity`), `param` a type parameter of an overload, `error` the type of what was complained about already.
 */
export interface Type {
  readonly k: 'dyn' | 'error' | 'null' | 'bool' | 'int' | 'uint' | 'double' | 'string' | 'bytes' | 'timestamp' | 'duration' | 'list' | 'map' | 'object' | 'opaque' | 'optional' | 'type' | 'param'
  readonly args: readonly Type[]
  readonly name?: string
  /** The declaration behind an object, or behind a value that needs more than its type to be read (`intOrString`). */
  readonly declared?: CelType
}

const simple = (k: Type['k']): Type => Object.freeze({ k, args: [] })
export const dyn = simple('dyn')
export const errorType = simple('error')
export const nullType = simple('null')
export const bool = simple('bool')
export const int = simple('int')
export const uint = simple('uint')
export const double = simple('double')
export const string = simple('string')
export const bytes = simple('bytes')
export const timestamp = simple('timestamp')
export const duration = simple('duration')
export const list = (items: Type): Type => ({ k: 'list', args: [items] })
export const map = (keys: Type, values: Type): Type => ({ k: 'map', args: [keys, values] })
export const optional = (inner: Type): Type => ({ k: 'optional', args: [inner] })
export const typeOf = (inner: Type): Type => ({ k: 'type', args: [inner] })
export const opaque = (name: string): Type => ({ k: 'opaque', args: [], name })
export const param = (name: string): Type => ({ k: 'param', args: [], name })

const known = new WeakMap<CelType, Type>()

/** The checker's view of a declared type. */
export function typeFor(declared: CelType): Type {
  let type = known.get(declared)
  if (!type) known.set(declared, type = makeType(declared))
  return type
}

function makeType(declared: CelType): Type {
  const items = () => (declared.items ? typeFor(declared.items) : dyn)
  switch (declared.kind) {
    case 'list': return list(items())
    case 'map': return map(string, items())
    case 'object': return { k: 'object', args: [], name: declared.name ?? 'object', declared }
    case 'quantity': return opaque('kubernetes.Quantity')
    case 'intOrString': case 'dyn': return dyn
    default: return simple(declared.kind)
  }
}

const declarable: ReadonlySet<string> = new Set(['bool', 'int', 'double', 'string', 'bytes', 'timestamp', 'duration'])

/** The other way: a type as a declaration, `dyn` where declarations have no word for it. */
export function declaredOf(type: Type): CelType {
  if (type.declared) return type.declared
  if (type.k === 'list') return { kind: 'list', items: declaredOf(type.args[0]!) }
  if (type.k === 'map' && type.args[0]!.k === 'string') return { kind: 'map', items: declaredOf(type.args[1]!) }
  if (type.k === 'opaque' && type.name === 'kubernetes.Quantity') return { kind: 'quantity' }
  return { kind: declarable.has(type.k) ? type.k as CelType['kind'] : 'dyn' }
}

const fieldsKnown = new WeakMap<CelType, Readonly<Record<string, CelType>>>()

/** The fields of an object type. */
export function fieldsOf(declared: CelType): Readonly<Record<string, CelType>> {
  let fields = fieldsKnown.get(declared)
  if (!fields) fieldsKnown.set(declared, fields = typeof declared.fields === 'function' ? declared.fields() : declared.fields ?? {})
  return fields
}

const printed: Partial<Record<Type['k'], string>> = { null: 'null', timestamp: 'timestamp', duration: 'duration', error: '!error!' }

/** As cel-go prints types in messages: `list(map(string, int))`. */
export function printType(type: Type): string {
  switch (type.k) {
    case 'list': return `list(${printType(type.args[0]!)})`
    case 'map': return `map(${printType(type.args[0]!)}, ${printType(type.args[1]!)})`
    case 'optional': return `optional_type(${printType(type.args[0]!)})`
    case 'type': return type.args.length > 0 ? `type(${printType(type.args[0]!)})` : 'type'
    case 'object': case 'opaque': case 'param': return type.name!
    default: return printed[type.k] ?? type.k
  }
}

/** What type parameters stand for so far. */
export type Bindings = ReadonlyMap<string, Type>

/** Puts what parameters stand for in their place; free ones stay. */
export function substitute(type: Type, bindings: Bindings, freeAsDyn = false): Type {
  if (type.k === 'param') {
    const bound = bindings.get(type.name!)
    return bound ? substitute(bound, bindings, freeAsDyn) : freeAsDyn ? dyn : type
  }
  if (type.args.length === 0) return type
  const args = type.args.map((arg) => substitute(arg, bindings, freeAsDyn))
  return args.every((arg, i) => arg === type.args[i]) ? type : { ...type, args }
}

/** Whether a value of type `from` may stand where `to` is asked for, and what the parameters must then be; undefined when not. */
export function assign(to: Type, from: Type, bindings: Bindings): Bindings | undefined {
  if (to.k === 'param') return assignParam(to, from, bindings)
  if (from.k === 'param') {
    const bound = bindings.get(from.name!)
    return bound ? assign(to, bound, bindings) : new Map(bindings).set(from.name!, to)
  }
  if (to.k === 'dyn' || from.k === 'dyn' || to.k === 'error' || from.k === 'error') return bindings
  if (from.k === 'null') return to.k === 'null' || nullable.has(to.k) ? bindings : undefined
  if (to.k === 'null') return nullable.has(from.k) ? bindings : undefined
  if (to.k !== from.k) return undefined
  if (to.k === 'type') return bindings
  if (to.k === 'object') return to.declared === from.declared || to.name === from.name ? bindings : undefined
  if (to.k === 'opaque') return to.name === from.name ? bindings : undefined
  let current: Bindings | undefined = bindings
  for (let i = 0; i < to.args.length && current; i++) current = assign(to.args[i]!, from.args[i] ?? dyn, current)
  return current
}

/** What may be null by its type. */
const nullable: ReadonlySet<Type['k']> = new Set(['object', 'opaque', 'timestamp', 'duration', 'optional'])

function assignParam(to: Type, from: Type, bindings: Bindings): Bindings | undefined {
  if (from.k === 'param' && from.name === to.name) return bindings
  const bound = bindings.get(to.name!)
  if (!bound) return new Map(bindings).set(to.name!, from)
  const forward = assign(bound, from, bindings)
  if (forward) return bound.k === 'dyn' || from.k !== 'dyn' ? forward : new Map(forward).set(to.name!, dyn)
  const backward = assign(from, bound, bindings)
  return backward && new Map(backward).set(to.name!, from)
}

/** The common type of elements of a list or map literal: theirs, if they agree. */
export function join(a: Type, b: Type): Type | undefined {
  if (a.k === 'error') return b
  if (assign(a, b, new Map())) return a.k === 'null' ? b : a
  return assign(b, a, new Map()) ? b : undefined
}

/** A signature: `string::charAt(int): string`, `sets.contains(list<T>, list<T>): bool`. */
export interface Signature { readonly name: string; readonly member: boolean; readonly args: readonly Type[]; readonly result: Type }

const simpleTypes: ReadonlyMap<string, Type> = new Map(Object.entries({ dyn, null: nullType, bool, int, uint, double, string, bytes, timestamp, duration, type: simple('type') }))
const shorthand: ReadonlyMap<string, string> = new Map(Object.entries({
  quantity: 'kubernetes.Quantity', ip: 'net.IP', cidr: 'net.CIDR', url: 'kubernetes.URL', semver: 'kubernetes.Semver', format: 'kubernetes.NamedFormat',
  authorizer: 'kubernetes.authorization.Authorizer', pathCheck: 'kubernetes.authorization.PathCheck', groupCheck: 'kubernetes.authorization.GroupCheck',
  resourceCheck: 'kubernetes.authorization.ResourceCheck', decision: 'kubernetes.authorization.Decision',
}))

/** Reads a signature of the function tables. */
export function signature(text: string): Signature {
  const open = text.indexOf('(')
  const head = text.slice(0, open)
  const close = text.lastIndexOf('): ')
  const [receiver, memberName] = head.split('::')
  const args = splitTypes(text.slice(open + 1, close)).map(readType)
  const result = readType(text.slice(close + 3))
  return memberName ? { name: memberName, member: true, args: [readType(receiver!), ...args], result } : { name: head, member: false, args, result }
}

function readType(text: string): Type {
  const open = text.indexOf('<')
  if (open >= 0) {
    const args = splitTypes(text.slice(open + 1, -1)).map(readType)
    return { k: text.slice(0, open) as Type['k'], args }
  }
  if (/^[A-Z]$/.test(text)) return param(text)
  return simpleTypes.get(text) ?? opaque(shorthand.get(text) ?? text)
}

function splitTypes(text: string): string[] {
  const parts: string[] = []
  let depth = 0
  let start = 0
  for (let i = 0; i <= text.length; i++) {
    const c = text[i]
    if (c === '<') depth++
    else if (c === '>') depth--
    else if ((c === ',' && depth === 0) || i === text.length) {
      if (text.slice(start, i).trim() !== '') parts.push(text.slice(start, i).trim())
      start = i + 1
    }
  }
  return parts
}
