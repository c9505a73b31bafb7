import { badRequest } from '../errors.ts'

/** One condition on one field. A field selector is the conjunction of its terms; the empty one matches everything. */
export interface FieldTerm {
  readonly field: string
  readonly equal: boolean
  readonly value: string
}

export type FieldSelector = readonly FieldTerm[]

/**
 * `spec.nodeName=n1,status.phase!=Failed`. In values `\`, `,` and `=` are written behind a `\`. `known` are the fields
 * that the kind adds to `metadata.name` and `metadata.namespace`; without it every field passes. Throws `ApiError` 400.
 */
export function parseFieldSelector(text: string, known?: readonly string[]): FieldSelector {
  const terms: FieldTerm[] = []
  for (const part of splitTerms(text).sort()) {
    if (part === '') continue
    const operator = /!=|==|=/.exec(part)
    if (!operator) throw badRequest(`invalid selector: '${text}'; can't understand '${part}'`)
    const field = part.slice(0, operator.index)
    const value = unescapeValue(part.slice(operator.index + operator[0].length))
    if (known && !known.includes(field) && !always.includes(field)) throw badRequest(notKnown(field, known))
    terms.push({ field, equal: operator[0] !== '!=', value })
  }
  return terms
}

const always: readonly string[] = ['metadata.name', 'metadata.namespace']

const notKnown = (field: string, known: readonly string[]): string =>
  known.length > 0 ? `field label not supported: ${field}` : `${JSON.stringify(field)} is not a known field selector: only "metadata.name", "metadata.namespace"`

export function matchesFields(selector: FieldSelector, lookup: (field: string) => string): boolean {
  for (let i = 0; i < selector.length; i++) {
    const { field, equal, value } = selector[i]!
    if ((lookup(field) === value) !== equal) return false
  }
  return true
}

/** The value a field must have, when the selector says so: the key of an index. */
export function requiredField(selector: FieldSelector, field: string): string | undefined {
  return selector.find((term) => term.equal && term.field === field)?.value
}

export const formatFieldSelector = (selector: FieldSelector): string =>
  selector.map(({ field, equal, value }) => `${field}${equal ? '=' : '!='}${escapeValue(value)}`).join(',')

export const escapeValue = (value: string): string => value.replace(/[\\,=]/g, '\\$&')

function splitTerms(text: string): string[] {
  const terms: string[] = []
  let start = 0
  for (let i = 0; i < text.length; i++) {
    if (text[i] === '\\') i++
    else if (text[i] === ',') { terms.push(text.slice(start, i)); start = i + 1 }
  }
  terms.push(text.slice(start))
  return terms
}

function unescapeValue(text: string): string {
  if (!/[\\,=]/.test(text)) return text
  let value = ''
  const characters = [...text]
  for (let i = 0; i < characters.length; i++) {
    const c = characters[i]!
    if (c === ',' || c === '=') throw badRequest(`invalid field selector: unescaped character in value: ${c.codePointAt(0)}`)
    if (c !== '\\') { value += c; continue }
    const next = characters[++i]
    if (next === undefined || !'\\,='.includes(next)) throw badRequest(`invalid field selector: invalid escape sequence: \\${next ?? ''}`)
    value += next
  }
  return value
}
