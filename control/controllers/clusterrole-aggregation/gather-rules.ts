import { matchesLabels, selectorOf } from '../../../api/selectors/labels.ts'
import type { ClusterRole, PolicyRule } from '../../../api/types/rbac-v1.ts'
import { same } from '../shared/same.ts'

/** The rules of every role that one of the selectors picks, by the roles' names, each rule once. A role does not gather itself. */
export function gatherRules({ metadata: { name }, aggregationRule }: ClusterRole, roles: readonly ClusterRole[]): PolicyRule[] {
  const rules: PolicyRule[] = []
  for (const selector of aggregationRule?.clusterRoleSelectors ?? []) {
    const wanted = selectorOf(selector)
    const picked = roles.filter((role) => role.metadata.name !== name && matchesLabels(wanted, role.metadata.labels))
    for (const role of picked.sort(byName)) {
      for (const rule of role.rules ?? []) if (!rules.some((known) => same(known, rule))) rules.push(rule)
    }
  }
  return rules
}

const byName = (a: ClusterRole, b: ClusterRole): number => (a.metadata.name < b.metadata.name ? -1 : 1)
