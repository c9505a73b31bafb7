import type { FieldError } from '../../errors.ts'
import { PodDisruptionBudget } from '../../types/policy-v1-budget.ts'
import { age, integer, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { keepSpec, keepStatusAndCount, startWith } from '../strategy.ts'
import { validateConditions } from '../validation/conditions.ts'
import { invalid, nonNegative, optionallyOneOf } from '../validation/field.ts'
import { atMostHundredPercent, intOrPercent } from '../validation/int-or-percent.ts'
import { validateLabelSelector } from '../validation/labels.ts'
import { pathSegment } from '../validation/names.ts'
import { allVerbs, viewVerbs } from '../verbs.ts'

export const podDisruptionBudgets: Kind<PodDisruptionBudget> = {
  group: 'policy', version: 'v1', kind: 'PodDisruptionBudget', resource: 'poddisruptionbudgets', singular: 'poddisruptionbudget', shortNames: ['pdb'],
  namespaced: true, verbs: allVerbs, schema: PodDisruptionBudget, storage: 'poddisruptionbudgets', nameRule: pathSegment, unconditionalUpdate: false,
  doc: 'How many pods of a set may be away at one time by intent.',
  subresources: {
    status: { type: 'status', verbs: viewVerbs, prepareForUpdate: keepSpec, validateUpdate: validateStatus },
  },
  prepareForCreate: startWith<PodDisruptionBudget>(() => ({ disruptionsAllowed: 0, currentHealthy: 0, desiredHealthy: 0, expectedPods: 0 })),
  prepareForUpdate: keepStatusAndCount,
  validate,
  validateUpdate: validate,
  columns: [
    text('Min Available', ({ spec }) => String(spec.minAvailable ?? 'N/A'), 'How many pods must stay.'),
    text('Max Unavailable', ({ spec }) => String(spec.maxUnavailable ?? 'N/A'), 'How many pods may be away.'),
    integer('Allowed Disruptions', ({ status }) => status?.disruptionsAllowed, 'How many more may go now.'),
    age,
  ],
}

function validate({ spec }: PodDisruptionBudget): FieldError[] {
  const bounds = ['minAvailable', 'maxUnavailable'] as const
  return [
    ...(spec.minAvailable !== undefined && spec.maxUnavailable !== undefined ? [invalid('spec', spec, 'minAvailable and maxUnavailable cannot be both set')] : []),
    ...bounds.flatMap((name) => [...intOrPercent(spec[name], `spec.${name}`), ...atMostHundredPercent(spec[name], `spec.${name}`)]),
    ...validateLabelSelector(spec.selector, 'spec.selector'),
    ...optionallyOneOf(spec.unhealthyPodEvictionPolicy, ['AlwaysAllow', 'IfHealthyBudget'], 'spec.unhealthyPodEvictionPolicy'),
  ]
}

function validateStatus({ status }: PodDisruptionBudget): FieldError[] {
  const counts = ['disruptionsAllowed', 'currentHealthy', 'desiredHealthy', 'expectedPods'] as const
  return [...validateConditions(status?.conditions, 'status.conditions'), ...counts.flatMap((name) => nonNegative(status?.[name], `status.${name}`))]
}
