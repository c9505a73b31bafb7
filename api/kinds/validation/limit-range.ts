import type { FieldError } from '../../errors.ts'
import { compareQuantities, quantityMilliValue } from '../../schema/quantity.ts'
import type { ResourceList } from '../../types/core-v1/common.ts'
import type { LimitRange, LimitRangeItem } from '../../types/core-v1/quota.ts'
import { duplicate, each, forbidden, invalid, invalidFor, required } from './field.ts'
import { qualifiedName } from './names.ts'
import { containerResourceName, isOvercommitAllowed, resourceName } from './resources.ts'
import { isRepeated } from './repeated.ts'

const types = ['Pod', 'Container', 'PersistentVolumeClaim']

export function validateLimitRange({ spec: { limits = [] } }: LimitRange): FieldError[] {
  const given = limits.map(({ type }) => type)
  return each(limits, 'spec.limits', (limit, path, index) => [
    ...validateType(limit.type, `${path}.type`),
    ...(isRepeated(given, limit.type, index) ? [duplicate(`${path}.type`, limit.type)] : []),
    ...validateLimit(limit, path),
  ])
}

function validateType(type: string, field: string): FieldError[] {
  const wrong = invalidFor(field, type, qualifiedName(type))
  return wrong.length || type.includes('/') || types.includes(type) ? wrong : [invalid(field, type, 'must be a standard limit type or fully qualified')]
}

const lists = ['max', 'min', 'default', 'defaultRequest', 'maxLimitRequestRatio'] as const

function validateLimit(limit: LimitRangeItem, field: string): FieldError[] {
  const check = limit.type === 'Pod' || limit.type === 'Container' ? containerResourceName : resourceName
  const defaults: readonly string[] = limit.type === 'Pod' ? ['default', 'defaultRequest'] : []
  const used = lists.filter((list) => !defaults.includes(list))
  const names = [...new Set(used.flatMap((list) => Object.keys(limit[list] ?? {})))]
  const unbounded = limit.type === 'PersistentVolumeClaim' && limit.min?.storage === undefined && limit.max?.storage === undefined
  return [
    ...used.flatMap((list) => Object.keys(limit[list] ?? {}).flatMap((name) => check(name, `${field}.${list}[${name}]`))),
    ...defaults.filter((list) => Object.keys((limit as unknown as Record<string, ResourceList | undefined>)[list] ?? {}).length).map((list) => forbidden(`${field}.${list}`, "may not be specified when `type` is 'Pod'")),
    ...(unbounded ? [required(`${field}.limits`, 'either minimum or maximum storage value is required, but neither was provided')] : []),
    ...names.flatMap((name) => validateOrder(name, limit, defaults.length === 0, field)),
  ]
}

/** The least, what is asked for by default, what is allowed by default, and the most stand in that order. */
function validateOrder(name: string, limit: LimitRangeItem, withDefaults: boolean, field: string): FieldError[] {
  const of = (list: ResourceList | undefined): string | undefined => (list && Object.hasOwn(list, name) ? list[name] : undefined)
  const min = of(limit.min), max = of(limit.max), ratio = of(limit.maxLimitRequestRatio)
  const fallback = withDefaults ? of(limit.default) : undefined, request = withDefaults ? of(limit.defaultRequest) : undefined
  const above = (a: string | undefined, b: string | undefined): boolean => a !== undefined && b !== undefined && compareQuantities(a, b) > 0
  const at = (list: string): string => `${field}.${list}[${name}]`
  const differ = !isOvercommitAllowed(name) && fallback !== undefined && request !== undefined && compareQuantities(fallback, request) !== 0
  return [
    ...(above(min, max) ? [invalid(at('min'), min, `min value ${min} is greater than max value ${max}`)] : []),
    ...(above(min, request) ? [invalid(at('defaultRequest'), request, `min value ${min} is greater than default request value ${request}`)] : []),
    ...(above(request, max) ? [invalid(at('defaultRequest'), request, `default request value ${request} is greater than max value ${max}`)] : []),
    ...(above(request, fallback) ? [invalid(at('defaultRequest'), request, `default request value ${request} is greater than default limit value ${fallback}`)] : []),
    ...(above(min, fallback) ? [invalid(at('default'), min, `min value ${min} is greater than default value ${fallback}`)] : []),
    ...(above(fallback, max) ? [invalid(at('default'), max, `default value ${fallback} is greater than max value ${max}`)] : []),
    ...validateRatio(ratio, min, max, at('maxLimitRequestRatio')),
    ...(differ ? [invalid(at('defaultRequest'), request, `default value ${fallback} must equal to defaultRequest value ${request} in ${name}`)] : []),
  ]
}

function validateRatio(ratio: string | undefined, min: string | undefined, max: string | undefined, field: string): FieldError[] {
  if (ratio === undefined) return []
  const limit = min !== undefined && max !== undefined ? quantityMilliValue(max) / quantityMilliValue(min) : undefined
  return [
    ...(compareQuantities(ratio, '1') < 0 ? [invalid(field, ratio, `ratio ${ratio} is less than 1`)] : []),
    ...(limit !== undefined && quantityMilliValue(ratio) / 1000 > limit ? [invalid(field, ratio, `ratio ${ratio} is greater than max/min = ${limit.toFixed(6)}`)] : []),
  ]
}
