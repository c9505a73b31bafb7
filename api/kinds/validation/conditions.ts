import type { FieldError } from '../../errors.ts'
import type { Condition } from '../../types/meta-v1/meta.ts'
import { duplicate, each, invalid, invalidFor, oneOf, required, tooLong } from './field.ts'
import { qualifiedName } from './names.ts'
import { isRepeated } from './repeated.ts'

const reason = '[A-Za-z]([A-Za-z0-9_,:]*[A-Za-z0-9_])?'
const reasonExpression = new RegExp(`^${reason}$`)
const reasonSentence = "a condition reason must start with alphabetic character, optionally followed by a string of alphanumeric characters or '_,:', and must end with an alphanumeric character or '_' "
  + `(e.g. 'my_name',  or 'MY_NAME',  or 'MyName',  or 'ReasonA,ReasonB',  or 'ReasonA:ReasonB', regex used for validation is '${reason}')`

/** Conditions of the common form (`metav1.Condition`): one a type, and complete. */
export function validateConditions(conditions: readonly Condition[] | undefined, field: string): FieldError[] {
  const types = (conditions ?? []).map(({ type }) => type)
  return each(conditions, field, (condition, path, index) => [
    ...(isRepeated(types, condition.type, index) ? [duplicate(path, condition.type)] : []),
    ...validateCondition(condition, path),
  ])
}

function validateCondition({ type, status, observedGeneration = 0, lastTransitionTime, reason: why, message = '' }: Condition, field: string): FieldError[] {
  return [
    ...(type ? invalidFor(`${field}.type`, type, qualifiedName(type)) : [required(`${field}.type`, 'is required')]),
    ...oneOf(status, ['False', 'True', 'Unknown'], `${field}.status`),
    ...(observedGeneration < 0 ? [invalid(`${field}.observedGeneration`, observedGeneration, 'must be greater than or equal to zero')] : []),
    ...(lastTransitionTime ? [] : [required(`${field}.lastTransitionTime`)]),
    ...(!why ? [required(`${field}.reason`)] : reasonExpression.test(why) ? [] : [invalid(`${field}.reason`, why, reasonSentence)]),
    ...(Buffer.byteLength(why ?? '') > 1024 ? [tooLong(`${field}.reason`, 1024)] : []),
    ...(Buffer.byteLength(message) > 32_768 ? [tooLong(`${field}.message`, 32_768)] : []),
  ]
}
