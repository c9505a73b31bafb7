import type { Infer } from '../../schema/schema.ts'
import { list, opt, string, struct, text } from '../../schema/schema.ts'
import { MatchCondition as StableMatchCondition } from '../admissionregistration-v1/rules.ts'
import { RuleWithOperations } from '../admissionregistration-v1/rules.ts'

export const FailurePolicyType = text('Fail', 'Ignore')

export const MatchCondition = struct('admissionregistration/v1beta1.MatchCondition', StableMatchCondition.fields)
export type MatchCondition = StableMatchCondition

export const MatchPolicyType = text('Equivalent', 'Exact')

export const NamedRuleWithOperations = struct('admissionregistration/v1beta1.NamedRuleWithOperations', {
  ...RuleWithOperations.fields,
  resourceNames: opt(1, list(string), { listType: 'atomic' }),
}, { inline: [RuleWithOperations], atomic: true })
export interface NamedRuleWithOperations extends Infer<typeof NamedRuleWithOperations> {}
