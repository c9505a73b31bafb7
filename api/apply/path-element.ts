/*
 * One step of a field's path, in the text form of FieldsV1: `f:replicas` (a field or a key of a map), `k:{"name":"web"}` (the
 * item of a list by its keys), `v:"x"` (the item of a set by its value), `i:0` (by position). The text is canonical: equal steps
 * have equal text.
 */

/** Go's encoder writes these as escapes, also inside the keys of FieldsV1. */
const escaped: Readonly<Record<string, string>> = { '<': '\\u003c', '>': '\\u003e', '&': '\\u0026', '\u2028': '\\u2028', '\u2029': '\\u2029' }
const needsEscape = /[<>&\u2028\u2029]/
const escapes = /[<>&\u2028\u2029]/g

function json(value: unknown): string {
  const text = JSON.stringify(value)
  return needsEscape.test(text) ? text.replace(escapes, (found) => escaped[found]!) : text
}

export const fieldElement = (name: string): string => `f:${name}`
export const valueElement = (value: unknown): string => `v:${json(value)}`

/** `pairs` in the order of their names. */
export function keyElement(pairs: readonly (readonly [name: string, value: unknown])[]): string {
  let text = 'k:{'
  for (let i = 0; i < pairs.length; i++) text += `${i > 0 ? ',' : ''}${JSON.stringify(pairs[i]![0])}:${json(pairs[i]![1])}`
  return `${text}}`
}

export type Element =
  | { readonly type: 'f'; readonly name: string }
  | { readonly type: 'k'; readonly pairs: readonly (readonly [string, unknown])[] }
  | { readonly type: 'v'; readonly value: unknown }
  | { readonly type: 'i'; readonly index: number }

/** Undefined for a form this version does not know; throws for one that is broken. */
export function parseElement(text: string): Element | undefined {
  if (text.length < 2) throw new Error('key must be 2 characters long:')
  if (text[1] !== ':') throw new Error(`missing colon: ${text}`)
  const rest = text.slice(2)
  switch (text[0]) {
    case 'f': return { type: 'f', name: rest }
    case 'v': return { type: 'v', value: JSON.parse(rest) as unknown }
    case 'k': {
      const keys: unknown = JSON.parse(rest)
      if (typeof keys !== 'object' || keys === null || Array.isArray(keys)) throw new Error('expected an object of keys')
      return { type: 'k', pairs: Object.entries(keys).sort(([a], [b]) => compareText(a, b)) }
    }
    case 'i':
      if (!/^[+-]?\d{1,15}$/.test(rest)) throw new Error(`strconv.Atoi: parsing ${JSON.stringify(rest)}: invalid syntax`)
      return { type: 'i', index: Number(rest) }
    default: return undefined
  }
}

export function elementText(element: Element): string {
  switch (element.type) {
    case 'f': return fieldElement(element.name)
    case 'k': return keyElement(element.pairs)
    case 'v': return valueElement(element.value)
    case 'i': return `i:${element.index}`
  }
}

/** As messages show it: `.spec`, `[name="web"]`, `[="x"]`, `[0]`. */
export function printElement(text: string): string {
  const element = parseElement(text)
  if (!element) return '{{invalid path element}}'
  switch (element.type) {
    case 'f': return `.${element.name}`
    case 'k': return `[${element.pairs.map(([name, value]) => `${name}=${json(value)}`).join(',')}]`
    case 'v': return `[=${json(element.value)}]`
    case 'i': return `[${element.index}]`
  }
}

export const printPath = (path: readonly string[]): string => path.map(printElement).join('')

/** Keys that were compared before: few differ, and reading them is dear. */
const parsedKeys = new Map<string, Element | undefined>()
const maxParsedKeys = 4096
const maxKeptText = 256

function parsedElement(text: string): Element | undefined {
  const known = parsedKeys.get(text)
  if (known) return known
  if (parsedKeys.size >= maxParsedKeys) parsedKeys.clear()
  const element = parseElement(text)
  if (text.length <= maxKeptText) parsedKeys.set(text, element)
  return element
}

const compareText = (a: string, b: string): number => (a < b ? -1 : a > b ? 1 : 0)
const ranks: Readonly<Record<string, number>> = { '.': -1, f: 0, k: 1, v: 2, i: 3 }

/** The order in which the original writes a set: fields, keys, values, positions; each kind by its content. `.` stands first. */
export function compareElements(a: string, b: string): number {
  if (a === b) return 0
  const first = a.charCodeAt(0), second = b.charCodeAt(0)
  if (first !== second) return ranks[a[0]!]! - ranks[b[0]!]!
  if (first === 0x66 /* f */) return a < b ? -1 : 1
  const left = parsedElement(a), right = parsedElement(b)
  if (left?.type === 'k' && right?.type === 'k') return comparePairs(left.pairs, right.pairs)
  if (left?.type === 'v' && right?.type === 'v') return compareValues(left.value, right.value)
  if (left?.type === 'i' && right?.type === 'i') return left.index - right.index
  return compareText(a, b)
}

type Pairs = readonly (readonly [string, unknown])[]

function comparePairs(a: Pairs, b: Pairs): number {
  for (let i = 0; i < a.length && i < b.length; i++) {
    const order = compareText(a[i]![0], b[i]![0]) || compareValues(a[i]![1], b[i]![1])
    if (order !== 0) return order
  }
  return a.length - b.length
}

const typeRanks: Readonly<Record<string, number>> = { number: 0, string: 1, boolean: 2, object: 3 }

/** Numbers before strings before booleans before the rest. */
function compareValues(a: unknown, b: unknown): number {
  const order = typeRanks[typeof a]! - typeRanks[typeof b]!
  if (order !== 0) return order
  if (typeof a === 'number') return a - (b as number)
  if (typeof a === 'boolean') return Number(a) - Number(b)
  return typeof a === 'string' ? compareText(a, b as string) : compareText(json(a), json(b))
}
