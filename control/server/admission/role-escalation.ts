import { forbidden, notFound } from '../../../api/errors.ts'
import { clusterRoles, roles } from '../../../api/kinds/rbac-v1/roles.ts'
import { rbacGroup } from '../../../api/kinds/rbac-v1/rules.ts'
import { semanticEqual } from '../../../api/kinds/validation/equal.ts'
import type { KubeObject } from '../../../api/object.ts'
import type { UserInfo } from '../../../api/transport.ts'
import type { ClusterRole, PolicyRule, Role, RoleBinding, RoleRef } from '../../../api/types/rbac-v1.ts'
import { uncovered } from '../authorization/rbac/covers.ts'
import { printList, printRules } from '../authorization/rbac/print-rules.ts'
import { mastersGroup } from '../authorization/simple.ts'
import type { Tools } from '../tools.ts'
import type { AdmissionPlugin, AdmissionRequest } from './admission.ts'

/**
 * Nobody hands out what they do not have: who writes a role must have all it allows (or the verb `escalate`), who writes a binding
 * all that the bound role allows (or the verb `bind`). Looks at what will be stored, so that no webhook can add to it afterwards.
 */
export const roleEscalation: AdmissionPlugin = {
  name: 'RoleEscalation',
  validate(request, tools) {
    const { kind, operation, subresource, user } = request
    if (kind.group !== rbacGroup || subresource !== '' || operation === 'delete' || user.groups.includes(mastersGroup)) return
    return kind.kind.endsWith('Binding') ? checkBinding(request, tools) : checkRole(request, tools)
  },
}

const everything: readonly PolicyRule[] = [{ verbs: ['*'], apiGroups: ['*'], resources: ['*'] }, { verbs: ['*'], nonResourceURLs: ['*'] }]

async function checkRole(request: AdmissionRequest, tools: Tools): Promise<void> {
  const { kind, name, namespace, user } = request
  const role: Role & Pick<ClusterRole, 'aggregationRule'> = request.object
  const old = request.old as typeof role | undefined
  if (await may(tools, user, 'escalate', { resource: kind.resource, namespace, name })) return
  if (isLettingGo(role, old)) return
  const refusal = escalation(tools, user, namespace, role.rules ?? [])
  if (refusal) throw forbidden(kind, name, refusal)
  if ((hasAggregation(role) || hasAggregation(old)) && escalation(tools, user, namespace, everything)) {
    throw forbidden(kind, name, 'must have cluster-admin privileges to use the aggregationRule')
  }
}

const hasAggregation = (role: Pick<ClusterRole, 'aggregationRule'> | undefined): boolean => Boolean(role?.aggregationRule?.clusterRoleSelectors?.length)

async function checkBinding(request: AdmissionRequest, tools: Tools): Promise<void> {
  const { kind, name, namespace, user } = request
  const binding: RoleBinding = request.object
  if (isLettingGo(binding, request.old)) return
  const { roleRef } = binding
  const resource = roleRef.kind === 'ClusterRole' ? 'clusterroles' : 'roles'
  if (await may(tools, user, 'bind', { resource, namespace, name: roleRef.name })) return
  const refusal = escalation(tools, user, namespace, await rulesOfRole(tools, roleRef, namespace))
  if (refusal) throw forbidden(kind, name, refusal)
}

/**
 * Owners and finalizers may be changed by whoever may write, so that what is to be deleted goes. Labels may not: by a label a role
 * is gathered into others.
 */
function isLettingGo(now: KubeObject, old: KubeObject | undefined): boolean {
  if (!old) return false
  const rest = ({ metadata: { ownerReferences: _owners, finalizers: _finalizers, managedFields: _managed, resourceVersion: _version, ...metadata }, ...object }: KubeObject) => ({ ...object, metadata })
  return semanticEqual(rest(now), rest(old))
}

async function may({ authorizer }: Tools, user: UserInfo, verb: string, what: { resource: string; namespace: string; name: string }): Promise<boolean> {
  const { verdict } = await authorizer.authorize({ user, verb, group: rbacGroup, version: '*', isResource: true, path: '', subresource: '', ...what })
  return verdict === 'allow'
}

async function rulesOfRole({ resources }: Tools, { kind, name }: RoleRef, namespace: string): Promise<readonly PolicyRule[]> {
  const of = kind === 'ClusterRole' ? clusterRoles : roles
  const entry = await resources.cache(of).get(resources.key(of, namespace, name))
  if (!entry) throw notFound(of, name)
  return (entry.object as Role).rules ?? []
}

/** What a user lacks of some rules, as a sentence with a list; undefined when they have it all. */
function escalation({ authorizer }: Tools, { name, groups }: UserInfo, namespace: string, wanted: readonly PolicyRule[]): string | undefined {
  const held = authorizer.rulesFor?.({ name, groups }, namespace)
  const missing = uncovered([...held?.resourceRules ?? [], ...held?.nonResourceRules ?? []] as PolicyRule[], wanted)
  if (missing.length === 0) return undefined
  const unresolved = held?.error ? `; resolution errors: [${held.error}]` : ''
  return `user ${JSON.stringify(name)} (groups=${printList(groups)}) is attempting to grant RBAC permissions not currently held:\n${printRules(missing)}${unresolved}`
}
