import type { Infer } from '../../schema/schema.ts'
import { always, list, opt, string, struct, text } from '../../schema/schema.ts'
import { ApplyConfiguration as StableApplyConfiguration, JSONPatch as StableJSONPatch, Mutation as StableMutation } from '../admissionregistration-v1/mutating-policy.ts'
import { ReinvocationPolicyType } from '../admissionregistration-v1/webhook.ts'
import { FailurePolicyType, MatchCondition } from './rules.ts'
import { MatchResources, ParamKind, ParamRef, Variable } from './validating-policy.ts'
import { ObjectMeta } from '../meta-v1/meta.ts'

export const ApplyConfiguration = struct('admissionregistration/v1beta1.ApplyConfiguration', StableApplyConfiguration.fields)
export type ApplyConfiguration = StableApplyConfiguration

export const JSONPatch = struct('admissionregistration/v1beta1.JSONPatch', StableJSONPatch.fields)
export type JSONPatch = StableJSONPatch

export const PatchType = text('ApplyConfiguration', 'JSONPatch')

export const Mutation = struct('admissionregistration/v1beta1.Mutation', StableMutation.fields)
export type Mutation = StableMutation

export const MutatingAdmissionPolicySpec = struct('admissionregistration/v1beta1.MutatingAdmissionPolicySpec', {
  paramKind: opt(1, ParamKind),
  matchConstraints: opt(2, MatchResources),
  variables: opt(3, list(Variable), { listType: 'atomic' }),
  mutations: opt(4, list(Mutation), { listType: 'atomic' }),
  failurePolicy: opt(5, FailurePolicyType, { pointer: true }),
  matchConditions: opt(6, list(MatchCondition), { listType: 'map', listMapKeys: ['name'], patchMergeKey: 'name', patchStrategy: 'merge' }),
  reinvocationPolicy: opt(7, ReinvocationPolicyType),
})
export interface MutatingAdmissionPolicySpec extends Infer<typeof MutatingAdmissionPolicySpec> {}

export const MutatingAdmissionPolicy = struct('admissionregistration/v1beta1.MutatingAdmissionPolicy', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, MutatingAdmissionPolicySpec),
})
export interface MutatingAdmissionPolicy extends Infer<typeof MutatingAdmissionPolicy> {}

export const MutatingAdmissionPolicyBindingSpec = struct('admissionregistration/v1beta1.MutatingAdmissionPolicyBindingSpec', {
  policyName: opt(1, string),
  paramRef: opt(2, ParamRef),
  matchResources: opt(3, MatchResources),
})
export interface MutatingAdmissionPolicyBindingSpec extends Infer<typeof MutatingAdmissionPolicyBindingSpec> {}

export const MutatingAdmissionPolicyBinding = struct('admissionregistration/v1beta1.MutatingAdmissionPolicyBinding', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, MutatingAdmissionPolicyBindingSpec),
})
export interface MutatingAdmissionPolicyBinding extends Infer<typeof MutatingAdmissionPolicyBinding> {}
