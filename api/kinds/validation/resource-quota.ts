import type { FieldError } from '../../errors.ts'
import type { ResourceList } from '../../types/core-v1/common.ts'
import type { ResourceQuota, ResourceQuotaSpec, ScopedResourceSelectorRequirement } from '../../types/core-v1/quota.ts'
import { immutableMessage, invalid, required } from './field.ts'
import { isHugePages, resourceName, validateQuantity } from './resources.ts'

const compute = new Set(['cpu', 'memory', 'limits.cpu', 'limits.memory', 'requests.cpu', 'requests.memory'])
const counted = new Set([
  ...compute, 'ephemeral-storage', 'requests.ephemeral-storage', 'limits.ephemeral-storage', 'requests.storage', 'pods', 'resourcequotas', 'services',
  'replicationcontrollers', 'secrets', 'persistentvolumeclaims', 'configmaps', 'services.nodeports', 'services.loadbalancers',
])
const isStandard = (name: string): boolean => counted.has(name) || isHugePages(name) || name.startsWith('requests.hugepages-')

const ofPods = (name: string): boolean => name === 'pods' || compute.has(name)
/** Which of the standard resources a scope may be applied to. */
const scopes: Readonly<Record<string, (resource: string) => boolean>> = {
  Terminating: ofPods, NotTerminating: ofPods, NotBestEffort: ofPods, PriorityClass: ofPods, CrossNamespacePodAffinity: ofPods,
  BestEffort: (name) => name === 'pods',
  VolumeAttributesClass: (name) => name === 'persistentvolumeclaims' || name === 'requests.storage',
}
const contrary = [['BestEffort', 'NotBestEffort'], ['Terminating', 'NotTerminating']] as const

export const validateResourceQuota = ({ spec }: ResourceQuota): FieldError[] =>
  [...validateAmounts(spec.hard, 'spec.hard'), ...validateScopes(spec, 'spec.scopes'), ...validateScopeSelector(spec, 'spec')]

/** What has been counted under some scopes means nothing under others. */
export function validateResourceQuotaUpdate(quota: ResourceQuota, old: ResourceQuota): FieldError[] {
  const set = ({ scopes: given = [] }: ResourceQuotaSpec): string => [...new Set(given)].sort().join()
  return [...validateResourceQuota(quota), ...(set(quota.spec) === set(old.spec) ? [] : [invalid('spec.scopes', quota.spec.scopes ?? null, immutableMessage)])]
}

export const validateResourceQuotaStatusUpdate = ({ metadata, status }: ResourceQuota): FieldError[] => [
  ...(metadata.resourceVersion ? [] : [required('resourceVersion')]),
  ...validateAmounts(status?.hard, 'status.hard'),
  ...validateAmounts(status?.used, 'status.used'),
]

const validateAmounts = (amounts: ResourceList | undefined, field: string): FieldError[] => Object.entries(amounts ?? {}).flatMap(([name, amount]) => {
  const path = `${field}[${name}]`
  return [
    ...resourceName(name, path),
    ...(name.includes('/') || isStandard(name) ? [] : [invalid(path, name, 'must be a standard resource for quota')]),
    ...validateQuantity(name, amount, path),
  ]
})

const misapplied = (scope: string, { hard = {} }: ResourceQuotaSpec): string[] => (Object.hasOwn(scopes, scope) ? Object.keys(hard).sort().filter((name) => isStandard(name) && !scopes[scope]!(name)) : [])

function validateScopes(spec: ResourceQuotaSpec, field: string): FieldError[] {
  const given = spec.scopes ?? []
  return [
    ...given.flatMap((scope) => [
      ...(Object.hasOwn(scopes, scope) ? [] : [invalid(field, given, 'unsupported scope')]),
      ...misapplied(scope, spec).map(() => invalid(field, given, 'unsupported scope applied to resource')),
    ]),
    ...contrary.filter((pair) => pair.every((scope) => given.includes(scope))).map(() => invalid(field, given, 'conflicting scopes')),
  ]
}

function validateScopeSelector(spec: ResourceQuotaSpec, field: string): FieldError[] {
  const path = `${field}.scopeSelector.matchExpressions`
  const requirements = spec.scopeSelector?.matchExpressions ?? []
  const named = requirements.map(({ scopeName }) => scopeName)
  return [
    ...requirements.flatMap((requirement) => [
      ...(Object.hasOwn(scopes, requirement.scopeName) ? [] : [invalid(`${path}.scopeName`, requirement.scopeName, 'unsupported scope')]),
      ...misapplied(requirement.scopeName, spec).map(() => invalid(path, spec.scopeSelector, 'unsupported scope applied to resource')),
      ...validateRequirement(requirement, path),
    ]),
    ...contrary.filter((pair) => pair.every((scope) => named.includes(scope))).map(() => invalid(path, spec.scopes ?? null, 'conflicting scopes')),
  ]
}

const onlyThere = new Set(['BestEffort', 'NotBestEffort', 'Terminating', 'NotTerminating', 'CrossNamespacePodAffinity'])
const onlyThereSentence = "must be 'Exist' when scope is any of ResourceQuotaScopeTerminating, ResourceQuotaScopeNotTerminating, ResourceQuotaScopeBestEffort, ResourceQuotaScopeNotBestEffort or ResourceQuotaScopeCrossNamespacePodAffinity"

function validateRequirement({ scopeName, operator, values = [] }: ScopedResourceSelectorRequirement, field: string): FieldError[] {
  const wrongOperator = onlyThere.has(scopeName) && operator !== 'Exists' ? [invalid(`${field}.operator`, operator, onlyThereSentence)] : []
  if (operator === 'In' || operator === 'NotIn') return [...wrongOperator, ...(values.length ? [] : [required(`${field}.values`, "must be at least one value when `operator` is 'In' or 'NotIn' for scope selector")])]
  if (operator === 'Exists' || operator === 'DoesNotExist') return [...wrongOperator, ...(values.length ? [invalid(`${field}.values`, values, "must be no value when `operator` is 'Exist' or 'DoesNotExist' for scope selector")] : [])]
  return [...wrongOperator, invalid(`${field}.operator`, operator, 'not a valid selector operator')]
}
