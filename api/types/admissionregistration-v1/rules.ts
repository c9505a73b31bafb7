import type { Infer } from '../../schema/schema.ts'
import { list, opt, req, string, struct, text } from '../../schema/schema.ts'

export const FailurePolicyType = text('Fail', 'Ignore')

export const MatchCondition = struct('admissionregistration/v1.MatchCondition', {
  name: req(1, string),
  expression: req(2, string),
})
export interface MatchCondition extends Infer<typeof MatchCondition> {}

export const MatchPolicyType = text('Equivalent', 'Exact')

export const OperationType = text('*', 'CONNECT', 'CREATE', 'DELETE', 'UPDATE')

export const ScopeType = text('*', 'Cluster', 'Namespaced')

export const Rule = struct('admissionregistration/v1.Rule', {
  apiGroups: opt(1, list(string), { listType: 'atomic' }),
  apiVersions: opt(2, list(string), { listType: 'atomic' }),
  resources: opt(3, list(string), { listType: 'atomic' }),
  scope: opt(4, ScopeType, { pointer: true }),
})
export interface Rule extends Infer<typeof Rule> {}

export const RuleWithOperations = struct('admissionregistration/v1.RuleWithOperations', {
  ...Rule.fields,
  operations: opt(1, list(OperationType), { listType: 'atomic' }),
}, { inline: [Rule] })
export interface RuleWithOperations extends Infer<typeof RuleWithOperations> {}

export const NamedRuleWithOperations = struct('admissionregistration/v1.NamedRuleWithOperations', {
  ...RuleWithOperations.fields,
  resourceNames: opt(1, list(string), { listType: 'atomic' }),
}, { inline: [RuleWithOperations], atomic: true })
export interface NamedRuleWithOperations extends Infer<typeof NamedRuleWithOperations> {}
