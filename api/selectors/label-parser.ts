import { badRequest } from '../errors.ts'
import { qualifiedName } from '../kinds/validation/names.ts'
import type { LabelOperator, Requirement } from './labels.ts'

/*
 * The grammar of label selectors:
 *
 *     selector    = [ requirement { "," requirement } ]
 *     requirement = [ "!" ] key | key ( "in" | "notin" ) "(" value { "," value } ")" | key ( "=" | "==" | "!=" | ">" | "<" ) value
 *
 * Values may be empty. `in` and `notin` are words only where an operator is due; elsewhere they are keys and values.
 */

type Kind = 'end' | 'word' | 'error' | '(' | ')' | ',' | '!' | '=' | '==' | '!=' | '<' | '>'

interface Token {
  readonly kind: Kind
  readonly text: string
}

const symbols: ReadonlySet<string> = new Set(['(', ')', ',', '!', '=', '==', '!=', '<', '>'])
const operators = 'in, notin, =, ==, !=, gt, lt'

/** Splits and parses; what the values may be is the caller's to check. Throws `ApiError` 400. */
export function parseRequirements(text: string): Requirement[] {
  return new Parser(tokensOf(text)).run()
}

function tokensOf(text: string): Token[] {
  const tokens: Token[] = []
  let at = 0
  while (at < text.length) {
    const c = text[at]!
    if (isBlank(c)) { at++; continue }
    let end = at + 1
    if (isSymbol(c)) {
      while (end < text.length && isSymbol(text[end]!) && symbols.has(text.slice(at, end + 1))) end++
      const symbol = text.slice(at, end)
      tokens.push({ kind: symbol as Kind, text: symbol })
    } else {
      while (end < text.length && !isSymbol(text[end]!) && !isBlank(text[end]!)) end++
      tokens.push({ kind: 'word', text: text.slice(at, end) })
    }
    at = end
  }
  tokens.push({ kind: 'end', text: '' })
  return tokens
}

const isBlank = (c: string): boolean => c === ' ' || c === '\t' || c === '\r' || c === '\n'
const isSymbol = (c: string): boolean => c === '=' || c === '!' || c === '(' || c === ')' || c === ',' || c === '>' || c === '<'

class Parser {
  readonly #tokens: readonly Token[]
  #at = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  run(): Requirement[] {
    const requirements: Requirement[] = []
    for (;;) {
      const token = this.#peek()
      if (token.kind === 'end') return requirements
      if (token.kind !== 'word' && token.kind !== '!') throw badRequest(`found '${token.text}', expected: !, identifier, or 'end of string'`)
      requirements.push(this.#requirement())
      const after = this.#next()
      if (after.kind === 'end') return requirements
      if (after.kind !== ',') throw badRequest(`found '${after.text}', expected: ',' or 'end of string'`)
      const following = this.#peek()
      if (following.kind !== 'word' && following.kind !== '!') throw badRequest(`found '${following.text}', expected: identifier after ','`)
    }
  }

  #requirement(): Requirement {
    const negated = this.#peek().kind === '!'
    if (negated) this.#at++
    const { kind, text: key } = this.#next()
    if (kind !== 'word') throw refused(`found '${key}', expected: identifier`)
    const wrong = qualifiedName(key)
    if (wrong.length > 0) throw refused(`<nil>: Invalid value: ${JSON.stringify(key)}: ${wrong.join('; ')}`)
    if (negated) return { key, operator: '!', values: [] }
    const after = this.#peek().kind
    if (after === 'end' || after === ',') return { key, operator: 'exists', values: [] }
    const operator = this.#operator()
    const values = operator === 'in' || operator === 'notin' ? this.#values() : [this.#exactValue()]
    return { key, operator, values }
  }

  #operator(): LabelOperator {
    const { kind, text } = this.#next()
    if (kind === 'word' && (text === 'in' || text === 'notin')) return text
    if (kind === '=' || kind === '==' || kind === '!=') return kind
    if (kind === '>') return 'gt'
    if (kind === '<') return 'lt'
    throw refused(`found '${text}', expected: ${operators}`)
  }

  #exactValue(): string {
    const { kind } = this.#peek()
    if (kind === 'end' || kind === ',') return ''
    const token = this.#next()
    if (token.kind !== 'word') throw refused(`found '${token.text}', expected: identifier`)
    return token.text
  }

  #values(): string[] {
    const open = this.#next()
    if (open.kind !== '(') throw refused(`found '${open.text}' expected: '('`)
    const found = new Set<string>()
    for (;;) {
      const token = this.#next()
      if (token.kind === 'word') {
        found.add(token.text)
        const after = this.#next()
        if (after.kind === ')') return [...found].sort()
        if (after.kind !== ',') throw refused(`found '${after.text}', expected: ',' or ')'`)
        if (this.#peek().kind === ')') found.add('')
        else continue
      } else if (token.kind === ',') {
        found.add('')
        if (this.#peek().kind !== ')') continue
      } else if (token.kind === ')') {
        found.add('')
        return [...found].sort()
      } else {
        throw refused(found.size === 0 ? `found '${token.text}', expected: ',', ')' or identifier` : `found '${token.text}', expected: ',', or identifier`)
      }
      this.#at++
      return [...found].sort()
    }
  }

  #peek(): Token {
    return this.#tokens[this.#at]!
  }

  #next(): Token {
    const token = this.#tokens[this.#at]!
    if (token.kind !== 'end') this.#at++
    return token
  }
}

const refused = (why: string) => badRequest(`unable to parse requirement: ${why}`)
