import type { Kind } from '../../../../api/kinds/kind.ts'
import type { NamedRuleWithOperations, RuleWithOperations } from '../../../../api/types/admissionregistration-v1/rules.ts'
import type { AdmissionRequest } from '../admission.ts'

/** What rules look at. For a Namespace itself `namespace` is its name. */
export interface Facts {
  readonly operation: 'CREATE' | 'UPDATE' | 'DELETE' | 'CONNECT'
  readonly group: string
  readonly version: string
  readonly resource: string
  readonly subresource: string
  readonly namespace: string
  readonly name: string
}

const operations = { create: 'CREATE', update: 'UPDATE', delete: 'DELETE', connect: 'CONNECT' } as const
const isNamespace = ({ group, resource }: Pick<Facts, 'group' | 'resource'>): boolean => group === '' && resource === 'namespaces'

export function factsOf({ operation, kind, subresource, namespace, name }: AdmissionRequest): Facts {
  const { group, version, resource } = kind
  return { operation: operations[operation], group, version, resource, subresource, namespace: isNamespace(kind) ? name : namespace, name }
}

/** The configuration of admission itself is never sent to webhooks: nobody could repair it. */
export const isExempt = (kind: Kind): boolean => isPolicy(kind) || (kind.group === own && webhooks.has(kind.resource))
/** Policies judge no policies, for the same reason (but configurations of webhooks), and no questions about identity and rights: the cluster would stop. */
export const isAbovePolicies = (kind: Kind): boolean => isPolicy(kind) || reviewGroups.has(kind.group)
/** Nothing but reviews is in these groups. */
const reviewGroups = new Set(['authentication.k8s.io', 'authorization.k8s.io'])
const isPolicy = ({ group, resource }: Kind): boolean => group === own && policies.has(resource)
const own = 'admissionregistration.k8s.io'
const webhooks = new Set(['validatingwebhookconfigurations', 'mutatingwebhookconfigurations'])
const policies = new Set(['validatingadmissionpolicies', 'validatingadmissionpolicybindings', 'mutatingadmissionpolicies', 'mutatingadmissionpolicybindings'])

const among = (values: readonly string[] | undefined, value: string): boolean => values !== undefined && (values.includes('*') || values.includes(value))

function matchesResource(patterns: readonly string[] | undefined, { resource, subresource }: Facts): boolean {
  return (patterns ?? []).some((pattern) => {
    const slash = pattern.indexOf('/')
    const [main, sub] = slash < 0 ? [pattern, ''] : [pattern.slice(0, slash), pattern.slice(slash + 1)]
    return (main === '*' || main === resource) && (sub === '*' || sub === subresource)
  })
}

function matchesScope(scope: string | undefined, facts: Facts): boolean {
  if (scope === undefined || scope === '*') return true
  const namespaced = facts.namespace !== '' && !isNamespace(facts)
  return (scope === 'Namespaced') === namespaced
}

export function matchesRule(rule: RuleWithOperations & Pick<NamedRuleWithOperations, 'resourceNames'>, facts: Facts): boolean {
  return among(rule.operations, facts.operation) && among(rule.apiGroups, facts.group) && among(rule.apiVersions, facts.version)
    && matchesResource(rule.resources, facts) && matchesScope(rule.scope, facts)
    && (!rule.resourceNames?.length || rule.resourceNames.includes(facts.name))
}

/**
 * The kind in whose form a request is looked at: its own where a rule names it, with `Equivalent` otherwise another
 * group or version of the same stored object. Undefined: no rule is about it.
 */
export function matchedKind(rules: readonly RuleWithOperations[] | undefined, equivalent: boolean, facts: Facts, kind: Kind, kinds: readonly Kind[]): Kind | undefined {
  if (!rules?.length) return undefined
  if (rules.some((rule) => matchesRule(rule, facts))) return kind
  if (!equivalent) return undefined
  const others = othersOf(kind, kinds)
  if (others.length === 0) return undefined
  return rules.map((rule) => others.find((other) => matchesRule(rule, { ...facts, group: other.group, version: other.version, resource: other.resource }))).find((found) => found !== undefined)
}

const equivalents = new WeakMap<readonly Kind[], Map<Kind, readonly Kind[]>>()

/** Other groups and versions of the same stored kind; found once for each change of what is served. */
function othersOf(kind: Kind, kinds: readonly Kind[]): readonly Kind[] {
  let known = equivalents.get(kinds)
  if (!known) equivalents.set(kinds, known = new Map())
  let others = known.get(kind)
  if (!others) known.set(kind, others = kinds.filter((other) => other !== kind && other.storage === kind.storage && other.kind === kind.kind))
  return others
}
