import { describe, expect, test } from 'vitest'
import { created, failures } from '../testing.ts'
import { mutatingAdmissionPolicies } from './mutating-policies.ts'
import { validatingAdmissionPolicies, validatingAdmissionPolicyBindings } from './validating-policies.ts'

const matchConstraints = { resourceRules: [{ operations: ['CREATE'], apiGroups: [''], apiVersions: ['v1'], resources: ['pods'] }] }
const policy = (more: object = {}) => ({ spec: { matchConstraints, validations: [{ expression: 'true' }], ...more } })

describe('a validating policy', () => {
  test('defaults', () => {
    expect(created(validatingAdmissionPolicies, policy())).toMatchObject({ spec: { failurePolicy: 'Fail', matchConstraints: { matchPolicy: 'Equivalent', namespaceSelector: {}, objectSelector: {}, resourceRules: [{ scope: '*' }] } }, status: {}, metadata: { generation: 1 } })
  })
  const detail = 'validations or auditAnnotations must contain at least one item'
  test.each<[string, object, string[]]>([
    ['a good one', {}, []],
    ['about nothing', { matchConstraints: undefined }, ['spec.matchConstraints: Required value']],
    ['about no resource', { matchConstraints: {} }, ['spec.matchConstraints.resourceRules: Required value']],
    ['that says nothing', { validations: [] }, [`spec.validations: Required value: ${detail}`, `spec.auditAnnotations: Required value: ${detail}`]],
    ['without an expression', { validations: [{ expression: ' ' }] }, ['spec.validations[0].expression: Required value: expression is not specified']],
    ['for an unknown reason', { validations: [{ expression: 'true', reason: 'X' }] }, ['spec.validations[0].reason: Unsupported value: "X": supported values: "Forbidden", "Invalid", "RequestEntityTooLarge", "Unauthorized"']],
    ['with a reserved name', { variables: [{ name: 'in', expression: '1' }] }, ['spec.variables[0].name: Invalid value: "in": name is not a valid CEL identifier']],
    ['of half a kind', { paramKind: { apiVersion: 'a/b/c' } }, ['spec.paramKind.apiVersion: Invalid value: "a/b/c": unexpected GroupVersion string: a/b/c', 'spec.paramKind.kind: Required value']],
  ])('%s', (_, more, expected) => expect(failures(validatingAdmissionPolicies, policy(more))).toEqual(expected))
})

describe('a binding', () => {
  const binding = (more: object = {}) => ({ spec: { policyName: 'p', validationActions: ['Deny'], ...more } })
  test.each<[string, object, string[]]>([
    ['a good one', {}, []],
    ['to nothing', { policyName: '' }, ['spec.policyName: Required value']],
    ['without effect', { validationActions: [] }, ['spec.validationActions: Required value: at least one validation action is required']],
    ['that says it twice', { validationActions: ['Deny', 'Warn'] }, ['spec.validationActions: Invalid value: ["Deny","Warn"]: must not contain both Deny and Warn (repeating the same validation failure information in the API response and headers serves no purpose)']],
    ['without parameters', { paramRef: { parameterNotFoundAction: 'Deny' } }, ['spec.paramRef: Required value: one of name or selector must be specified']],
    ['with parameters twice', { paramRef: { name: 'a', selector: {}, parameterNotFoundAction: 'Deny' } }, ['spec.paramRef.name: Forbidden: name and selector are mutually exclusive', 'spec.paramRef.selector: Forbidden: name and selector are mutually exclusive']],
  ])('%s', (_, more, expected) => expect(failures(validatingAdmissionPolicyBindings, binding(more))).toEqual(expected))

  test.each([[{ name: 'x' }, '*/x'], [{ name: 'x', namespace: 'n' }, 'n/x'], [{ selector: { matchLabels: { a: 'b' } } }, '&LabelSelector{MatchLabels:map[string]string{a: b,},MatchExpressions:[]LabelSelectorRequirement{},}']])('prints %j', (paramRef, printed) => {
    const object = created(validatingAdmissionPolicyBindings, binding({ paramRef }))
    expect(validatingAdmissionPolicyBindings.columns!.slice(0, 2).map((column) => column.value(object, 0))).toEqual(['p', printed])
  })
})

describe('a mutating policy', () => {
  const mutating = (...mutations: object[]) => ({ spec: { matchConstraints, reinvocationPolicy: 'Never', mutations } })
  test.each<[object, string[]]>([
    [mutating({ patchType: 'JSONPatch', jsonPatch: { expression: '[]' } }), []],
    [mutating(), ['spec.mutations: Required value: mutations must contain at least one item']],
    [mutating({ patchType: 'ApplyConfiguration' }), ['spec.mutations[0].applyConfiguration: Required value: must be specified when patchType is ApplyConfiguration']],
    [mutating({ patchType: 'X' }), ['spec.mutations[0].patchType: Unsupported value: "X": supported values: "ApplyConfiguration", "JSONPatch"']],
  ])('%j', (object, expected) => expect(failures(mutatingAdmissionPolicies, object as never)).toEqual(expected))
})
