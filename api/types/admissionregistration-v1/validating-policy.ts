import type { Infer } from '../../schema/schema.ts'
import { always, int64, list, opt, req, string, struct, text } from '../../schema/schema.ts'
import { FailurePolicyType, MatchCondition, MatchPolicyType, NamedRuleWithOperations } from './rules.ts'
import { Condition, LabelSelector, ObjectMeta } from '../meta-v1/meta.ts'
import { StatusReason } from '../meta-v1/status.ts'

export const AuditAnnotation = struct('admissionregistration/v1.AuditAnnotation', {
  key: req(1, string),
  valueExpression: req(2, string),
})
export interface AuditAnnotation extends Infer<typeof AuditAnnotation> {}

export const ExpressionWarning = struct('admissionregistration/v1.ExpressionWarning', {
  fieldRef: req(2, string),
  warning: req(3, string),
})
export interface ExpressionWarning extends Infer<typeof ExpressionWarning> {}

export const MatchResources = struct('admissionregistration/v1.MatchResources', {
  namespaceSelector: opt(1, LabelSelector),
  objectSelector: opt(2, LabelSelector),
  resourceRules: opt(3, list(NamedRuleWithOperations), { listType: 'atomic' }),
  excludeResourceRules: opt(4, list(NamedRuleWithOperations), { listType: 'atomic' }),
  matchPolicy: opt(7, MatchPolicyType, { pointer: true }),
}, { atomic: true })
export interface MatchResources extends Infer<typeof MatchResources> {}

export const ParamKind = struct('admissionregistration/v1.ParamKind', {
  apiVersion: opt(1, string),
  kind: opt(2, string),
}, { atomic: true })
export interface ParamKind extends Infer<typeof ParamKind> {}

export const ParameterNotFoundActionType = text('Allow', 'Deny')

export const ParamRef = struct('admissionregistration/v1.ParamRef', {
  name: opt(1, string),
  namespace: opt(2, string),
  selector: opt(3, LabelSelector),
  parameterNotFoundAction: opt(4, ParameterNotFoundActionType, { pointer: true }),
}, { atomic: true })
export interface ParamRef extends Infer<typeof ParamRef> {}

export const TypeChecking = struct('admissionregistration/v1.TypeChecking', {
  expressionWarnings: opt(1, list(ExpressionWarning), { listType: 'atomic' }),
})
export interface TypeChecking extends Infer<typeof TypeChecking> {}

export const Validation = struct('admissionregistration/v1.Validation', {
  expression: req(1, string),
  message: opt(2, string),
  reason: opt(3, StatusReason, { pointer: true }),
  messageExpression: opt(4, string),
})
export interface Validation extends Infer<typeof Validation> {}

export const Variable = struct('admissionregistration/v1.Variable', {
  name: req(1, string),
  expression: req(2, string),
}, { atomic: true })
export interface Variable extends Infer<typeof Variable> {}

export const ValidatingAdmissionPolicySpec = struct('admissionregistration/v1.ValidatingAdmissionPolicySpec', {
  paramKind: opt(1, ParamKind),
  matchConstraints: opt(2, MatchResources),
  validations: opt(3, list(Validation), { listType: 'atomic' }),
  failurePolicy: opt(4, FailurePolicyType, { pointer: true }),
  auditAnnotations: opt(5, list(AuditAnnotation), { listType: 'atomic' }),
  matchConditions: opt(6, list(MatchCondition), { listType: 'map', listMapKeys: ['name'], patchMergeKey: 'name', patchStrategy: 'merge' }),
  variables: opt(7, list(Variable), { listType: 'map', listMapKeys: ['name'], patchMergeKey: 'name', patchStrategy: 'merge' }),
})
export interface ValidatingAdmissionPolicySpec extends Infer<typeof ValidatingAdmissionPolicySpec> {}

export const ValidatingAdmissionPolicyStatus = struct('admissionregistration/v1.ValidatingAdmissionPolicyStatus', {
  observedGeneration: opt(1, int64),
  typeChecking: opt(2, TypeChecking),
  conditions: opt(3, list(Condition), { listType: 'map', listMapKeys: ['type'] }),
})
export interface ValidatingAdmissionPolicyStatus extends Infer<typeof ValidatingAdmissionPolicyStatus> {}

export const ValidatingAdmissionPolicy = struct('admissionregistration/v1.ValidatingAdmissionPolicy', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, ValidatingAdmissionPolicySpec),
  status: opt(3, ValidatingAdmissionPolicyStatus),
})
export interface ValidatingAdmissionPolicy extends Infer<typeof ValidatingAdmissionPolicy> {}

export const ValidationAction = text('Audit', 'Deny', 'Warn')

export const ValidatingAdmissionPolicyBindingSpec = struct('admissionregistration/v1.ValidatingAdmissionPolicyBindingSpec', {
  policyName: opt(1, string),
  paramRef: opt(2, ParamRef),
  matchResources: opt(3, MatchResources),
  validationActions: opt(4, list(ValidationAction), { listType: 'set' }),
})
export interface ValidatingAdmissionPolicyBindingSpec extends Infer<typeof ValidatingAdmissionPolicyBindingSpec> {}

export const ValidatingAdmissionPolicyBinding = struct('admissionregistration/v1.ValidatingAdmissionPolicyBinding', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, ValidatingAdmissionPolicyBindingSpec),
})
export interface ValidatingAdmissionPolicyBinding extends Infer<typeof ValidatingAdmissionPolicyBinding> {}
