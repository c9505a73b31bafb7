import type { PolicyRule } from '../../../../api/types/rbac-v1.ts'

/** The parts of `wanted` that `held` does not allow, each as a rule of one verb on one thing; empty when all of it is covered. */
export function uncovered(held: readonly PolicyRule[], wanted: readonly PolicyRule[]): PolicyRule[] {
  const missing: PolicyRule[] = []
  for (const rule of wanted) {
    // Usually one rule covers another as a whole.
    if (held.some((one) => covers(one, rule))) continue
    for (const part of parts(rule)) if (!held.some((one) => covers(one, part))) missing.push(part)
  }
  return missing
}

function* parts({ verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] }: PolicyRule): Generator<PolicyRule> {
  const names = resourceNames.length > 0 ? resourceNames.map((name) => ({ resourceNames: [name] })) : [{}]
  for (const group of apiGroups) for (const resource of resources) for (const verb of verbs) for (const name of names) yield { verbs: [verb], apiGroups: [group], resources: [resource], ...name }
  for (const url of nonResourceURLs) for (const verb of verbs) yield { verbs: [verb], nonResourceURLs: [url] }
}

/** Whether one rule allows all that another does. */
function covers(held: PolicyRule, wanted: PolicyRule): boolean {
  return all(wanted.verbs, held.verbs) && all(wanted.apiGroups, held.apiGroups)
    && every(wanted.resources, (resource) => coversResource(held.resources, resource))
    && every(wanted.nonResourceURLs, (url) => coversUrl(held.nonResourceURLs, url))
    && coversNames(held.resourceNames, wanted.resourceNames)
}

type Strings = readonly string[] | undefined
const every = (list: Strings, test: (one: string) => boolean): boolean => list === undefined || list.every(test)
const all = (wanted: Strings, held: Strings): boolean => every(wanted, (one) => held !== undefined && (held.includes('*') || held.includes(one)))

function coversResource(held: Strings, wanted: string): boolean {
  if (!held) return false
  if (held.includes('*') || held.includes(wanted)) return true
  const slash = wanted.indexOf('/')
  return slash > 0 && held.includes(`*${wanted.slice(slash)}`)
}

const coversUrl = (held: Strings, wanted: string): boolean =>
  held !== undefined && held.some((url) => url === '*' || url === wanted || (url.endsWith('*') && wanted.startsWith(url.replace(/\*+$/, ''))))

/** No names means all of them. */
function coversNames(held: Strings, wanted: Strings): boolean {
  if (!held?.length) return true
  return wanted !== undefined && wanted.length > 0 && wanted.every((name) => held.includes(name))
}
