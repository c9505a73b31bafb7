import { CelSyntax } from './syntax-error.ts'

/** A word of an expression. `value` is what a literal stands for; `offset` counts UTF-16 units from the start. */
export interface Token {
  readonly kind: 'ident' | 'int' | 'uint' | 'float' | 'string' | 'bytes' | 'op' | 'end'
  readonly text: string
  readonly offset: number
  readonly value?: bigint | number | string | Uint8Array
}

const spaces = /(?:[\t\n\f\r ]|\/\/[^\n]*)+/y
const number = /0x[0-9a-fA-F]+[uU]?|[0-9]+\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[eE][+-]?[0-9]+|\.[0-9]+(?:[eE][+-]?[0-9]+)?|[0-9]+[uU]?/y
const text = /(?:[rR][bB]?|[bB][rR]?)?(?:"""[^]*?(?<!\\)(?:\\\\)*"""|'''[^]*?(?<!\\)(?:\\\\)*'''|"(?:[^"\\\n\r]|\\.)*"|'(?:[^'\\\n\r]|\\.)*')/y
const rawText = /(?:[rR][bB]?|[bB][rR])(?:"""[^]*?"""|'''[^]*?'''|"[^"\n\r]*"|'[^'\n\r]*')/y
const ident = /[A-Za-z_][A-Za-z0-9_]*/y
const quoted = /`[A-Za-z0-9_.\-/ ]+`/y
const operator = /==|!=|<=|>=|&&|\|\||[<>+\-*/%!?:.,()[\]{}]/y

/** Takes an expression apart. Throws `CelSyntax` at the first thing that is no word. */
export function lex(source: string): readonly Token[] {
  const tokens: Token[] = []
  let at = 0
  const take = (pattern: RegExp): string | undefined => {
    pattern.lastIndex = at
    return pattern.exec(source)?.[0]
  }
  for (;;) {
    at += take(spaces)?.length ?? 0
    if (at >= source.length) break
    const token = next(take, at)
    if (!token) throw new CelSyntax(at, `Syntax error: token recognition error at: '${source.slice(at, at + 1)}'`)
    tokens.push(token)
    at += token.text.length
  }
  tokens.push({ kind: 'end', text: '<EOF>', offset: source.length })
  return tokens
}

function next(take: (pattern: RegExp) => string | undefined, offset: number): Token | undefined {
  let found = take(rawText)
  if (found) return stringToken(found, offset)
  found = take(text)
  if (found) return stringToken(found, offset)
  found = take(number)
  if (found) return numberToken(found, offset)
  found = take(ident)
  if (found) return { kind: 'ident', text: found, offset }
  found = take(quoted)
  if (found) return { kind: 'ident', text: found, offset, value: found.slice(1, -1) }
  found = take(operator)
  return found ? { kind: 'op', text: found, offset } : undefined
}

function numberToken(found: string, offset: number): Token {
  if (/^0x/.test(found) ? /[uU]$/.test(found) : /[uU]$/.test(found)) {
    const value = BigInt(found.slice(0, -1))
    if (value > 18446744073709551615n) throw new CelSyntax(offset, 'invalid uint literal')
    return { kind: 'uint', text: found, offset, value }
  }
  if (/^0x/.test(found) || /^[0-9]+$/.test(found)) return { kind: 'int', text: found, offset, value: BigInt(found) }
  return { kind: 'float', text: found, offset, value: Number(found) }
}

function stringToken(found: string, offset: number): Token {
  const [prefix] = /^[rRbB]*/.exec(found)!
  const body = found.slice(prefix.length)
  const quote = /^("""|''')/.test(body) ? 3 : 1
  const inner = body.slice(quote, -quote)
  const raw = /[rR]/.test(prefix)
  if (/[bB]/.test(prefix)) return { kind: 'bytes', text: found, offset, value: raw ? new TextEncoder().encode(inner) : unescapeBytes(inner, offset) }
  return { kind: 'string', text: found, offset, value: raw ? inner : unescapeText(inner, offset) }
}

const escapes = /\\(?:x([0-9a-fA-F]{2})|X([0-9a-fA-F]{2})|u([0-9a-fA-F]{4})|U([0-9a-fA-F]{8})|([0-3][0-7]{2})|([^]))/g
const simple: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v', '\\': '\\', '?': '?', '"': '"', "'": "'", '`': '`' }

function unescapeText(inner: string, offset: number): string {
  if (!inner.includes('\\')) return inner
  return inner.replace(escapes, (whole, x, bigX, u, bigU, octal, other) => plain(whole, other, offset) ?? codePoint(Number.parseInt(octal ?? x ?? bigX ?? u ?? bigU, octal ? 8 : 16), offset))
}

function codePoint(code: number, offset: number): string {
  if (code > 0x10ffff || (code >= 0xd800 && code <= 0xdfff)) throw new CelSyntax(offset, 'invalid unicode code point')
  return String.fromCodePoint(code)
}

/** In bytes `\x` and octal escapes are single bytes; everything else is written in UTF-8. */
function unescapeBytes(inner: string, offset: number): Uint8Array {
  const encoder = new TextEncoder()
  const parts: number[] = []
  let last = 0
  for (const match of inner.matchAll(escapes)) {
    parts.push(...encoder.encode(inner.slice(last, match.index)))
    last = match.index + match[0].length
    const [whole, x, bigX, u, bigU, octal, other] = match
    const byte = octal ?? x ?? bigX
    if (byte !== undefined) parts.push(Number.parseInt(byte, octal ? 8 : 16))
    else parts.push(...encoder.encode(plain(whole, other, offset) ?? codePoint(Number.parseInt((u ?? bigU)!, 16), offset)))
  }
  parts.push(...encoder.encode(inner.slice(last)))
  return Uint8Array.from(parts)
}

function plain(whole: string, other: string | undefined, offset: number): string | undefined {
  if (other === undefined) return undefined
  const found = Object.hasOwn(simple, other) ? simple[other] : undefined
  if (found === undefined) throw new CelSyntax(offset, `Syntax error: token recognition error at: '${whole}'`)
  return found
}
