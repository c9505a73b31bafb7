import { clusterRoleBindings, roleBindings } from '../../../../api/kinds/rbac-v1/bindings.ts'
import { clusterRoles, roles } from '../../../../api/kinds/rbac-v1/roles.ts'
import type { UserInfo } from '../../../../api/transport.ts'
import type { PolicyRule, Role, RoleRef } from '../../../../api/types/rbac-v1.ts'
import { derived } from '../../derived.ts'
import type { Tools } from '../../tools.ts'
import type { Attributes, Authorizer, Decision, Rules } from '../authorizer.ts'
import { aggregate } from '../union.ts'
import { Grants } from './grants.ts'
import type { Binding } from './grants.ts'
import { ruleAllows } from './rule-allows.ts'

const no: Decision = Object.freeze({ verdict: 'noOpinion' })

/** Mode `RBAC`: what the roles allow that are bound to the user or to one of their groups. */
export function rbacAuthorizer(tools: Pick<Tools, 'resources'>): Authorizer {
  const grants = derived(tools, [clusterRoleBindings, roleBindings], (everywhere, within) => new Grants([...everywhere, ...within] as unknown as Binding[]))
  const rules = derived(tools, [clusterRoles, roles], (everywhere, within) => rulesByRole([...everywhere, ...within] as unknown as Role[]))
  let loaded = false
  const load = async () => {
    await Promise.all([grants.load(), rules.load()])
    loaded = true
  }
  const decide = (attributes: Attributes): Decision => {
    const known = rules.get()
    let decision: Decision = no
    let missing: string[] | undefined
    grants.get().visit(attributes.user, attributes.namespace, (grant) => {
      const granted = known.get(roleKey(grant.roleRef, grant.namespace))
      if (!granted) (missing ??= []).push(noSuchRole(grant.roleRef))
      else if (granted.some((rule) => ruleAllows(rule, attributes))) decision = grant
      return decision !== no
    })
    return decision === no && missing ? { verdict: 'noOpinion', reason: `RBAC: ${aggregate(missing)}` } : decision
  }
  return {
    authorize: (attributes) => (loaded ? decide(attributes) : load().then(() => decide(attributes))),
    rulesFor: (user, namespace) => rulesFor(grants.get(), rules.get(), user, namespace),
  }
}

const roleKey = ({ kind, name }: RoleRef, namespace: string): string => (kind === 'ClusterRole' ? name : `${namespace}/${name}`)

/** `/` is in no name, so roles of namespaces and cluster roles do not mix. */
const rulesByRole = (all: readonly Role[]): ReadonlyMap<string, readonly PolicyRule[]> =>
  new Map(all.map(({ metadata: { name, namespace }, rules = [] }) => [namespace ? `${namespace}/${name}` : name, rules]))

const noSuchRole = ({ kind, name }: RoleRef): string => `${kind.toLowerCase()}.rbac.authorization.k8s.io ${JSON.stringify(name)} not found`

function rulesFor(grants: Grants, known: ReadonlyMap<string, readonly PolicyRule[]>, user: UserInfo, namespace: string): Rules {
  const held: PolicyRule[] = []
  const missing: string[] = []
  grants.visit(user, namespace, ({ roleRef, namespace: where }) => {
    const rules = known.get(roleKey(roleRef, where))
    if (rules) held.push(...rules)
    else missing.push(noSuchRole(roleRef))
    return false
  })
  return {
    resourceRules: held.filter(({ resources }) => resources?.length),
    nonResourceRules: held.flatMap(({ verbs, nonResourceURLs }) => (nonResourceURLs?.length ? [{ verbs, nonResourceURLs }] : [])),
    incomplete: false, ...(missing.length > 0 && { error: aggregate(missing) }),
  }
}
