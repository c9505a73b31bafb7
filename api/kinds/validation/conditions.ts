import type { FieldError } from '../../errors.ts'
import type { Condition } from '../../types/meta-v1/meta.ts'
import { duplicate, each, invalid, notSupported, required, tooLong } from './field.ts'
import { validateLabelName } from './labels.ts'

const statuses = ['False', 'True', 'Unknown']
const reasonForm = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?'
const reasonSentence = `a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' (e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '${reasonForm}')`

/** `metav1.Condition`s of a status: one of each type, and every one complete. */
export function validateConditions(conditions: readonly Condition[] | undefined, field: string): FieldError[] {
  const types = (conditions ?? []).map(({ type }) => type)
  return each(conditions, field, (condition, path, index) => [
    ...(types.indexOf(condition.type) < index ? [duplicate(`${path}.type`, condition.type)] : []), ...validateCondition(condition, path),
  ])
}

function validateCondition({ type, status, observedGeneration = 0, lastTransitionTime, reason, message = '' }: Condition, field: string): FieldError[] {
  return [
    ...validateLabelName(type, `${field}.type`),
    ...(statuses.includes(status) ? [] : [notSupported(`${field}.status`, status, statuses)]),
    ...(observedGeneration < 0 ? [invalid(`${field}.observedGeneration`, observedGeneration, 'must be greater than or equal to zero')] : []),
    ...(lastTransitionTime ? [] : [required(`${field}.lastTransitionTime`, 'must be set')]),
    ...(reason ? new RegExp(`^${reasonForm}$`).test(reason) ? [] : [invalid(`${field}.reason`, reason, reasonSentence)] : [required(`${field}.reason`, 'must be set')]),
    ...(Buffer.byteLength(reason ?? '') > 1024 ? [tooLong(`${field}.reason`, 1024)] : []),
    ...(Buffer.byteLength(message) > 32 * 1024 ? [tooLong(`${field}.message`, 32 * 1024)] : []),
  ]
}
