import type { FieldError } from '../../errors.ts'
import { MutatingAdmissionPolicy, MutatingAdmissionPolicyBinding } from '../../types/admissionregistration-v1/mutating-policy.ts'
import type { Mutation } from '../../types/admissionregistration-v1/mutating-policy.ts'
import { age, integer, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { raiseGeneration } from '../strategy.ts'
import { semanticEqual } from '../validation/equal.ts'
import { each, forbidden, notSupported, oneOf, required } from '../validation/field.ts'
import { allVerbs } from '../verbs.ts'
import { defaultMatchResources, printParamKind, printParamRef, validateMatchConstraints, validateMatchResources, validateParamKind, validateParamRef, validatePolicyName, validateVariables } from './policy-parts.ts'
import { failurePolicies, reinvocationPolicies, validateMatchConditions } from './rules.ts'

type Either = MutatingAdmissionPolicy | MutatingAdmissionPolicyBinding

const common = {
  group: 'admissionregistration.k8s.io', version: 'v1', categories: ['api-extensions'], namespaced: false, verbs: allVerbs,
  prepareForCreate({ metadata }: Either): void { metadata.generation = 1 },
  prepareForUpdate(object: Either, old: Either): void { raiseGeneration(object, old, !semanticEqual(object.spec, old.spec)) },
} as const

export const mutatingAdmissionPolicies: Kind<MutatingAdmissionPolicy> = {
  ...common, kind: 'MutatingAdmissionPolicy', resource: 'mutatingadmissionpolicies', singular: 'mutatingadmissionpolicy',
  schema: MutatingAdmissionPolicy, storage: 'mutatingadmissionpolicies',
  doc: 'Says in expressions how objects are changed before they are stored.',
  default({ spec }) {
    spec.failurePolicy ??= 'Fail'
    defaultMatchResources(spec.matchConstraints)
  },
  validate: validatePolicy,
  columns: [
    integer('Mutations', ({ spec }) => spec.mutations?.length, 'How many expressions it has.'),
    text('ParamKind', ({ spec }) => printParamKind(spec.paramKind), 'What its parameters are.'),
    age,
  ],
}

export const mutatingAdmissionPolicyBindings: Kind<MutatingAdmissionPolicyBinding> = {
  ...common, kind: 'MutatingAdmissionPolicyBinding', resource: 'mutatingadmissionpolicybindings', singular: 'mutatingadmissionpolicybinding',
  schema: MutatingAdmissionPolicyBinding, storage: 'mutatingadmissionpolicybindings',
  doc: 'Puts a mutating policy to work, with parameters and for some objects.',
  default({ spec }) { defaultMatchResources(spec.matchResources) },
  validate: ({ spec }) => [
    ...validatePolicyName(spec.policyName, 'spec.policyName'),
    ...validateParamRef(spec.paramRef, 'spec.paramRef'),
    ...validateMatchResources(spec.matchResources, 'spec.matchResouces'),
  ],
  columns: [
    text('PolicyName', ({ spec }) => spec.policyName ?? '', 'The policy.'),
    text('ParamRef', ({ spec }) => printParamRef(spec.paramRef), 'Its parameters.'),
    age,
  ],
}

function validatePolicy({ spec }: MutatingAdmissionPolicy): FieldError[] {
  return [
    ...oneOf(spec.failurePolicy, failurePolicies, 'spec.failurePolicy'),
    ...validateParamKind(spec.paramKind, 'spec.paramKind'),
    ...validateMatchConstraints(spec.matchConstraints, 'spec.matchConstraints'),
    ...validateMatchConditions(spec.matchConditions, 'spec.matchConditions'),
    ...validateVariables(spec.variables, 'spec.variables'),
    ...(spec.mutations?.length ? [] : [required('spec.mutations', 'mutations must contain at least one item')]),
    ...each(spec.mutations, 'spec.mutations', validateMutation),
    ...oneOf(spec.reinvocationPolicy, reinvocationPolicies, 'spec.reinvocationPolicy'),
  ]
}

const forms = { ApplyConfiguration: 'applyConfiguration', JSONPatch: 'jsonPatch' } as const

/** The form the type names, and no other. */
function validateMutation(mutation: Mutation, field: string): FieldError[] {
  const { patchType } = mutation
  if (!patchType) return [required(`${field}.patchType`)]
  if (!Object.hasOwn(forms, patchType)) return [notSupported(`${field}.patchType`, patchType, Object.keys(forms))]
  const name = forms[patchType as keyof typeof forms]
  const other = name === 'jsonPatch' ? 'applyConfiguration' : 'jsonPatch'
  return [
    ...(mutation[name] ? mutation[name].expression?.trim() ? [] : [required(`${field}.${name}.expression`, 'expression is not specified')] : [required(`${field}.${name}`, `must be specified when patchType is ${patchType}`)]),
    ...(mutation[other] ? [forbidden(`${field}.${other}`, `must not be specified when patchType is ${patchType}`)] : []),
  ]
}
