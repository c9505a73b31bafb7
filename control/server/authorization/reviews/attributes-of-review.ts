import { parseFieldSelector } from '../../../../api/selectors/fields.ts'
import type { FieldSelector } from '../../../../api/selectors/fields.ts'
import { parseLabelSelector, selectorOf } from '../../../../api/selectors/labels.ts'
import type { Selector } from '../../../../api/selectors/labels.ts'
import type { UserInfo } from '../../../../api/transport.ts'
import type { FieldSelectorAttributes, LabelSelectorAttributes, NonResourceAttributes, ResourceAttributes, SubjectAccessReviewSpec } from '../../../../api/types/authorization-v1.ts'
import type { Attributes } from '../authorizer.ts'

export interface Question {
  readonly attributes: Attributes
  /** What of the selectors could not be understood; leaving it out asks for more than was meant, never for less. */
  readonly errors: readonly string[]
}

/** What a review asks about, in the words of authorizers. */
export function questionOf(user: UserInfo, { resourceAttributes: asked, nonResourceAttributes }: Pick<SubjectAccessReviewSpec, 'resourceAttributes' | 'nonResourceAttributes'>): Question {
  if (!asked) return { attributes: urlAttributes(user, nonResourceAttributes ?? {}), errors: [] }
  const fields = read(asked.fieldSelector, 'fieldSelector', fieldsOf)
  const labels = read(asked.labelSelector, 'labelSelector', labelsOf)
  return {
    attributes: { ...resourceAttributesOf(user, asked), fieldSelector: fields.selector, labelSelector: labels.selector },
    errors: [...fields.errors, ...labels.errors],
  }
}

export const userOf = ({ user = '', groups = [], uid, extra }: SubjectAccessReviewSpec): UserInfo => ({ name: user, groups, ...(uid && { uid }), ...(extra && { extra }) })

const resourceAttributesOf = (user: UserInfo, { verb = '', group = '', version = '', namespace = '', resource = '', subresource = '', name = '' }: ResourceAttributes): Attributes =>
  ({ user, isResource: true, path: '', verb, group, version: version || '*', namespace, resource, subresource, name })

const urlAttributes = (user: UserInfo, { path = '', verb = '' }: NonResourceAttributes): Attributes =>
  ({ user, isResource: false, path, verb, group: '', version: '', namespace: '', resource: '', subresource: '', name: '' })

interface Read<T> { readonly selector: readonly T[] | undefined; readonly failed: boolean }

function read<A, T>(asked: A | undefined, field: string, parse: (asked: A) => Read<T>): { selector: readonly T[] | undefined; errors: string[] } {
  if (!asked) return { selector: undefined, errors: [] }
  const { selector, failed } = parse(asked)
  const ignored = selector?.length ? 'partially ignored' : 'ignored'
  return { selector, errors: failed ? [`spec.resourceAttributes.${field} ${ignored} due to parse error`] : [] }
}

function fieldsOf({ rawSelector, requirements = [] }: FieldSelectorAttributes): Read<FieldSelector[number]> {
  if (requirements.length === 0) return attempt(() => parseFieldSelector(rawSelector ?? ''))
  const terms = requirements.flatMap(({ key, operator, values = [] }) =>
    (values.length === 1 && (operator === 'In' || operator === 'NotIn') ? [{ field: key, equal: operator === 'In', value: values[0]! }] : []))
  return { selector: terms, failed: terms.length < requirements.length }
}

function labelsOf({ rawSelector, requirements = [] }: LabelSelectorAttributes): Read<Selector[number]> {
  if (requirements.length === 0) return attempt(() => parseLabelSelector(rawSelector ?? ''))
  const parts = requirements.map((requirement) => attempt(() => selectorOf({ matchExpressions: [requirement] })))
  return { selector: parts.flatMap(({ selector = [] }) => selector), failed: parts.some(({ failed }) => failed) }
}

function attempt<T>(parse: () => readonly T[]): Read<T> {
  try {
    return { selector: parse(), failed: false }
  } catch {
    return { selector: undefined, failed: true }
  }
}
