import type { FieldError } from '../../errors.ts'
import type { MatchCondition, NamedRuleWithOperations, RuleWithOperations } from '../../types/admissionregistration-v1/rules.ts'
import { duplicate, each, invalid, invalidFor, notSupported, required, tooMany } from '../validation/field.ts'
import { pathSegment, qualifiedName } from '../validation/names.ts'
import { isRepeated } from '../validation/repeated.ts'

const operations = ['*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE']
const scopes = ['*', 'Cluster', 'Namespaced']
export const failurePolicies = ['Fail', 'Ignore']
export const matchPolicies = ['Equivalent', 'Exact']
export const reinvocationPolicies = ['IfNeeded', 'Never']

/** Rules say what is looked at; without a scope, everything. */
export function defaultRules(rules: readonly RuleWithOperations[] | undefined): void {
  for (const rule of rules ?? []) rule.scope ??= '*'
}

/** Which requests a webhook or policy is asked about. */
export function validateRule(rule: RuleWithOperations, field: string): FieldError[] {
  return [
    ...wildcardAlone(rule.operations, `${field}.operations`, 'operations'),
    ...each(rule.operations, `${field}.operations`, (operation, path) => (operations.includes(operation) ? [] : [notSupported(path, operation, operations)])),
    ...wildcardAlone(rule.apiGroups, `${field}.apiGroups`, 'API groups'),
    ...wildcardAlone(rule.apiVersions, `${field}.apiVersions`, 'API versions'),
    ...each(rule.apiVersions, `${field}.apiVersions`, (version, path) => (version ? [] : [required(path)])),
    ...validateResources(rule.resources ?? [], `${field}.resources`),
    ...(rule.scope === undefined || scopes.includes(rule.scope) ? [] : [notSupported(`${field}.scope`, rule.scope, scopes)]),
  ]
}

function wildcardAlone(values: readonly string[] | undefined, field: string, what: string): FieldError[] {
  if (!values?.length) return [required(field)]
  return values.length > 1 && values.includes('*') ? [invalid(field, values, `if '*' is present, must not specify other ${what}`)] : []
}

function validateResources(resources: readonly string[], field: string): FieldError[] {
  if (resources.length === 0) return [required(field)]
  const whole = resources.filter((each) => !each.includes('/'))
  return [
    ...each(resources, field, (resource, path, index) => overlaps(resource, resources.slice(0, index), path)),
    ...(resources.length > 1 && resources.includes('*/*') ? [invalid(field, resources, "if '*/*' is present, must not specify other resources")] : []),
    // As in the original, the last one without a subresource decides.
    ...(whole.includes('*') && whole.at(-1) !== '*' ? [invalid(field, resources, "if '*' is present, must not specify other resources without subresources")] : []),
  ]
}

function overlaps(resource: string, before: readonly string[], field: string): FieldError[] {
  if (!resource) return [required(field)]
  const slash = resource.indexOf('/')
  if (slash < 0) return []
  const [name, subresource] = [resource.slice(0, slash), resource.slice(slash + 1)]
  return [`${name}/*`, `*/${subresource}`].filter((wider) => before.includes(wider))
    .map((wider) => invalid(field, resource, `if '${wider}' is present, must not specify ${resource}`))
}

/** A rule of a policy, which may name objects. */
export function validateNamedRule(rule: NamedRuleWithOperations, field: string): FieldError[] {
  const names = rule.resourceNames ?? []
  return [
    ...each(names, `${field}.resourceNames`, (name, path, index) => [
      ...invalidFor(path, name, pathSegment(name)), ...(isRepeated(names, name, index) ? [duplicate(path, name)] : []),
    ]),
    ...validateRule(rule, field),
  ]
}

/** The conditions under which a webhook or policy is asked at all. Whether the expressions compile is for admission to find out. */
export function validateMatchConditions(conditions: readonly MatchCondition[] | undefined, field: string): FieldError[] {
  const names = (conditions ?? []).map(({ name }) => name)
  return [
    ...(names.length > 64 ? [tooMany(field, names.length, 64)] : []),
    ...each(conditions, field, ({ name, expression }, path, index) => [
      ...(expression?.trim() ? [] : [required(`${path}.expression`)]),
      ...(name ? invalidFor(`${path}.name`, name, qualifiedName(name)) : [required(`${path}.name`)]),
      ...(name && isRepeated(names, name, index) ? [duplicate(`${path}.name`, name)] : []),
    ]),
  ]
}
