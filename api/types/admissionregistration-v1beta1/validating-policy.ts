import type { Infer } from '../../schema/schema.ts'
import { always, list, opt, string, struct, text } from '../../schema/schema.ts'
import { AuditAnnotation as StableAuditAnnotation, ExpressionWarning as StableExpressionWarning, ParamKind as StableParamKind, ParamRef as StableParamRef, TypeChecking as StableTypeChecking, ValidatingAdmissionPolicyStatus as StableValidatingAdmissionPolicyStatus, Validation as StableValidation, Variable as StableVariable } from '../admissionregistration-v1/validating-policy.ts'
import { FailurePolicyType, MatchCondition, MatchPolicyType, NamedRuleWithOperations } from './rules.ts'
import { LabelSelector, ObjectMeta } from '../meta-v1/meta.ts'

export const AuditAnnotation = struct('admissionregistration/v1beta1.AuditAnnotation', StableAuditAnnotation.fields)
export type AuditAnnotation = StableAuditAnnotation

export const ExpressionWarning = struct('admissionregistration/v1beta1.ExpressionWarning', StableExpressionWarning.fields)
export type ExpressionWarning = StableExpressionWarning

export const MatchResources = struct('admissionregistration/v1beta1.MatchResources', {
  namespaceSelector: opt(1, LabelSelector),
  objectSelector: opt(2, LabelSelector),
  resourceRules: opt(3, list(NamedRuleWithOperations), { listType: 'atomic' }),
  excludeResourceRules: opt(4, list(NamedRuleWithOperations), { listType: 'atomic' }),
  matchPolicy: opt(7, MatchPolicyType, { pointer: true }),
}, { atomic: true })
export interface MatchResources extends Infer<typeof MatchResources> {}

export const ParamKind = struct('admissionregistration/v1beta1.ParamKind', StableParamKind.fields, { atomic: true })
export type ParamKind = StableParamKind

export const ParameterNotFoundActionType = text('Allow', 'Deny')

export const ParamRef = struct('admissionregistration/v1beta1.ParamRef', StableParamRef.fields, { atomic: true })
export type ParamRef = StableParamRef

export const TypeChecking = struct('admissionregistration/v1beta1.TypeChecking', StableTypeChecking.fields)
export type TypeChecking = StableTypeChecking

export const Validation = struct('admissionregistration/v1beta1.Validation', StableValidation.fields)
export type Validation = StableValidation

export const Variable = struct('admissionregistration/v1beta1.Variable', StableVariable.fields, { atomic: true })
export type Variable = StableVariable

export const ValidatingAdmissionPolicySpec = struct('admissionregistration/v1beta1.ValidatingAdmissionPolicySpec', {
  paramKind: opt(1, ParamKind),
  matchConstraints: opt(2, MatchResources),
  validations: opt(3, list(Validation), { listType: 'atomic' }),
  failurePolicy: opt(4, FailurePolicyType, { pointer: true }),
  auditAnnotations: opt(5, list(AuditAnnotation), { listType: 'atomic' }),
  matchConditions: opt(6, list(MatchCondition), { listType: 'map', listMapKeys: ['name'], patchMergeKey: 'name', patchStrategy: 'merge' }),
  variables: opt(7, list(Variable), { listType: 'map', listMapKeys: ['name'], patchMergeKey: 'name', patchStrategy: 'merge' }),
})
export interface ValidatingAdmissionPolicySpec extends Infer<typeof ValidatingAdmissionPolicySpec> {}

export const ValidatingAdmissionPolicyStatus = struct('admissionregistration/v1beta1.ValidatingAdmissionPolicyStatus', StableValidatingAdmissionPolicyStatus.fields)
export type ValidatingAdmissionPolicyStatus = StableValidatingAdmissionPolicyStatus

export const ValidatingAdmissionPolicy = struct('admissionregistration/v1beta1.ValidatingAdmissionPolicy', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, ValidatingAdmissionPolicySpec),
  status: opt(3, ValidatingAdmissionPolicyStatus),
})
export interface ValidatingAdmissionPolicy extends Infer<typeof ValidatingAdmissionPolicy> {}

export const ValidationAction = text('Audit', 'Deny', 'Warn')

export const ValidatingAdmissionPolicyBindingSpec = struct('admissionregistration/v1beta1.ValidatingAdmissionPolicyBindingSpec', {
  policyName: opt(1, string),
  paramRef: opt(2, ParamRef),
  matchResources: opt(3, MatchResources),
  validationActions: opt(4, list(ValidationAction), { listType: 'set' }),
})
export interface ValidatingAdmissionPolicyBindingSpec extends Infer<typeof ValidatingAdmissionPolicyBindingSpec> {}

export const ValidatingAdmissionPolicyBinding = struct('admissionregistration/v1beta1.ValidatingAdmissionPolicyBinding', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, ValidatingAdmissionPolicyBindingSpec),
})
export interface ValidatingAdmissionPolicyBinding extends Infer<typeof ValidatingAdmissionPolicyBinding> {}
