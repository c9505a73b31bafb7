import { inclusiveRange } from './field.ts'

/*
 * The grammar of names. Every rule returns what is wrong, one sentence each; an empty list means the name is good.
 */

const label = '[a-z0-9]([-a-z0-9]*[a-z0-9])?'
const labelWithUnderscore = '_?[a-z0-9]([-_a-z0-9]*[a-z0-9])?'
const subdomain = `${label}(\\.${label})*`
const subdomainWithUnderscore = `${labelWithUnderscore}(\\.${labelWithUnderscore})*`
const wildcard = `\\*\\.${subdomain}`
const label1035 = '[a-z]([-a-z0-9]*[a-z0-9])?'
const qualifiedPart = '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'
const labelValue = `(${qualifiedPart})?`
const configKey = '[-._a-zA-Z0-9]+'
const headerName = '[-A-Za-z0-9]+'
const percent = '[0-9]+%'
const identifier = '[A-Za-z_][A-Za-z0-9_]*'

const whole = (pattern: string): RegExp => new RegExp(`^${pattern}$`)
const expressions = {
  label: whole(label), subdomain: whole(subdomain), subdomainWithUnderscore: whole(subdomainWithUnderscore), label1035: whole(label1035), wildcard: whole(wildcard),
  qualifiedPart: whole(qualifiedPart), labelValue: whole(labelValue), configKey: whole(configKey), headerName: whole(headerName),
  percent: whole(percent), identifier: whole(identifier),
}

const atMost = (length: number): string => `must be no more than ${length} characters`
const byteLength = (value: string): number => Buffer.byteLength(value)

/** Two examples come out as `(e.g. 'my-name',  or '123-abc', regex …`: the doubled blank is the original's. */
const pattern = (sentence: string, expression: string, ...examples: string[]): string => {
  const regex = `regex used for validation is '${expression}'`
  if (!examples.length) return `${sentence} (${regex})`
  return `${sentence} (e.g. ${examples.map((example) => `'${example}', `).join(' or ')}${regex})`
}

/** RFC 1123 label: names of namespaces, containers, volumes. */
export function dnsLabel(value: string): string[] {
  const wrong = byteLength(value) > 63 ? [atMost(63)] : []
  if (expressions.label.test(value)) return wrong
  if (expressions.subdomain.test(value)) return [...wrong, 'must not contain dots']
  return [...wrong, pattern("a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character", label, 'my-name', '123-abc')]
}

/** RFC 1123 subdomain: the name of nearly every object. */
export function dnsSubdomain(value: string): string[] {
  const wrong = byteLength(value) > 253 ? [atMost(253)] : []
  if (expressions.subdomain.test(value)) return wrong
  return [...wrong, pattern("a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character", subdomain, 'example.com')]
}

/** `*.example.com`: all names directly below a domain. */
export function wildcardSubdomain(value: string): string[] {
  const wrong = byteLength(value) > 253 ? [atMost(253)] : []
  if (expressions.wildcard.test(value)) return wrong
  return [...wrong, pattern("a wildcard DNS-1123 subdomain must start with '*.', followed by a valid DNS subdomain, which must consist of lower case alphanumeric characters, '-' or '.' and end with an alphanumeric character", wildcard, '*.example.com')]
}

/** A DNS search path, in which `_` is allowed. */
export function dnsSubdomainWithUnderscore(value: string): string[] {
  const wrong = byteLength(value) > 253 ? [atMost(253)] : []
  if (expressions.subdomainWithUnderscore.test(value)) return wrong
  return [...wrong, pattern("a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '_', '-' or '.', and must start and end with an alphanumeric character", subdomainWithUnderscore, 'example.com')]
}

/** RFC 1035 label: the name of a Service. */
export function dnsLabel1035(value: string): string[] {
  const wrong = byteLength(value) > 63 ? [atMost(63)] : []
  if (expressions.label1035.test(value)) return wrong
  return [...wrong, pattern("a DNS-1035 label must consist of lower case alphanumeric characters or '-', start with an alphabetic character, and end with an alphanumeric character", label1035, 'my-name', 'abc-123')]
}

const qualifiedSentence = "must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character"

