import type { Call, Comprehension, ListNode, MapNode, Node, StructNode } from './ast.ts'
import { lex } from './lexer.ts'
import type { Token } from './lexer.ts'
import { CelSyntax } from './syntax-error.ts'

const primaryExpected = "{'[', '{', '(', '.', '-', '!', 'true', 'false', 'null', NUM_FLOAT, NUM_INT, NUM_UINT, STRING, BYTES, IDENTIFIER}"
const reserved = new Set(['as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import', 'let', 'loop', 'package', 'namespace', 'return', 'var', 'void', 'while'])
const relations = new Set(['==', '!=', '<', '<=', '>', '>='])
const oneVariable = new Set(['all', 'exists', 'exists_one', 'existsOne', 'map', 'filter'])
const twoVariables = new Set(['all', 'exists', 'existsOne', 'exists_one', 'transformList', 'transformMap', 'transformMapEntry'])
/** Deeper expressions are refused, as the original does. */
const maxDepth = 250
const maxLength = 100_000

/** Text to tree, by the grammar of the CEL specification; macros are recognised here. Throws `CelSyntax`. */
export function parse(source: string): Node {
  if (source.length > maxLength) throw new CelSyntax(0, `expression code point size exceeds limit: size: ${source.length}, limit ${maxLength}`)
  return new Parser(lex(source)).whole()
}

class Parser {
  readonly #tokens: readonly Token[]
  #next = 0
  #depth = 0

  constructor(tokens: readonly Token[]) {
    this.#tokens = tokens
  }

  whole(): Node {
    const node = this.#expression()
    const token = this.#peek()
    if (token.kind !== 'end') throw new CelSyntax(token.offset, token.kind === 'op' ? `Syntax error: extraneous input '${token.text}' expecting <EOF>` : `Syntax error: mismatched input '${token.text}' expecting <EOF>`)
    return node
  }

  #peek(): Token { return this.#tokens[this.#next]! }
  #isOp(text: string): boolean { const token = this.#peek(); return token.kind === 'op' && token.text === text }
  #take(text: string): boolean { if (!this.#isOp(text)) return false; this.#next++; return true }
  #expect(text: string): void {
    const token = this.#peek()
    if (!this.#take(text)) throw new CelSyntax(token.offset, `Syntax error: mismatched input '${token.text}' expecting '${text}'`)
  }

  #expression(): Node {
    if (++this.#depth > maxDepth) throw new CelSyntax(this.#peek().offset, `expression recursion limit exceeded: ${maxDepth}`)
    const condition = this.#or()
    const at = this.#peek().offset
    if (!this.#take('?')) { this.#depth--; return condition }
    const yes = this.#or()
    this.#expect(':')
    const no = this.#expression()
    this.#depth--
    return call('_?_:_', at, condition, yes, no)
  }

  #or(): Node { return this.#chain(() => this.#and(), '||', '_||_') }
  #and(): Node { return this.#chain(() => this.#relation(), '&&', '_&&_') }

  #chain(operand: () => Node, operator: string, name: string): Node {
    let node = operand()
    for (let at = this.#peek().offset; this.#take(operator); at = this.#peek().offset) node = call(name, at, node, operand())
    return node
  }

  #relation(): Node {
    let node = this.#addition()
    for (;;) {
      const token = this.#peek()
      const name = token.kind === 'op' && relations.has(token.text) ? `_${token.text}_` : token.kind === 'ident' && token.text === 'in' ? '@in' : undefined
      if (!name) return node
      this.#next++
      node = call(name, token.offset, node, this.#addition())
    }
  }

  #addition(): Node { return this.#leftAssociative(['+', '-'], () => this.#multiplication()) }
  #multiplication(): Node { return this.#leftAssociative(['*', '/', '%'], () => this.#unary()) }

  #leftAssociative(operators: readonly string[], operand: () => Node): Node {
    let node = operand()
    for (;;) {
      const { text, kind, offset } = this.#peek()
      if (kind !== 'op' || !operators.includes(text)) return node
      this.#next++
      node = call(`_${text}_`, offset, node, operand())
    }
  }

