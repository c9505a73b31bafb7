import { isDeepStrictEqual } from 'node:util'
import { isObject } from './json-value.ts'

/*
 * JSONPath as kubectl and printer columns know it: `.spec.tags[0]`, `.a['b.c']`, `.status.conditions[?(@.type=="Ready")].status`,
 * `[*]`, `[1:3]`, `..name`, `.a\.b`, `['a','b']`.
 */

type Step =
  | { readonly kind: 'field'; readonly names: readonly string[] }
  | { readonly kind: 'index'; readonly indexes: readonly number[] }
  | { readonly kind: 'slice'; readonly from: number | undefined; readonly to: number | undefined; readonly by: number }
  | { readonly kind: 'all' | 'descend' }
  | { readonly kind: 'filter'; readonly left: Operand; readonly operator: string; readonly right: Operand | undefined }

type Operand = { readonly path: readonly Step[]; readonly root: boolean } | { readonly value: unknown }

export class JsonPathError extends Error {
  override readonly name = 'JsonPathError'
}

/** What a path leads to in a value, in order; what is absent is left out. */
export type JsonPath = (value: unknown) => readonly unknown[]

/** So that `..` and `[*]` on large objects stay cheap. */
const mostResults = 10_000

/** Reads a path that starts with `.` or `[`. Throws `JsonPathError`. */
export function parseJsonPath(text: string): JsonPath {
  const steps = new Parser(text).steps()
  return (value) => walk(steps, [value], value)
}

class Parser {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  /** The whole text, or up to where a filter's operand ends. */
  steps(inFilter = false): Step[] {
    const steps: Step[] = []
    for (;;) {
      const letter = this.#text[this.#at]
      if (letter === undefined || (inFilter && /[\s=!<>)]/.test(letter))) return steps
      if (letter === '[') steps.push(this.#bracket())
      else if (letter === '.') steps.push(...this.#dotted())
      else throw new JsonPathError(`unrecognized character in path: ${JSON.stringify(letter)}`)
    }
  }

  #dotted(): Step[] {
    this.#at++
    const descend = this.#text[this.#at] === '.'
    if (descend) this.#at++
    const name = this.#name()
    const step: Step[] = name === '' ? [] : name === '*' ? [{ kind: 'all' }] : [{ kind: 'field', names: [name.replace(/\\(.)/g, '$1')] }]
    return descend ? [{ kind: 'descend' }, ...step] : step
  }

  #name(): string {
    const match = /^(?:\\.|[^.[\]\s=!<>(){}\\])*/.exec(this.#text.slice(this.#at))!
    this.#at += match[0].length
    return match[0]
  }

