import { badRequest } from '../errors.ts'
import { labelValueRule, qualifiedName } from '../kinds/validation/names.ts'
import type { LabelSelector } from '../types/meta-v1/meta.ts'
import { parseRequirements } from './label-parser.ts'

/** One condition on one label. A selector is the conjunction of its requirements; the empty one matches everything. */
export interface Requirement {
  readonly key: string
  readonly operator: LabelOperator
  /** Sorted, without duplicates. */
  readonly values: readonly string[]
}

export type LabelOperator = '=' | '==' | '!=' | 'in' | 'notin' | 'exists' | '!' | 'gt' | 'lt'
export type Selector = readonly Requirement[]
export type Labels = Readonly<Record<string, string>>

export const everything: Selector = Object.freeze([])
/** Matches no object at all: what an absent `LabelSelector` means. */
export const nothing: Selector = Object.freeze([Object.freeze({ key: '', operator: 'in', values: Object.freeze([]) } as const)])

/** The selector of a query string or a flag: `app=web,tier in (a,b),!canary`. Throws `ApiError` 400. */
export function parseLabelSelector(text: string): Selector {
  const requirements = parseRequirements(text)
  for (const requirement of requirements) {
    const wrong = requirementErrors(requirement)
    if (wrong) throw badRequest(`unable to parse requirement: ${wrong}`)
  }
  return requirements.sort(byKey)
}

/** The selector of an API object; absent selects nothing, empty selects everything. Throws `ApiError` 400. */
export function selectorOf(selector: LabelSelector | undefined): Selector {
  if (!selector) return nothing
  const requirements: Requirement[] = []
  for (const [key, value] of Object.entries(selector.matchLabels ?? {})) requirements.push({ key, operator: '=', values: [value] })
  for (const { key, operator, values } of selector.matchExpressions ?? []) {
    const known = operatorOf.get(operator)
    if (!known) throw badRequest(`${JSON.stringify(operator)} is not a valid label selector operator`)
    requirements.push({ key, operator: known, values: [...new Set(values ?? [])].sort() })
  }
  for (const requirement of requirements) {
    const wrong = requirementErrors(requirement)
    if (wrong) throw badRequest(wrong)
  }
  return requirements.sort(byKey)
}

/** The selector of a plain map: every label must be there with its value. An empty map matches everything. */
export function selectorOfMap(labels: Labels | undefined): Selector {
  return Object.entries(labels ?? {}).map(([key, value]): Requirement => ({ key, operator: '=', values: [value] })).sort(byKey)
}

const operatorOf: ReadonlyMap<string, LabelOperator> = new Map([['In', 'in'], ['NotIn', 'notin'], ['Exists', 'exists'], ['DoesNotExist', '!']])
const byKey = (a: Requirement, b: Requirement): number => (a.key < b.key ? -1 : a.key > b.key ? 1 : 0)

export function matchesLabels(selector: Selector, labels: Labels | undefined): boolean {
  for (let i = 0; i < selector.length; i++) if (!matchesRequirement(selector[i]!, labels)) return false
  return true
}

/** Whether one requirement holds. Used by itself for node selector terms, where `gt` and `lt` occur. */
export function matchesRequirement({ key, operator, values }: Requirement, labels: Labels | undefined): boolean {
  const value = labels && Object.hasOwn(labels, key) ? labels[key] : undefined
  switch (operator) {
    case '=': case '==': case 'in': return value !== undefined && values.includes(value)
    case '!=': case 'notin': return value === undefined || !values.includes(value)
    case 'exists': return value !== undefined
    case '!': return value === undefined
    case 'gt': case 'lt': {
      const bound = integerOf(values[0])
      const given = integerOf(value)
      return values.length === 1 && bound !== undefined && given !== undefined && (operator === 'gt' ? given > bound : given < bound)
    }
  }
}

/** A 64-bit integer as `strconv.ParseInt` reads it. */
function integerOf(text: string | undefined): bigint | undefined {
  if (text === undefined || !/^[+-]?[0-9]{1,30}$/.test(text)) return undefined
  const value = BigInt(text.replace('+', ''))
  return BigInt.asIntN(64, value) === value ? value : undefined
}

/** The text of a selector as the original prints it: `app=web,tier in (a,b)`. Empty for `everything` and `nothing`. */
export function formatSelector(selector: Selector): string {
  return selector === nothing ? '' : selector.map(formatRequirement).join(',')
}

function formatRequirement({ key, operator, values }: Requirement): string {
  const list = values.join(',')
  switch (operator) {
    case 'exists': return key
    case '!': return `!${key}`
    case 'in': case 'notin': return `${key} ${operator} (${list})`
    case 'gt': return `${key}>${list}`
    case 'lt': return `${key}<${list}`
    default: return `${key}${operator}${list}`
  }
}

/** `metav1.FormatLabelSelector`: for tables and the scale subresource; `<none>` when it says nothing. */
export function formatLabelSelector(selector: LabelSelector | undefined): string {
  try {
    return formatSelector(selectorOf(selector)) || '<none>'
  } catch {
    return '<error>'
  }
}

/** All that is wrong with a requirement, as the original aggregates it; undefined when it is good. */
function requirementErrors({ key, operator, values }: Requirement): string | undefined {
  const errors: string[] = []
  const wrongKey = qualifiedName(key)
  if (wrongKey.length > 0) errors.push(`key: Invalid value: ${JSON.stringify(key)}: ${wrongKey.join('; ')}`)
  const set = JSON.stringify(values)
  switch (operator) {
    case 'in': case 'notin':
      if (values.length === 0) errors.push(`values: Invalid value: ${set}: for 'in', 'notin' operators, values set can't be empty`)
      break
    case 'exists': case '!':
      if (values.length > 0) errors.push(`values: Invalid value: ${set}: values set must be empty for exists and does not exist`)
      break
    case 'gt': case 'lt':
      if (values.length !== 1) errors.push(`values: Invalid value: ${set}: for 'Gt', 'Lt' operators, exactly one value is required`)
      values.forEach((value, i) => {
        if (integerOf(value) === undefined) errors.push(`values[${i}]: Invalid value: ${JSON.stringify(value)}: for 'Gt', 'Lt' operators, the value must be an integer`)
      })
      break
    default:
      if (values.length !== 1) errors.push(`values: Invalid value: ${set}: exact-match compatibility requires one single value`)
  }
  values.forEach((value, i) => {
    const wrong = labelValueRule(value)
    if (wrong.length > 0) errors.push(`values[${i}][${key}]: Invalid value: ${JSON.stringify(value)}: ${wrong.join('; ')}`)
  })
  return errors.length === 0 ? undefined : errors.length === 1 ? errors[0] : `[${errors.join(', ')}]`
}
