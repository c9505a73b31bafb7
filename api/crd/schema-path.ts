import type { JSONSchemaProps } from '../types/apiextensions-v1/json-schema.ts'
import { additionalOf } from './json-schema.ts'
import { at, child } from './paths.ts'

export type SchemaPath =
  /** `path` as errors write it (`spec.tags[a]`), `steps` the names on the way. */
  | { readonly path: string; readonly steps: readonly string[]; readonly schema: JSONSchemaProps }
  | { readonly why: string }

/** Follows `.spec.host` or `.spec['x-y']` through a schema: field paths of rules, selectable fields (those without brackets). */
export function schemaPath(text: string, schema: JSONSchemaProps, brackets = true): SchemaPath {
  let current = schema
  let path = ''
  const steps: string[] = []
  const tokens = tokensOf(text)
  for (let i = 0; i < tokens.length; i++) {
    const mark = tokens[i]!
    if (mark !== '.' && mark !== '[') return { why: `expected [ or . but got: ${mark}` }
    if (mark === '[' && !brackets) return { why: 'array notation is not allowed' }
    const token = tokens[++i]
    if (token === undefined) return { why: 'unexpected end of JSON path' }
    const name = mark === '.' ? token : quoted(token)
    if (name === undefined) return { why: `expected single quoted string but got ${token}` }
    const next = stepInto(current, name)
    if (!next) return { why: 'does not refer to a valid field' }
    path = current.properties ? child(path, name) : at(path, name)
    steps.push(name)
    current = next
    if (mark !== '[') continue
    const end = tokens[++i]
    if (end !== ']') return { why: end === undefined ? 'unexpected end of JSON path' : `expected ] but got ${end}` }
  }
  return { path, steps, schema: current }
}

function stepInto(schema: JSONSchemaProps, name: string): JSONSchemaProps | undefined {
  if (schema.properties) return Object.hasOwn(schema.properties, name) ? schema.properties[name] : undefined
  return additionalOf(schema)
}

/** Marks, quoted strings and what stands between them. */
const tokensOf = (text: string): string[] => text.match(/[.[\]]|'(?:\\.|[^'\\])*'|[^.[\]]+/g) ?? []

function quoted(token: string): string | undefined {
  if (token.length < 2 || !token.startsWith("'") || !token.endsWith("'")) return undefined
  return token.slice(1, -1).replace(/\\(.)/g, (_, letter: string) => escapes[letter] ?? letter)
}

const escapes: Readonly<Record<string, string>> = { a: '\x07', b: '\b', f: '\f', n: '\n', r: '\r', t: '\t', v: '\v' }
