import { parseFieldSelector, requiredField } from '../../../api/selectors/fields.ts'
import type { FieldSelector } from '../../../api/selectors/fields.ts'
import { parseLabelSelector } from '../../../api/selectors/labels.ts'
import type { UserInfo } from '../../../api/transport.ts'
import { pathSegment } from '../../../api/kinds/validation/names.ts'
import type { RequestInfo } from '../request-info.ts'
import type { Attributes } from './authorizer.ts'

const narrowed = new Set(['list', 'watch', 'deletecollection'])

/**
 * What a request wants, as authorizers see it. A list or watch of the one object that `metadata.name=` names counts as a request for that
 * object, so that a rule with `resourceNames` can allow it. A selector that cannot be read narrows nothing.
 */
export function attributesOf(user: UserInfo, info: RequestInfo, query: URLSearchParams): Attributes {
  const { isResource, path, verb, group, version, namespace, resource, name, subresource } = info
  if (!isResource || query.size === 0 || !narrowed.has(verb)) return { user, isResource, path, verb, group, version, namespace, resource, name, subresource }
  const fieldSelector = readable(query.get('fieldSelector'), (text) => parseFieldSelector(text))
  const labelSelector = readable(query.get('labelSelector'), parseLabelSelector)
  return {
    user, isResource, path, verb, group, version, namespace, resource, subresource, fieldSelector, labelSelector,
    name: name || (verb === 'deletecollection' ? '' : selectedName(fieldSelector)),
  }
}

function readable<T>(text: string | null, parse: (text: string) => T): T | undefined {
  if (!text) return undefined
  try {
    return parse(text)
  } catch {
    return undefined // whoever reads it for the answer refuses it
  }
}

function selectedName(selector: FieldSelector | undefined): string {
  const name = (selector && requiredField(selector, 'metadata.name')) ?? ''
  return pathSegment(name).length === 0 ? name : ''
}