  #bracket(): Step {
    const rest = this.#text.slice(this.#at)
    if (rest.startsWith('[?(')) return this.#filter()
    const quoted = /^\[\s*((?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*")(?:\s*,\s*(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"))*)\s*\]/.exec(rest)
    if (quoted) {
      this.#at += quoted[0].length
      return { kind: 'field', names: quoted[1]!.match(/'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"/g)!.map(unquoted) }
    }
    const end = rest.indexOf(']')
    if (end < 0) throw new JsonPathError('unterminated array')
    this.#at += end + 1
    return inBrackets(rest.slice(1, end).trim())
  }

  #filter(): Step {
    this.#at += 3
    const left = this.#operand()
    this.#blanks()
    const operator = /^(?:==|!=|<=|>=|<|>)/.exec(this.#text.slice(this.#at))?.[0] ?? 'exists'
    if (operator !== 'exists') this.#at += operator.length
    this.#blanks()
    const right = operator === 'exists' ? undefined : this.#operand()
    this.#blanks()
    if (!this.#text.startsWith(')]', this.#at)) throw new JsonPathError('unterminated filter')
    this.#at += 2
    return { kind: 'filter', left, operator, right }
  }

  #operand(): Operand {
    this.#blanks()
    const rest = this.#text.slice(this.#at)
    if (rest[0] === '@' || rest[0] === '$') {
      this.#at++
      return { path: this.steps(true), root: rest[0] === '$' }
    }
    const literal = /^(?:'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|[-+]?\d+(?:\.\d+)?|true|false)/.exec(rest)?.[0]
    if (literal === undefined) throw new JsonPathError(`unrecognized filter operand in ${JSON.stringify(this.#text)}`)
    this.#at += literal.length
    return { value: /^['"]/.test(literal) ? unquoted(literal) : literal === 'true' ? true : literal === 'false' ? false : Number(literal) }
  }

  #blanks(): void {
    while (/\s/.test(this.#text[this.#at] ?? '')) this.#at++
  }
}

const unquoted = (text: string): string => text.slice(1, -1).replace(/\\(.)/g, '$1')

function inBrackets(text: string): Step {
  if (text === '*') return { kind: 'all' }
  if (/^-?\d+(?:\s*,\s*-?\d+)*$/.test(text)) return { kind: 'index', indexes: text.split(',').map(Number) }
  const slice = /^(-?\d+)?:(-?\d+)?(?::(-?\d+))?$/.exec(text)
  if (!slice) throw new JsonPathError(`invalid array index ${text}`)
  const [, from, to, by] = slice
  const step = by === undefined ? 1 : Number(by)
  if (step <= 0) throw new JsonPathError('step must be > 0')
  return { kind: 'slice', from: from === undefined ? undefined : Number(from), to: to === undefined ? undefined : Number(to), by: step }
}

function walk(steps: readonly Step[], from: readonly unknown[], root: unknown): readonly unknown[] {
  let current = from
  for (const step of steps) {
    const next: unknown[] = []
    for (const value of current) {
      for (const found of take(step, value, root)) {
        if (next.length >= mostResults) break
        next.push(found)
      }
    }
    current = next
  }
  return current
}

function* take(step: Step, value: unknown, root: unknown): Iterable<unknown> {
  switch (step.kind) {
    case 'field':
      for (const name of step.names) if (isObject(value) && Object.hasOwn(value, name)) yield value[name]
      return
    case 'index':
      for (const index of step.indexes) if (Array.isArray(value) && index < value.length && index >= -value.length) yield value.at(index)
      return
    case 'slice':
      if (Array.isArray(value)) yield* value.slice(step.from, step.to).filter((_, i) => i % step.by === 0)
      return
    case 'all':
      if (typeof value === 'object' && value !== null) yield* Object.values(value)
      return
    case 'descend':
      return yield* descend(value, 0)
    case 'filter':
      if (Array.isArray(value)) yield* value.filter((item) => passes(step, item, root))
  }
}

function* descend(value: unknown, depth: number): Iterable<unknown> {
  if (typeof value !== 'object' || value === null || depth > 1000) return
  yield value
  for (const inner of Object.values(value)) yield* descend(inner, depth + 1)
}

function passes({ left, operator, right }: Extract<Step, { kind: 'filter' }>, item: unknown, root: unknown): boolean {
  const a = operandOf(left, item, root)
  if (operator === 'exists') return a.length > 0
  const b = operandOf(right!, item, root)
  if (a.length === 0 || b.length === 0) return false
  return compare(a[0], operator, b[0])
}

const operandOf = (operand: Operand, item: unknown, root: unknown): readonly unknown[] =>
  ('value' in operand ? [operand.value] : walk(operand.path, [operand.root ? root : item], root))

function compare(a: unknown, operator: string, b: unknown): boolean {
  if (operator === '==') return isDeepStrictEqual(a, b)
  if (operator === '!=') return !isDeepStrictEqual(a, b)
  if (typeof a !== typeof b || (typeof a !== 'number' && typeof a !== 'string')) return false
  const [x, y] = [a, b as typeof a]
  return operator === '<' ? x < y : operator === '>' ? x > y : operator === '<=' ? x <= y : x >= y
}
