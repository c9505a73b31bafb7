import type { PolicyRule } from '../../../../api/types/rbac-v1.ts'
import type { Attributes } from '../authorizer.ts'

/** Whether one rule of a role allows a request. Rules only ever allow. */
export function ruleAllows(rule: PolicyRule, { isResource, verb, path, group, resource, subresource, name }: Attributes): boolean {
  if (!has(rule.verbs, verb)) return false
  if (!isResource) return urlMatches(rule.nonResourceURLs, path)
  return has(rule.apiGroups, group) && resourceMatches(rule.resources, resource, subresource) && nameMatches(rule.resourceNames, name)
}

const has = (list: readonly string[] | undefined, wanted: string): boolean => list !== undefined && (list.includes(wanted) || list.includes('*'))

/** `pods`, `pods/log`, `*\/scale` (the subresource of everything) or `*` (everything, subresources too); `pods/*` means nothing special. */
function resourceMatches(resources: readonly string[] | undefined, resource: string, subresource: string): boolean {
  if (!resources) return false
  const wanted = subresource ? `${resource}/${subresource}` : resource
  for (const one of resources) {
    if (one === '*' || one === wanted) return true
    if (subresource !== '' && one.length === subresource.length + 2 && one.startsWith('*/') && one.endsWith(subresource)) return true
  }
  return false
}

const nameMatches = (names: readonly string[] | undefined, name: string): boolean => !names?.length || names.includes(name)

/** Exactly, or by all that stands before a `*` at the end. */
function urlMatches(urls: readonly string[] | undefined, path: string): boolean {
  return urls !== undefined && urls.some((url) => url === '*' || url === path || (url.endsWith('*') && path.startsWith(url.replace(/\*+$/, ''))))
}
