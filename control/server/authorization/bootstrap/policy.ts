import { rbacGroup } from '../../../../api/kinds/rbac-v1/rules.ts'
import type { ClusterRole, ClusterRoleBinding, Role, RoleBinding, Subject } from '../../../../api/types/rbac-v1.ts'
import { clusterBindings } from './cluster-bindings.ts'
import { clusterRoleRules, nodeRules } from './cluster-roles.ts'
import { controllerRules, ownControllerRules } from './controller-roles.ts'
import { namespaceBindings, namespaceRoles } from './namespace-roles.ts'
import { ruleOf } from './rule.ts'
import { aggregatedRoles, aggregatedRules } from './user-roles.ts'

/** Everything RBAC starts with. */
export interface Policy {
  readonly clusterRoles: readonly Draft<ClusterRole>[]
  readonly clusterRoleBindings: readonly Draft<ClusterRoleBinding>[]
  readonly roles: readonly Draft<Role>[]
  readonly roleBindings: readonly Draft<RoleBinding>[]
}

/** An object as it is sent; the server adds the rest. */
export type Draft<T> = Omit<T, 'apiVersion' | 'kind' | 'metadata'> & { readonly metadata: DraftMeta }
interface DraftMeta { readonly name: string; readonly namespace?: string; readonly labels: Readonly<Record<string, string>>; readonly annotations: Readonly<Record<string, string>> }

/** Whoever sets it to `false` keeps the object as it is. */
export const autoupdate = 'rbac.authorization.kubernetes.io/autoupdate'

const meta = (name: string, labels: Readonly<Record<string, string>> = {}, namespace?: string): DraftMeta => ({
  name, ...(namespace && { namespace }), labels: { 'kubernetes.io/bootstrapping': 'rbac-defaults', ...labels }, annotations: { [autoupdate]: 'true' },
})

const roleRef = (kind: 'ClusterRole' | 'Role', name: string) => ({ apiGroup: rbacGroup, kind, name })
const rulesOf = (lines: readonly string[]) => lines.map(ruleOf)
/** The roles of controllers: whose, what it is called, what it allows. */
const controllers = () => [
  ...Object.entries(controllerRules).map(([account, lines]) => ({ account, role: `system:controller:${account}`, lines })),
  ...Object.entries(ownControllerRules).map(([account, lines]) => ({ account, role: `k8ts:controller:${account}`, lines })),
]

/** The default roles and bindings of 1.36. */
export function bootstrapPolicy(): Policy {
  return {
    clusterRoles: [
      ...Object.entries({ ...clusterRoleRules, 'system:node': nodeRules }).map(([name, lines]) => ({ metadata: meta(name), rules: rulesOf(lines) })),
      ...aggregatedRoles.map(({ name, labels, gathers }) => ({ metadata: meta(name, labels), aggregationRule: { clusterRoleSelectors: [{ matchLabels: { ...gathers } }] } })),
      ...aggregatedRules.map(({ name, labels, rules }) => ({ metadata: meta(name, labels), rules: rulesOf(rules) })),
      ...controllers().map(({ role, lines }) => ({ metadata: meta(role), rules: rulesOf(lines) })),
    ],
    clusterRoleBindings: [
      ...clusterBindings.map(({ role, name = role, subjects }) => ({ metadata: meta(name), roleRef: roleRef('ClusterRole', role), ...bound(subjects) })),
      ...controllers().map(({ role, account }) => ({ metadata: meta(role), roleRef: roleRef('ClusterRole', role), ...bound([`account ${account}`]) })),
    ],
    roles: namespaceRoles.map(({ namespace, name, rules }) => ({ metadata: meta(name, {}, namespace), rules: rulesOf(rules) })),
    roleBindings: namespaceBindings.map(({ namespace, name, role, subjects }) => ({ metadata: meta(name, {}, namespace), roleRef: roleRef('Role', role), ...bound(subjects) })),
  }
}

const bound = (subjects: readonly string[]) => (subjects.length > 0 ? { subjects: subjects.map(subjectOf) } : {})

/** `user x`, `group x`, or `account x` for a service account in `kube-system`. */
function subjectOf(text: string): Subject {
  const [kind, name = ''] = text.split(' ')
  if (kind === 'account') return { kind: 'ServiceAccount', name, namespace: 'kube-system' }
  return { apiGroup: rbacGroup, kind: kind === 'group' ? 'Group' : 'User', name }
}
