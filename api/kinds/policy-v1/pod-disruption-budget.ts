import { PodDisruptionBudget } from '../../types/policy-v1-budget.ts'
import { age } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { keepSpec, keepStatusAndCount } from '../strategy.ts'
import { allVerbs, viewVerbs } from '../verbs.ts'

export const podDisruptionBudgets: Kind<PodDisruptionBudget> = {
  group: 'policy', version: 'v1', kind: 'PodDisruptionBudget', resource: 'poddisruptionbudgets', singular: 'poddisruptionbudget', shortNames: ['pdb'],
  namespaced: true, verbs: allVerbs, schema: PodDisruptionBudget, storage: 'poddisruptionbudgets',
  doc: 'How many pods of a set may be away at one time by intent.',
  subresources: {
    status: { type: 'status', verbs: viewVerbs, prepareForUpdate: keepSpec, validateUpdate: () => [] },
  },
  prepareForUpdate: keepStatusAndCount,
  validate: () => [],
  columns: [age],
}
