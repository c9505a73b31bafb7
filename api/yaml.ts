import { FAILSAFE_SCHEMA, NOT_RESOLVED, YAMLException, defineScalarTag, dump, load, loadAll, mergeTag, nullYaml11Tag } from 'js-yaml'
import { badRequest } from './errors.ts'

/*
 * YAML as Kubernetes reads it: the dialect of go-yaml v2. `yes`, `on` and `y` are booleans, `0644` is octal, dates stay
 * text, `80:80` is no number in base 60.
 */

const booleans: ReadonlyMap<string, boolean> = new Map([
  ...['y', 'Y', 'yes', 'Yes', 'YES', 'true', 'True', 'TRUE', 'on', 'On', 'ON'].map((word): [string, boolean] => [word, true]),
  ...['n', 'N', 'no', 'No', 'NO', 'false', 'False', 'FALSE', 'off', 'Off', 'OFF'].map((word): [string, boolean] => [word, false]),
])

const bool = defineScalarTag<boolean>('tag:yaml.org,2002:bool', {
  implicit: true, identify: (data) => typeof data === 'boolean',
  resolve: (source) => booleans.get(source) ?? NOT_RESOLVED,
})

const int = defineScalarTag<number>('tag:yaml.org,2002:int', {
  implicit: true, identify: (data) => Number.isInteger(data),
  resolve: (source) => integerOf(source.replaceAll('_', '')) ?? NOT_RESOLVED,
})

const float = defineScalarTag<number>('tag:yaml.org,2002:float', {
  implicit: true, identify: (data) => typeof data === 'number',
  resolve: (source) => (/^[-+]?(?:\.[0-9]+|[0-9]+(?:\.[0-9]*)?)(?:[eE][-+]?[0-9]+)?$/.test(source) ? Number(source) : NOT_RESOLVED),
})

function integerOf(text: string): number | undefined {
  const [, sign, digits] = /^([-+]?)(0[xX][0-9a-fA-F]+|0[bB][01]+|0[oO][0-7]+|0[0-7]+|0|[1-9][0-9]*)$/.exec(text) ?? []
  if (digits === undefined) return undefined
  const value = /^0[0-7]+$/.test(digits) ? Number.parseInt(digits, 8) : Number(digits)
  return sign === '-' ? -value : value
}

const schema = FAILSAFE_SCHEMA.withTags(nullYaml11Tag, bool, int, float, mergeTag)
const maxDepth = 1000
/** An alias may stand for a large part of the document; what it all comes to when written out must stay bounded. */
const maxNodes = 500_000

/** One document, of bounded size. An empty one is null. Of keys that occur twice the last counts. Throws `ApiError` 400. */
export function parseYaml(text: string): unknown {
  checkParts(text)
  return guarded(text, () => (isBlank(text) ? null : load(text, { schema, json: true, maxDepth })))
}

/** All documents of a stream, without the empty ones. Throws `ApiError` 400. */
export function parseYamlAll(text: string): unknown[] {
  const documents = guarded(text, () => loadAll(text, { schema, json: true, maxDepth })) as unknown[]
  return documents.filter((document) => document !== null && document !== undefined)
}

/** What a strict reader says of the first key that occurs twice; undefined when there is none. The text must be good YAML. */
export function duplicateYamlKey(text: string): string | undefined {
  try {
    loadAll(text, { schema, maxDepth })
    return undefined
  } catch (error) {
    if (!(error instanceof YAMLException) || !error.mark) return undefined
    return `yaml: unmarshal errors:\n  line ${error.mark.line + 1}: key ${JSON.stringify(keyAt(text, error.mark.position))} already set in map`
  }
}

/** The position of a quoted key is behind its quote. */
function keyAt(text: string, position: number): string {
  const quote = /["']/.exec(text[position - 1] ?? '')?.[0]
  const rest = text.slice(position)
  return quote ? rest.slice(0, rest.indexOf(quote)) : /^(?:\? +)?(.*?)\s*(?::\s|$)/m.exec(rest)?.[1] ?? ''
}

/** Keys in the order of the object; shared parts written out; what any dialect could mistake for something else is quoted. */
export function stringifyYaml(value: unknown): string {
  return dump(value, { noRefs: true, lineWidth: -1, skipInvalid: true })
}

/** Line by line: a pattern over the whole text could take for ever over one that is nearly blank. */
const isBlank = (text: string): boolean => text.split('\n').every((line) => /^\s*(?:#.*)?$|^---\s*$/.test(line))

/** Reading takes a microsecond or two for each part; a larger document would keep everybody else waiting. In JSON it may have more. */
const maxParts = 100_000

function checkParts(text: string): void {
  let parts = 0
  for (const separator of ['\n', ',']) {
    for (let at = text.indexOf(separator); at >= 0; at = text.indexOf(separator, at + 1)) {
      if (++parts > maxParts) throw badRequest(`error converting YAML to JSON: yaml: the document has more than ${maxParts} lines and items`)
    }
  }
}

function guarded(text: string, read: () => unknown): unknown {
  let value: unknown
  try {
    value = read()
  } catch (error) {
    throw badRequest(`error converting YAML to JSON: ${error instanceof YAMLException ? sentence(error) : `yaml: ${(error as Error).message}`}`)
  }
  if (text.includes('*')) checkSize(value)
  return value
}

const sentence = ({ mark, reason }: YAMLException): string => (mark ? `yaml: line ${mark.line + 1}: ${reason}` : `yaml: ${reason}`)

function checkSize(value: unknown): void {
  let nodes = 0
  const walk = (node: unknown, depth: number): void => {
    if (++nodes > maxNodes || depth > maxDepth) throw badRequest('error converting YAML to JSON: yaml: document contains excessive aliasing')
    if (typeof node === 'object' && node !== null) for (const inner of Object.values(node)) walk(inner, depth + 1)
  }
  walk(value, 0)
}
