import type { FieldError } from '../../errors.ts'
import type { MatchResources, ParamKind, ParamRef, Variable } from '../../types/admissionregistration-v1/validating-policy.ts'
import { duplicate, each, forbidden, invalid, invalidFor, notSupported, oneOf, required } from '../validation/field.ts'
import { validateLabelSelector } from '../validation/labels.ts'
import { dnsLabel1035, dnsSubdomain, pathSegment } from '../validation/names.ts'
import { defaultRules, matchPolicies, validateNamedRule } from './rules.ts'
import { isRepeated } from '../validation/repeated.ts'

export function defaultMatchResources(match: MatchResources | undefined): void {
  if (!match) return
  match.matchPolicy ??= 'Equivalent'
  match.namespaceSelector ??= {}
  match.objectSelector ??= {}
  defaultRules(match.resourceRules)
  defaultRules(match.excludeResourceRules)
}

export function validateMatchResources(match: MatchResources | undefined, field: string): FieldError[] {
  if (!match) return []
  return [
    ...oneOf(match.matchPolicy, matchPolicies, `${field}.matchPolicy`),
    ...(match.namespaceSelector ? validateLabelSelector(match.namespaceSelector, `${field}.namespaceSelector`) : [required(`${field}.namespaceSelector`)]),
    ...(match.objectSelector ? validateLabelSelector(match.objectSelector, `${field}.objectSelector`) : [required(`${field}.objectSelector`)]),
    ...each(match.resourceRules, `${field}.resourceRules`, validateNamedRule),
    ...each(match.excludeResourceRules, `${field}.excludeResourceRules`, validateNamedRule),
  ]
}

/** A policy must say what it looks at: the types of its expressions come from there. */
export function validateMatchConstraints(match: MatchResources | undefined, field: string): FieldError[] {
  if (!match) return [required(field)]
  return [...validateMatchResources(match, field), ...(match.resourceRules?.length ? [] : [required(`${field}.resourceRules`)])]
}

export function validateParamKind(param: ParamKind | undefined, field: string): FieldError[] {
  if (!param) return []
  const { apiVersion = '', kind = '' } = param
  const wrongKind = kind ? dnsLabel1035(kind.toLowerCase()) : []
  return [
    ...(apiVersion ? validateApiVersion(apiVersion, `${field}.apiVersion`) : [required(`${field}.apiVersion`)]),
    ...(kind ? [] : [required(`${field}.kind`)]),
    ...(wrongKind.length ? [invalid(`${field}.kind`, kind, `may have mixed case, but should otherwise match: ${wrongKind.join(',')}`)] : []),
  ]
}

function validateApiVersion(apiVersion: string, field: string): FieldError[] {
  const parts = apiVersion.split('/')
  if (parts.length > 2) return [invalid(field, apiVersion, `unexpected GroupVersion string: ${apiVersion}`)]
  const [group, version] = parts.length === 2 ? parts as [string, string] : ['', apiVersion] as const
  const wrongGroup = group ? dnsSubdomain(group) : []
  const wrongVersion = version ? dnsLabel1035(version) : []
  return [
    ...(wrongGroup.length ? [invalid(field, group, wrongGroup.join(','))] : []),
    ...(version ? [] : [invalid(field, apiVersion, 'version must be specified')]),
    ...(wrongVersion.length ? [invalid(field, version, wrongVersion.join(','))] : []),
  ]
}

const notFoundActions = ['Deny', 'Allow']

export function validateParamRef(param: ParamRef | undefined, field: string): FieldError[] {
  if (!param) return []
  const { name = '', selector, parameterNotFoundAction: action = '' } = param
  const both = Boolean(name) && selector !== undefined
  return [
    ...(name ? invalidFor(`${field}.name`, name, pathSegment(name)) : []),
    ...(both ? [forbidden(`${field}.name`, 'name and selector are mutually exclusive')] : []),
    ...validateLabelSelector(selector, `${field}.selector`),
    ...(both ? [forbidden(`${field}.selector`, 'name and selector are mutually exclusive')] : []),
    ...(name || selector ? [] : [required(field, 'one of name or selector must be specified')]),
    ...(action ? notFoundActions.includes(action) ? [] : [notSupported(`${field}.parameterNotFoundAction`, action, notFoundActions)] : [required(`${field}.parameterNotFoundAction`)]),
  ]
}

export const validatePolicyName = (name: string | undefined, field: string): FieldError[] =>
  (name ? invalidFor(field, name, dnsSubdomain(name)) : [required(field)])

const reserved = new Set(['true', 'false', 'null', 'in', 'as', 'break', 'const', 'continue', 'else', 'for', 'function', 'if', 'import', 'let', 'loop', 'package', 'namespace', 'return', 'var', 'void', 'while'])

/** Variables are names in expressions. Whether their own expressions compile is for admission to find out. */
export function validateVariables(variables: readonly Variable[] | undefined, field: string): FieldError[] {
  const names = (variables ?? []).map(({ name }) => name)
  return each(variables, field, ({ name, expression }, path, index) => [
    ...(name.trim() ? /^[_a-zA-Z]\w*$/.test(name) && !reserved.has(name) ? [] : [invalid(`${path}.name`, name, 'name is not a valid CEL identifier')] : [required(`${path}.name`, 'name is not specified')]),
    ...(expression.trim() ? [] : [required(`${path}.expression`, 'expression is not specified')]),
    ...(name && isRepeated(names, name, index) ? [duplicate(`${path}.name`, name)] : []),
  ])
}

/** A column: the kind of a policy's parameters. */
export const printParamKind = (param: ParamKind | undefined): string => (param ? `${param.apiVersion ?? ''}/${param.kind ?? ''}` : '<unset>')

/** A column: where a binding takes its parameters from, with the selector as Go prints it. */
export function printParamRef(param: ParamRef | undefined): string {
  if (param?.name) return `${param.namespace || '*'}/${param.name}`
  if (!param?.selector) return '<unset>'
  const labels = Object.entries(param.selector.matchLabels ?? {}).sort(([a], [b]) => (a < b ? -1 : 1)).map(([key, value]) => `${key}: ${value},`).join('')
  const requirements = (param.selector.matchExpressions ?? []).map(({ key, operator, values = [] }) => `LabelSelectorRequirement{Key:${key},Operator:${operator},Values:[${values.join(' ')}],},`).join('')
  return `&LabelSelector{MatchLabels:map[string]string{${labels}},MatchExpressions:[]LabelSelectorRequirement{${requirements}},}`
}
