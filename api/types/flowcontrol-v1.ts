import type { Infer } from '../schema/schema.ts'
import { always, bool, int32, list, opt, req, string, struct, text, time } from '../schema/schema.ts'
import { ObjectMeta } from './meta-v1/meta.ts'

export const ConditionStatus = text('False', 'True', 'Unknown')

export const ExemptPriorityLevelConfiguration = struct('flowcontrol/v1.ExemptPriorityLevelConfiguration', {
  nominalConcurrencyShares: opt(1, int32, { pointer: true }),
  lendablePercent: opt(2, int32, { pointer: true }),
})
export interface ExemptPriorityLevelConfiguration extends Infer<typeof ExemptPriorityLevelConfiguration> {}

export const FlowDistinguisherMethodType = text('ByNamespace', 'ByUser')

export const FlowDistinguisherMethod = struct('flowcontrol/v1.FlowDistinguisherMethod', {
  type: req(1, FlowDistinguisherMethodType),
})
export interface FlowDistinguisherMethod extends Infer<typeof FlowDistinguisherMethod> {}

export const NonResourcePolicyRule = struct('flowcontrol/v1.NonResourcePolicyRule', {
  verbs: req(1, list(string), { listType: 'set' }),
  nonResourceURLs: req(6, list(string), { listType: 'set' }),
})
export interface NonResourcePolicyRule extends Infer<typeof NonResourcePolicyRule> {}

export const ResourcePolicyRule = struct('flowcontrol/v1.ResourcePolicyRule', {
  verbs: req(1, list(string), { listType: 'set' }),
  apiGroups: req(2, list(string), { listType: 'set' }),
  resources: req(3, list(string), { listType: 'set' }),
  clusterScope: opt(4, bool),
  namespaces: opt(5, list(string), { listType: 'set' }),
})
export interface ResourcePolicyRule extends Infer<typeof ResourcePolicyRule> {}

export const GroupSubject = struct('flowcontrol/v1.GroupSubject', {
  name: req(1, string),
})
export interface GroupSubject extends Infer<typeof GroupSubject> {}

export const ServiceAccountSubject = struct('flowcontrol/v1.ServiceAccountSubject', {
  namespace: req(1, string),
  name: req(2, string),
})
export interface ServiceAccountSubject extends Infer<typeof ServiceAccountSubject> {}

export const SubjectKind = text('Group', 'ServiceAccount', 'User')

export const UserSubject = struct('flowcontrol/v1.UserSubject', {
  name: req(1, string),
})
export interface UserSubject extends Infer<typeof UserSubject> {}

export const Subject = struct('flowcontrol/v1.Subject', {
  kind: req(1, SubjectKind),
  user: opt(2, UserSubject),
  group: opt(3, GroupSubject),
  serviceAccount: opt(4, ServiceAccountSubject),
})
export interface Subject extends Infer<typeof Subject> {}

export const PolicyRulesWithSubjects = struct('flowcontrol/v1.PolicyRulesWithSubjects', {
  subjects: req(1, list(Subject), { listType: 'atomic' }),
  resourceRules: opt(2, list(ResourcePolicyRule), { listType: 'atomic' }),
  nonResourceRules: opt(3, list(NonResourcePolicyRule), { listType: 'atomic' }),
})
export interface PolicyRulesWithSubjects extends Infer<typeof PolicyRulesWithSubjects> {}

export const PriorityLevelConfigurationReference = struct('flowcontrol/v1.PriorityLevelConfigurationReference', {
  name: req(1, string),
})
export interface PriorityLevelConfigurationReference extends Infer<typeof PriorityLevelConfigurationReference> {}

export const FlowSchemaSpec = struct('flowcontrol/v1.FlowSchemaSpec', {
  priorityLevelConfiguration: req(1, PriorityLevelConfigurationReference),
  matchingPrecedence: opt(2, int32, { written: true }),
  distinguisherMethod: opt(3, FlowDistinguisherMethod),
  rules: opt(4, list(PolicyRulesWithSubjects), { listType: 'atomic' }),
})
export interface FlowSchemaSpec extends Infer<typeof FlowSchemaSpec> {}

