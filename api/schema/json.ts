import { badRequest } from '../errors.ts'

/**
 * JSON text to a value. `__proto__` comes out as an ordinary own key, as `JSON.parse` makes it. Throws `ApiError` 400 with
 * the sentence the original's server says of a body of an object of `kind` that is no JSON.
 */
export function parseBody(text: string, kind: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    throw badRequest(`the object provided is unrecognized (must be of type ${kind}): couldn't get version/kind; json parse error: ${jsonSyntaxError(text)} (${summary(text)})`)
  }
}

/** The first bytes of a body, in hexadecimal when it does not even look like an object. */
function summary(text: string): string {
  if (text === '') return '<empty>'
  const bytes = Buffer.from(text)
  const head = text[0] === '{' ? bytes.subarray(0, 30).toString() : bytes.subarray(0, 30).toString('hex')
  return bytes.length > 30 ? `${head} ...` : head
}

/** What Go's `encoding/json` says is wrong with a text that `JSON.parse` refused. Only ever called on the way to an error. */
export function jsonSyntaxError(text: string): string {
  const scanner = new SyntaxScanner(text)
  return scanner.run()
}

const endOfInput = 'unexpected end of JSON input'
const maxNesting = 10_000

/** One pass over the text with an explicit stack, so that no nesting can exhaust ours. */
class SyntaxScanner {
  readonly #text: string
  #at = 0

  constructor(text: string) {
    this.#text = text
  }

  run(): string {
    const open: ('{' | '[')[] = []
    for (;;) {
      const wrong = this.#value(open)
      if (wrong) return wrong
      const after = this.#afterValue(open)
      if (after) return after
    }
  }

  /** A value, or the way down to the first scalar of one. */
  #value(open: ('{' | '[')[]): string | undefined {
    for (;;) {
      const c = this.#peek()
      if (c === undefined) return endOfInput
      if (c === '{' || c === '[') {
        if (open.push(c) > maxNesting) return 'exceeded max depth'
        this.#at++
        const closing = c === '{' ? '}' : ']'
        if (this.#peek() === closing) { open.pop(); this.#at++; return undefined }
        if (c === '[') continue
        const wrong = this.#key('looking for beginning of object key string')
        if (wrong) return wrong
        continue
      }
      if (c === '"') return this.#string()
      if (c === '-' || (c >= '0' && c <= '9')) return this.#number()
      const word = c === 't' ? 'true' : c === 'f' ? 'false' : c === 'n' ? 'null' : undefined
      return word ? this.#word(word) : this.#unexpected('looking for beginning of value')
    }
  }

  /** Closes what is complete and moves to the next value; a sentence when that cannot be. */
  #afterValue(open: ('{' | '[')[]): string | undefined {
    for (;;) {
      const c = this.#peek()
      const inside = open.at(-1)
      if (inside === undefined) return c === undefined ? 'invalid JSON' : this.#unexpected('after top-level value')
      if (c === undefined) return endOfInput
      if (c === (inside === '{' ? '}' : ']')) { open.pop(); this.#at++; continue }
      if (c !== ',') return this.#unexpected(inside === '{' ? 'after object key:value pair' : 'after array element')
      this.#at++
      return inside === '{' ? this.#key('looking for beginning of object key string') : undefined
    }
  }

  #key(context: string): string | undefined {
    const c = this.#peek()
    if (c === undefined) return endOfInput
    if (c !== '"') return this.#unexpected(context)
    const wrong = this.#string()
    if (wrong) return wrong
    const colon = this.#peek()
    if (colon === undefined) return endOfInput
    if (colon !== ':') return this.#unexpected('after object key')
    this.#at++
    return undefined
  }

  #string(): string | undefined {
    for (this.#at++; ; this.#at++) {
      const c = this.#text[this.#at]
      if (c === undefined) return endOfInput
      if (c === '"') { this.#at++; return undefined }
      if (c < ' ') return this.#unexpected('in string literal')
      if (c !== '\\') continue
      const escaped = this.#text[++this.#at]
      if (escaped === undefined) return endOfInput
      if (!'"\\/bfnrtu'.includes(escaped)) return this.#unexpected('in string escape code')
      for (let i = 0; escaped === 'u' && i < 4; i++) {
        const digit = this.#text[++this.#at]
        if (digit === undefined) return endOfInput
        if (!/[0-9a-fA-F]/.test(digit)) return this.#unexpected('in \\u hexadecimal character escape')
      }
    }
  }

  #number(): string | undefined {
    const digit = (): boolean => { const c = this.#text[this.#at]; return c !== undefined && c >= '0' && c <= '9' }
    const need = (context: string): string | undefined => (digit() ? undefined : this.#at >= this.#text.length ? endOfInput : this.#unexpected(context))
    const skip = (): void => { while (digit()) this.#at++ }
    if (this.#text[this.#at] === '-') this.#at++
    const first = need('in numeric literal')
    if (first) return first
    if (this.#text[this.#at] === '0') this.#at++; else skip()
    if (this.#text[this.#at] === '.') {
      this.#at++
      const wrong = need('after decimal point in numeric literal')
      if (wrong) return wrong
      skip()
    }
    if (this.#text[this.#at] === 'e' || this.#text[this.#at] === 'E') {
      this.#at++
      if (this.#text[this.#at] === '+' || this.#text[this.#at] === '-') this.#at++
      const wrong = need('in exponent of numeric literal')
      if (wrong) return wrong
      skip()
    }
    return undefined
  }

  #word(word: string): string | undefined {
    for (const expected of word) {
      const c = this.#text[this.#at]
      if (c === undefined) return endOfInput
      if (c !== expected) return this.#unexpected(`in literal ${word} (expecting '${expected}')`)
      this.#at++
    }
    return undefined
  }

  #peek(): string | undefined {
    for (;;) {
      const c = this.#text[this.#at]
      if (c !== ' ' && c !== '\t' && c !== '\n' && c !== '\r') return c
      this.#at++
    }
  }

  #unexpected(context: string): string {
    const c = String.fromCodePoint(this.#text.codePointAt(this.#at)!)
    const quoted = c === "'" ? "'\\''" : c === '"' ? "'\"'" : `'${JSON.stringify(c).slice(1, -1)}'`
    return `invalid character ${quoted} ${context}`
  }
}
