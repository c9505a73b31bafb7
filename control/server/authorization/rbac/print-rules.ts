import type { PolicyRule } from '../../../../api/types/rbac-v1.ts'

/** Rules of one group and resource that differ in nothing but the verb become one. */
export function compactRules(rules: readonly PolicyRule[]): PolicyRule[] {
  const simple = new Map<string, PolicyRule>()
  const others: PolicyRule[] = []
  for (const rule of rules) {
    const { verbs, apiGroups = [], resources = [], resourceNames = [], nonResourceURLs = [] } = rule
    if (resourceNames.length > 0 || nonResourceURLs.length > 0 || apiGroups.length !== 1 || resources.length !== 1) {
      others.push(rule)
      continue
    }
    const key = `${apiGroups[0]!}/${resources[0]!}`
    const known = simple.get(key)
    simple.set(key, known ? { ...known, verbs: [...known.verbs, ...verbs] } : rule)
  }
  return [...others, ...simple.values()]
}

/** Rules as refusals list them, one a line: `{APIGroups:[""], Resources:["pods"], Verbs:["get" "list"]}`. */
export const printRules = (rules: readonly PolicyRule[]): string => [...new Set(compactRules(rules).map(printRule))].sort().join('\n')

function printRule({ verbs, apiGroups, resources, resourceNames, nonResourceURLs }: PolicyRule): string {
  const fields = { APIGroups: apiGroups, Resources: resources, NonResourceURLs: nonResourceURLs, ResourceNames: resourceNames, Verbs: verbs }
  return `{${Object.entries(fields).flatMap(([name, values]) => (values?.length ? [`${name}:${printList(values)}`] : [])).join(', ')}}`
}

/** As Go prints a list of texts: `["a" "b"]`. */
export const printList = (values: readonly string[]): string => `[${values.map((value) => JSON.stringify(value)).join(' ')}]`
