import type { FieldError } from '../../errors.ts'
import type { LabelSelector, LabelSelectorRequirement } from '../../types/meta-v1/meta.ts'
import { each, forbidden, invalid, invalidFor, required } from './field.ts'
import { labelValueRule, qualifiedName } from './names.ts'

export const validateLabelName = (name: string, field: string): FieldError[] => invalidFor(field, name, qualifiedName(name))

export const validateLabels = (labels: Readonly<Record<string, string>> | undefined, field: string): FieldError[] =>
  Object.entries(labels ?? {}).flatMap(([key, value]) => [...validateLabelName(key, field), ...invalidFor(field, value, labelValueRule(value))])

export function validateLabelSelector(selector: LabelSelector | undefined, field: string): FieldError[] {
  if (!selector) return []
  return [...validateLabels(selector.matchLabels, `${field}.matchLabels`), ...each(selector.matchExpressions, `${field}.matchExpressions`, validateRequirement)]
}

/** One requirement of a selector. */
export function validateRequirement({ key, operator, values = [] }: LabelSelectorRequirement, field: string): FieldError[] {
  return [
    ...validateOperator(operator, values, field),
    ...validateLabelName(key, `${field}.key`),
    ...each(values, `${field}.values`, (value, path) => invalidFor(path, value, labelValueRule(value))),
  ]
}

function validateOperator(operator: string, values: readonly string[], field: string): FieldError[] {
  if (operator === 'In' || operator === 'NotIn') return values.length ? [] : [required(`${field}.values`, "must be specified when `operator` is 'In' or 'NotIn'")]
  if (operator === 'Exists' || operator === 'DoesNotExist') return values.length ? [forbidden(`${field}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")] : []
  return [invalid(`${field}.operator`, operator, 'not a valid selector operator')]
}

/** `` `selector` does not match template `labels` ``, and what a user needs to see of it. */
export const selectorMismatch = (labels: unknown, template: string): FieldError =>
  invalid(`${template}.metadata.labels`, labels ?? null, '`selector` does not match template `labels`')
