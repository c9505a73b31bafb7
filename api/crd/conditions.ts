import type { CustomResourceDefinition, CustomResourceDefinitionCondition } from '../types/apiextensions-v1/custom-resource-definition.ts'

export const conditionOf = ({ status }: CustomResourceDefinition, type: string): CustomResourceDefinitionCondition | undefined =>
  status?.conditions?.find((condition) => condition.type === type)

export const conditionIs = (definition: CustomResourceDefinition, type: string, value: 'True' | 'False'): boolean => conditionOf(definition, type)?.status === value

/** The conditions with one set anew; when its status stays, so does the time of its last change. `now` as RFC 3339. */
export function withCondition(conditions: readonly CustomResourceDefinitionCondition[], next: Omit<CustomResourceDefinitionCondition, 'lastTransitionTime'>, now: string): CustomResourceDefinitionCondition[] {
  const before = conditions.find(({ type }) => type === next.type)
  const lastTransitionTime = before?.status === next.status && before.lastTransitionTime ? before.lastTransitionTime : now
  const { type, status, reason, message } = next
  const made: CustomResourceDefinitionCondition = { type, status, lastTransitionTime, reason, message }
  return before ? conditions.map((condition) => (condition === before ? made : condition)) : [...conditions, made]
}