export const FlowSchemaCondition = struct('flowcontrol/v1.FlowSchemaCondition', {
  type: opt(1, string),
  status: opt(2, ConditionStatus),
  lastTransitionTime: opt(3, time),
  reason: opt(4, string),
  message: opt(5, string),
})
export interface FlowSchemaCondition extends Infer<typeof FlowSchemaCondition> {}

export const FlowSchemaStatus = struct('flowcontrol/v1.FlowSchemaStatus', {
  conditions: opt(1, list(FlowSchemaCondition), { listType: 'map', listMapKeys: ['type'], patchMergeKey: 'type', patchStrategy: 'merge' }),
})
export interface FlowSchemaStatus extends Infer<typeof FlowSchemaStatus> {}

export const FlowSchema = struct('flowcontrol/v1.FlowSchema', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, FlowSchemaSpec),
  status: opt(3, FlowSchemaStatus),
})
export interface FlowSchema extends Infer<typeof FlowSchema> {}

export const LimitResponseType = text('Queue', 'Reject')

export const QueuingConfiguration = struct('flowcontrol/v1.QueuingConfiguration', {
  queues: opt(1, int32, { written: true }),
  handSize: opt(2, int32, { written: true }),
  queueLengthLimit: opt(3, int32, { written: true }),
})
export interface QueuingConfiguration extends Infer<typeof QueuingConfiguration> {}

export const LimitResponse = struct('flowcontrol/v1.LimitResponse', {
  type: req(1, LimitResponseType),
  queuing: opt(2, QueuingConfiguration),
})
export interface LimitResponse extends Infer<typeof LimitResponse> {}

export const LimitedPriorityLevelConfiguration = struct('flowcontrol/v1.LimitedPriorityLevelConfiguration', {
  nominalConcurrencyShares: opt(1, int32, { pointer: true }),
  limitResponse: opt(2, LimitResponse),
  lendablePercent: opt(3, int32, { pointer: true }),
  borrowingLimitPercent: opt(4, int32, { pointer: true }),
})
export interface LimitedPriorityLevelConfiguration extends Infer<typeof LimitedPriorityLevelConfiguration> {}

export const PriorityLevelEnablement = text('Exempt', 'Limited')

export const PriorityLevelConfigurationSpec = struct('flowcontrol/v1.PriorityLevelConfigurationSpec', {
  type: req(1, PriorityLevelEnablement),
  limited: opt(2, LimitedPriorityLevelConfiguration),
  exempt: opt(3, ExemptPriorityLevelConfiguration),
})
export interface PriorityLevelConfigurationSpec extends Infer<typeof PriorityLevelConfigurationSpec> {}

export const PriorityLevelConfigurationCondition = struct('flowcontrol/v1.PriorityLevelConfigurationCondition', {
  type: opt(1, string),
  status: opt(2, ConditionStatus),
  lastTransitionTime: opt(3, time),
  reason: opt(4, string),
  message: opt(5, string),
})
export interface PriorityLevelConfigurationCondition extends Infer<typeof PriorityLevelConfigurationCondition> {}

export const PriorityLevelConfigurationStatus = struct('flowcontrol/v1.PriorityLevelConfigurationStatus', {
  conditions: opt(1, list(PriorityLevelConfigurationCondition), { listType: 'map', listMapKeys: ['type'], patchMergeKey: 'type', patchStrategy: 'merge' }),
})
export interface PriorityLevelConfigurationStatus extends Infer<typeof PriorityLevelConfigurationStatus> {}

export const PriorityLevelConfiguration = struct('flowcontrol/v1.PriorityLevelConfiguration', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, PriorityLevelConfigurationSpec),
  status: opt(3, PriorityLevelConfigurationStatus),
})
export interface PriorityLevelConfiguration extends Infer<typeof PriorityLevelConfiguration> {}
