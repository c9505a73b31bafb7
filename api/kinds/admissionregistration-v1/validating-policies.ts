import type { FieldError } from '../../errors.ts'
import { ValidatingAdmissionPolicy, ValidatingAdmissionPolicyBinding } from '../../types/admissionregistration-v1/validating-policy.ts'
import type { Validation } from '../../types/admissionregistration-v1/validating-policy.ts'
import { age, integer, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { keepSpec, keepStatusAndCount, raiseGeneration, startWith } from '../strategy.ts'
import { validateConditions } from '../validation/conditions.ts'
import { semanticEqual } from '../validation/equal.ts'
import { duplicate, each, invalid, invalidFor, notSupported, oneOf, required } from '../validation/field.ts'
import { qualifiedName } from '../validation/names.ts'
import { allVerbs, viewVerbs } from '../verbs.ts'
import { defaultMatchResources, printParamKind, printParamRef, validateMatchConstraints, validateMatchResources, validateParamKind, validateParamRef, validatePolicyName, validateVariables } from './policy-parts.ts'
import { failurePolicies, validateMatchConditions } from './rules.ts'
import { isRepeated } from '../validation/repeated.ts'

export const validatingAdmissionPolicies: Kind<ValidatingAdmissionPolicy> = {
  group: 'admissionregistration.k8s.io', version: 'v1', kind: 'ValidatingAdmissionPolicy', resource: 'validatingadmissionpolicies', singular: 'validatingadmissionpolicy', categories: ['api-extensions'],
  namespaced: false, verbs: allVerbs, schema: ValidatingAdmissionPolicy, storage: 'validatingadmissionpolicies',
  doc: 'Says in expressions which objects are refused.',
  subresources: { status: { type: 'status', verbs: viewVerbs, prepareForUpdate: keepSpec, validateUpdate: validateStatus } },
  default({ spec }) {
    spec.failurePolicy ??= 'Fail'
    defaultMatchResources(spec.matchConstraints)
  },
  prepareForCreate: startWith<ValidatingAdmissionPolicy>(() => ({})),
  prepareForUpdate: keepStatusAndCount,
  validate: validatePolicy,
  columns: [
    integer('Validations', ({ spec }) => spec.validations?.length, 'How many expressions it has.'),
    text('ParamKind', ({ spec }) => printParamKind(spec.paramKind), 'What its parameters are.'),
    age,
  ],
}

function validatePolicy({ metadata, spec }: ValidatingAdmissionPolicy): FieldError[] {
  const annotations = spec.auditAnnotations ?? []
  const nothing = !spec.validations?.length && annotations.length === 0
  const detail = 'validations or auditAnnotations must contain at least one item'
  const keys = annotations.map(({ key }) => key)
  return [
    ...oneOf(spec.failurePolicy, failurePolicies, 'spec.failurePolicy'),
    ...validateParamKind(spec.paramKind, 'spec.paramKind'),
    ...validateMatchConstraints(spec.matchConstraints, 'spec.matchConstraints'),
    ...validateMatchConditions(spec.matchConditions, 'spec.matchConditions'),
    ...validateVariables(spec.variables, 'spec.variables'),
    ...(nothing ? [required('spec.validations', detail), required('spec.auditAnnotations', detail)] : []),
    ...each(spec.validations, 'spec.validations', validateValidation),
    ...(annotations.length > 20 ? [invalid('spec.auditAnnotations', annotations, 'must not have more than 20 auditAnnotations')] : []),
    ...each(annotations, 'spec.auditAnnotations', ({ key, valueExpression }, path, index) => [
      ...(metadata.name ? invalidFor(`${path}.key`, `${metadata.name}/${key}`, qualifiedName(`${metadata.name}/${key}`)) : [invalid(`${path}.key`, key, 'requires metadata.name be non-empty')]),
      ...(valueExpression.trim() ? [] : [required(`${path}.valueExpression`, 'valueExpression is not specified')]),
      ...(Buffer.byteLength(valueExpression.trim()) > 5 * 1024 ? [required(`${path}.valueExpression`, 'must not exceed 5120 bytes in length')] : []),
      ...(isRepeated(keys, key, index) ? [duplicate(`${path}.key`, key)] : []),
    ]),
  ]
}

const reasons = ['Forbidden', 'Invalid', 'RequestEntityTooLarge', 'Unauthorized']

function validateValidation({ expression, message = '', messageExpression = '', reason }: Validation, field: string): FieldError[] {
  return [
    ...(expression.trim() ? [] : [required(`${field}.expression`, 'expression is not specified')]),
    ...(messageExpression && !messageExpression.trim() ? [invalid(`${field}.messageExpression`, messageExpression, 'must be non-empty if specified')] : []),
    ...(message && !message.trim() ? [invalid(`${field}.message`, message, 'message must be non-empty if specified')] : []),
    ...(/[\n\r]/.test(message.trim()) ? [invalid(`${field}.message`, message, 'message must not contain line breaks')] : []),
    ...(/[\n\r]/.test(expression.trim()) && !message.trim() && message ? [required(`${field}.message`, 'message must be specified if expression contains line breaks')] : []),
    ...(reason === undefined || reasons.includes(reason) ? [] : [notSupported(`${field}.reason`, reason, reasons)]),
  ]
}

function validateStatus({ status }: ValidatingAdmissionPolicy): FieldError[] {
  return [
    ...each(status?.typeChecking?.expressionWarnings, 'status.typeChecking.expressionWarnings', ({ fieldRef, warning }, path) => [
      ...(warning ? [] : [required(`${path}.warning`)]), ...(fieldRef.trim() ? [] : [required(`${path}.fieldRef`)]),
    ]),
    ...validateConditions(status?.conditions, 'status.conditions'),
  ]
}

export const validatingAdmissionPolicyBindings: Kind<ValidatingAdmissionPolicyBinding> = {
  group: 'admissionregistration.k8s.io', version: 'v1', kind: 'ValidatingAdmissionPolicyBinding', resource: 'validatingadmissionpolicybindings', singular: 'validatingadmissionpolicybinding', categories: ['api-extensions'],
  namespaced: false, verbs: allVerbs, schema: ValidatingAdmissionPolicyBinding, storage: 'validatingadmissionpolicybindings',
  doc: 'Puts a validating policy to work, with parameters and for some objects.',
  default({ spec }) { defaultMatchResources(spec.matchResources) },
  prepareForCreate({ metadata }) { metadata.generation = 1 },
  prepareForUpdate(binding, old) { raiseGeneration(binding, old, !semanticEqual(binding.spec, old.spec)) },
  validate: validateBinding,
  columns: [
    text('PolicyName', ({ spec }) => spec.policyName ?? '', 'The policy.'),
    text('ParamRef', ({ spec }) => printParamRef(spec.paramRef), 'Its parameters.'),
    age,
  ],
}

function validateBinding({ spec }: ValidatingAdmissionPolicyBinding): FieldError[] {
  const at = 'spec.validationActions'
  const known = ['Audit', 'Deny', 'Warn']
  const actions = spec.validationActions ?? []
  return [
    ...validatePolicyName(spec.policyName, 'spec.policyName'),
    ...validateParamRef(spec.paramRef, 'spec.paramRef'),
    // The misspelt path is the original's.
    ...validateMatchResources(spec.matchResources, 'spec.matchResouces'),
    ...each(actions, at, (action, path, index) => [...(known.includes(action) ? [] : [notSupported(path, action, known)]), ...(isRepeated(actions, action, index) ? [duplicate(path, action)] : [])]),
    ...(actions.includes('Deny') && actions.includes('Warn') ? [invalid(at, actions, 'must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)')] : []),
    ...(actions.length ? [] : [required(at, 'at least one validation action is required')]),
  ]
}