  #unary(): Node {
    const { offset, text } = this.#peek()
    if (!this.#isOp('!') && !this.#isOp('-')) return this.#member(this.#primary())
    let count = 0
    while (this.#take(text)) count++
    const following = this.#peek()
    if (text === '-' && (following.kind === 'int' || following.kind === 'float') && count % 2 === 1) {
      this.#next++
      return this.#member(numberLiteral(following, true))
    }
    if (++this.#depth > maxDepth) throw new CelSyntax(offset, `expression recursion limit exceeded: ${maxDepth}`)
    const operand = this.#isOp('!') || this.#isOp('-') ? this.#unary() : this.#member(this.#primary())
    this.#depth--
    return count % 2 === 0 ? operand : call(text === '!' ? '!_' : '-_', offset, operand)
  }

  #member(first: Node): Node {
    let node = first
    for (;;) {
      const at = this.#peek().offset
      if (this.#take('.')) node = this.#afterDot(node, at)
      else if (this.#take('[')) {
        const optional = this.#take('?')
        const index = this.#expression()
        this.#expect(']')
        node = { node: 'index', at, target: node, index, optional }
      } else if (this.#isOp('{') && typeName(node) !== undefined) node = this.#struct(typeName(node)!, at)
      else return node
    }
  }

  #afterDot(target: Node, at: number): Node {
    const optional = this.#take('?')
    const token = this.#peek()
    if (token.kind !== 'ident') throw new CelSyntax(token.offset, `Syntax error: no viable alternative at input '.${token.text}'`)
    this.#next++
    const quoted = token.value !== undefined
    if (!quoted && token.text === 'in') throw new CelSyntax(token.offset, "Syntax error: no viable alternative at input '.in'")
    const opening = this.#peek().offset
    if (!optional && !quoted && this.#take('(')) return this.#memberCall(target, token.text, this.#arguments(')'), opening)
    return { node: 'select', at, target, field: quoted ? String(token.value) : token.text, optional, test: false, quoted }
  }

  #arguments(close: string): Node[] {
    const found: Node[] = []
    while (!this.#isOp(close)) {
      found.push(this.#expression())
      if (!this.#take(',')) break
    }
    this.#expect(close)
    return found
  }

  #primary(): Node {
    const token = this.#peek()
    const { offset: at } = token
    this.#next++
    switch (token.kind) {
      case 'int': case 'uint': case 'float': return numberLiteral(token, false)
      case 'string': return { node: 'literal', at, type: 'string', value: token.value as string }
      case 'bytes': return { node: 'literal', at, type: 'bytes', value: token.value as Uint8Array }
      case 'ident': return this.#identifier(token)
      case 'end': break
      default:
        if (token.text === '(') { const inner = this.#expression(); this.#expect(')'); return inner }
        if (token.text === '[') return this.#list(at)
        if (token.text === '{') return this.#map(at)
        if (token.text === '.' && this.#peek().kind === 'ident') return this.#identifier(this.#tokens[this.#next++]!)
    }
    throw new CelSyntax(at, `Syntax error: mismatched input '${token.text}' expecting ${primaryExpected}`)
  }

  #identifier(token: Token): Node {
    const { text, offset: at } = token
    if (text === 'true' || text === 'false') return { node: 'literal', at, type: 'bool', value: text === 'true' }
    if (text === 'null') return { node: 'literal', at, type: 'null', value: null }
    if (text === 'in') throw new CelSyntax(at, `Syntax error: mismatched input 'in' expecting ${primaryExpected}`)
    if (reserved.has(text)) throw new CelSyntax(at, `reserved identifier: ${text}`)
    const opening = this.#peek().offset
    if (!this.#take('(')) return { node: 'ident', at, name: text }
    return globalCall(text, this.#arguments(')'), opening)
  }

  #memberCall(target: Node, name: string, args: readonly Node[], at: number): Node {
    return macro(target, name, args, at) ?? { node: 'call', at, target, name, args }
  }

  #list(at: number): ListNode {
    const items: { value: Node; optional: boolean }[] = []
    while (!this.#isOp(']')) {
      const optional = this.#take('?')
      items.push({ optional, value: this.#expression() })
      if (!this.#take(',')) break
    }
    this.#expect(']')
    return { node: 'list', at, items }
  }

  #map(at: number): MapNode {
    const entries: { key: Node; value: Node; optional: boolean }[] = []
    while (!this.#isOp('}')) {
      const optional = this.#take('?')
      const key = this.#expression()
      this.#expect(':')
      entries.push({ key, optional, value: this.#expression() })
      if (!this.#take(',')) break
    }
    this.#expect('}')
    return { node: 'map', at, entries }
  }

  #struct(name: string, at: number): StructNode {
    this.#expect('{')
    const fields: { name: string; at: number; value: Node; optional: boolean }[] = []
    while (!this.#isOp('}')) {
      const optional = this.#take('?')
      const token = this.#peek()
      if (token.kind !== 'ident') throw new CelSyntax(token.offset, `Syntax error: mismatched input '${token.text}' expecting {'}', ',', IDENTIFIER}`)
      this.#next++
      const colon = this.#peek().offset
      this.#expect(':')
      fields.push({ name: String(token.value ?? token.text), at: colon, optional, value: this.#expression() })
      if (!this.#take(',')) break
    }
    this.#expect('}')
    return { node: 'struct', at, name, fields }
  }
}

const call = (name: string, at: number, ...args: Node[]): Call => ({ node: 'call', at, target: undefined, name, args })

/** `a.b.C`, or undefined when the node is more than names and dots. */
export function typeName(node: Node): string | undefined {
  if (node.node === 'ident') return node.name
  if (node.node !== 'select' || node.optional || node.test) return undefined
  const prefix = typeName(node.target)
  return prefix === undefined ? undefined : `${prefix}.${node.field}`
}

function numberLiteral({ kind, value, offset: at }: Token, negative: boolean): Node {
  if (kind === 'float') return { node: 'literal', at, type: 'double', value: negative ? -(value as number) : value as number }
  const whole = negative ? -(value as bigint) : value as bigint
  if (kind === 'int' && (whole > 9223372036854775807n || whole < -9223372036854775808n)) throw new CelSyntax(at, 'invalid int literal')
  return { node: 'literal', at, type: kind === 'int' ? 'int' : 'uint', value: whole }
}

function globalCall(name: string, args: readonly Node[], at: number): Node {
  if (name !== 'has' || args.length !== 1) return { node: 'call', at, target: undefined, name, args }
  const [path] = args as [Node]
  if (path.node !== 'select' || path.optional) throw new CelSyntax(path.at, 'invalid argument to has() macro')
  return { ...path, at, test: true }
}

function macro(target: Node, name: string, args: readonly Node[], at: number): Comprehension | undefined {
  const made = (kind: Comprehension['macro'], variables: readonly Node[], condition: Node | undefined, body: Node): Comprehension =>
    ({ node: 'comprehension', at, macro: kind, target, variables: variables.map(variableName), condition, body })
  const [a, b, c, d] = args
  if (name === 'optMap' || name === 'optFlatMap') return args.length === 2 ? made(name, [a!], undefined, b!) : undefined
  if (args.length === 2 && oneVariable.has(name)) return made(plainName(name), [a!], undefined, b!)
  if (args.length === 3 && name === 'map') return made('map', [a!], b, c!)
  if (args.length === 3 && twoVariables.has(name)) return made(plainName(name), [a!, b!], undefined, c!)
  if (args.length === 4 && name.startsWith('transform') && twoVariables.has(name)) return made(plainName(name), [a!, b!], c, d!)
  return undefined
}

const plainName = (name: string): Comprehension['macro'] => (name === 'existsOne' ? 'exists_one' : name) as Comprehension['macro']

function variableName(node: Node): string {
  if (node.node === 'ident') return node.name
  throw new CelSyntax(node.at, 'argument must be a simple name')
}
