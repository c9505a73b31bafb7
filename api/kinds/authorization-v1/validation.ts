import type { FieldError } from '../../errors.ts'
import type { FieldSelectorAttributes, LabelSelectorAttributes, LocalSubjectAccessReview, ResourceAttributes, SelfSubjectAccessReview, SubjectAccessReview } from '../../types/authorization-v1.ts'
import type { ObjectMeta } from '../../types/meta-v1/meta.ts'
import { each, forbidden, invalid, notSupported, required } from '../validation/field.ts'
import { validateRequirement } from '../validation/labels.ts'

type Attributes = SelfSubjectAccessReview['spec']

/** Exactly one of the two forms of attributes. */
function validateAttributes({ resourceAttributes, nonResourceAttributes }: Attributes): FieldError[] {
  if (resourceAttributes && nonResourceAttributes) return [invalid('spec.nonResourceAttributes', nonResourceAttributes, 'cannot be specified in combination with resourceAttributes')]
  if (!resourceAttributes && !nonResourceAttributes) return [invalid('spec.resourceAttributes', null, 'exactly one of nonResourceAttributes or resourceAttributes must be specified')]
  return resourceAttributes ? validateResource(resourceAttributes, 'spec.resourceAttributes') : []
}

function validateResource({ fieldSelector, labelSelector }: ResourceAttributes, field: string): FieldError[] {
  return [
    ...(fieldSelector ? validateFields(fieldSelector, `${field}.fieldSelector`) : []),
    ...(labelSelector ? validateLabels(labelSelector, `${field}.labelSelector`) : []),
  ]
}

function oneForm({ rawSelector, requirements }: FieldSelectorAttributes | LabelSelectorAttributes, field: string): FieldError[] {
  if (rawSelector && requirements?.length) return [invalid(`${field}.rawSelector`, rawSelector, 'may not specified at the same time as requirements')]
  return rawSelector || requirements?.length ? [] : [required(`${field}.requirements`, `when ${field} is specified, requirements or rawSelector is required`)]
}

const validateLabels = (selector: LabelSelectorAttributes, field: string): FieldError[] =>
  [...oneForm(selector, field), ...each(selector.requirements, `${field}.requirements`, validateRequirement)]

function validateFields(selector: FieldSelectorAttributes, field: string): FieldError[] {
  return [...oneForm(selector, field), ...each(selector.requirements, `${field}.requirements`, ({ key, operator, values = [] }, path) => [
    ...(key ? [] : [required(`${path}.key`, 'must be specified')]),
    ...(operator === 'In' || operator === 'NotIn'
      ? values.length ? [] : [required(`${path}.values`, "must be specified when `operator` is 'In' or 'NotIn'")]
      : operator === 'Exists' || operator === 'DoesNotExist'
        ? values.length ? [forbidden(`${path}.values`, "may not be specified when `operator` is 'Exists' or 'DoesNotExist'")] : []
        : [notSupported(`${path}.operator`, operator, ['In', 'NotIn', 'Exists', 'DoesNotExist'])]),
  ])]
}

/** Questions have no name; what the server fills in does not count. */
function emptyMeta(metadata: ObjectMeta, except: readonly string[], detail: string): FieldError[] {
  const ignored = ['managedFields', 'creationTimestamp', 'uid', ...except]
  const said = Object.entries(metadata).some(([key, value]) => !ignored.includes(key) && value !== undefined && value !== '')
  return said ? [invalid('metadata', metadata, detail)] : []
}

const who = ({ user, groups }: SubjectAccessReview['spec']): FieldError[] => (user || groups?.length ? [] : [invalid('spec.user', user ?? '', 'at least one of user or group must be specified')])

export const validateSubjectAccessReview = ({ metadata, spec }: SubjectAccessReview): FieldError[] =>
  [...validateAttributes(spec), ...who(spec), ...emptyMeta(metadata, [], 'must be empty')]

export const validateSelfSubjectAccessReview = ({ metadata, spec }: SelfSubjectAccessReview): FieldError[] =>
  [...validateAttributes(spec), ...emptyMeta(metadata, [], 'must be empty')]

export function validateLocalSubjectAccessReview({ metadata, spec }: LocalSubjectAccessReview): FieldError[] {
  const namespace = spec.resourceAttributes?.namespace ?? ''
  return [
    ...validateAttributes(spec), ...who(spec), ...emptyMeta(metadata, ['namespace'], 'must be empty except for namespace'),
    ...(spec.resourceAttributes && namespace !== (metadata.namespace ?? '') ? [invalid('spec.resourceAttributes.namespace', namespace, 'must match metadata.namespace')] : []),
    ...(spec.nonResourceAttributes ? [invalid('spec.nonResourceAttributes', spec.nonResourceAttributes, 'disallowed on this kind of request')] : []),
  ]
}
