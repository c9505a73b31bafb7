import { PriorityClass } from '../../types/scheduling-v1.ts'
import { age } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { allVerbs } from '../verbs.ts'

export const priorityClasses: Kind<PriorityClass> = {
  group: 'scheduling.k8s.io', version: 'v1', kind: 'PriorityClass', resource: 'priorityclasses', singular: 'priorityclass', shortNames: ['pc'],
  namespaced: false, verbs: allVerbs, schema: PriorityClass, storage: 'priorityclasses',
  doc: 'Gives a priority of pods a name.',
  validate: () => [],
  columns: [age],
}