/** `name` or `prefix.example.com/name`: keys of labels and annotations, finalizers, conditions. */
export function qualifiedName(value: string): string[] {
  const parts = value.split('/')
  if (parts.length > 2) return [pattern(`a valid label key ${qualifiedSentence}`, qualifiedPart, 'MyName', 'my.name', '123-abc') + " with an optional DNS subdomain prefix and '/' (e.g. 'example.com/MyName')"]
  const wrong: string[] = []
  if (parts.length === 2) {
    const prefix = parts[0]!
    wrong.push(...(prefix ? dnsSubdomain(prefix) : ['must be non-empty']).map((sentence) => `prefix part ${sentence}`))
  }
  const name = parts.at(-1)!
  if (!name) wrong.push('name part must be non-empty')
  else if (byteLength(name) > 63) wrong.push(`name part ${atMost(63)}`)
  if (!expressions.qualifiedPart.test(name)) wrong.push(`name part ${pattern(qualifiedSentence, qualifiedPart, 'MyName', 'my.name', '123-abc')}`)
  return wrong
}

export function labelValueRule(value: string): string[] {
  const wrong = byteLength(value) > 63 ? [atMost(63)] : []
  if (expressions.labelValue.test(value)) return wrong
  return [...wrong, pattern("a valid label must be an empty string or consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character", labelValue, 'MyValue', 'my_value', '12345')]
}

/** A key of a ConfigMap or Secret, which becomes a file name. */
export function configMapKey(value: string): string[] {
  const wrong = byteLength(value) > 253 ? [atMost(253)] : []
  if (!expressions.configKey.test(value)) wrong.push(pattern("a valid config key must consist of alphanumeric characters, '-', '_' or '.'", configKey, 'key.name', 'KEY_NAME', 'key-name'))
  return [...wrong, ...notADots(value)]
}

function notADots(value: string): string[] {
  if (value === '.') return ["must not be '.'"]
  if (value === '..') return ["must not be '..'"]
  return value.startsWith('..') ? ["must not start with '..'"] : []
}

export function portName(value: string): string[] {
  const wrong: string[] = byteLength(value) > 15 ? [atMost(15)] : []
  if (!/^[-a-z0-9]+$/.test(value)) wrong.push('must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-)')
  if (!/[a-z]/.test(value)) wrong.push('must contain at least one letter (a-z)')
  if (value.includes('--')) wrong.push('must not contain consecutive hyphens')
  if (/^-|-$/.test(value)) wrong.push('must not begin or end with a hyphen')
  return wrong
}

export const portNumber = (value: number | undefined): string[] =>
  (value !== undefined && Number.isInteger(value) && value >= 1 && value <= 65535 ? [] : [inclusiveRange(1, 65535)])

/** User and group ids. */
export const unixId = (value: number): string[] => (value >= 0 && value <= 0xffffffff ? [] : [inclusiveRange(0, 0xffffffff)])

export const percentage = (value: string): string[] =>
  (expressions.percent.test(value) ? [] : [pattern("a valid percent string must be a numeric string followed by an ending '%'", percent, '1%', '93%')])

export const httpHeaderName = (value: string): string[] =>
  (expressions.headerName.test(value) ? [] : [pattern("a valid HTTP header must consist of alphanumeric characters or '-'", headerName, 'X-Header-Name')])

/** The relaxed rule, in force since 1.32. */
export function envVarName(value: string): string[] {
  if (!value) return ['environment variable name must be non-empty']
  return /^[ -<>-~]+$/.test(value) ? [] : ["a valid environment variable name must consist only of printable ASCII characters other than '='"]
}

export const cIdentifier = (value: string): string[] =>
  (expressions.identifier.test(value) ? [] : [pattern("a valid C identifier must start with alphabetic character or '_', followed by a string of alphanumeric characters or '_'", identifier, 'my_name', 'MY_NAME', 'MyName')])

/** The least that is asked of any object's name, since it becomes part of a path. */
export function pathSegment(value: string): string[] {
  if (value === '.' || value === '..') return [`may not be '${value}'`]
  return ['/', '%'].filter((illegal) => value.includes(illegal)).map((illegal) => `may not contain '${illegal}'`)
}

/** A rule for `generateName`: what is appended later makes a trailing dash good. */
export const asPrefix = (rule: (name: string) => string[]) => (prefix: string): string[] => rule(prefix.endsWith('-') ? `${prefix.slice(0, -1)}a` : prefix)
