import type { FieldError } from '../../errors.ts'
import { PriorityClass } from '../../types/scheduling-v1.ts'
import { age, integer, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { forbidden, immutableMessage, invalid, oneOf } from '../validation/field.ts'
import { allVerbs } from '../verbs.ts'

/** The classes every cluster has; nobody else's name may begin like theirs. */
const systemClasses: Readonly<Record<string, number>> = { 'system-node-critical': 2_000_001_000, 'system-cluster-critical': 2_000_000_000 }
const systemPrefix = 'system-'
const highestOfUsers = 1_000_000_000

export const priorityClasses: Kind<PriorityClass> = {
  group: 'scheduling.k8s.io', version: 'v1', kind: 'PriorityClass', resource: 'priorityclasses', singular: 'priorityclass', shortNames: ['pc'],
  namespaced: false, verbs: allVerbs, schema: PriorityClass, storage: 'priorityclasses',
  doc: 'Gives a priority of pods a name.',
  default(priorityClass) { priorityClass.preemptionPolicy ??= 'PreemptLowerPriority' },
  prepareForCreate({ metadata }) { metadata.generation = 1 },
  validate,
  validateUpdate: (priorityClass, old) => [
    ...((priorityClass.value ?? 0) === (old.value ?? 0) ? [] : [forbidden('value', 'may not be changed in an update.')]),
    ...(priorityClass.preemptionPolicy === old.preemptionPolicy ? [] : [invalid('preemptionPolicy', priorityClass.preemptionPolicy ?? null, immutableMessage)]),
  ],
  columns: [
    integer('Value', ({ value }) => value, 'The priority.'),
    { name: 'Global-Default', type: 'boolean', description: 'Whether pods without a class get it.', value: ({ globalDefault }) => globalDefault ?? false },
    age,
    text('PreemptionPolicy', ({ preemptionPolicy }) => preemptionPolicy ?? '', 'Whether its pods drive out others.'),
  ],
}

function validate(priorityClass: PriorityClass): FieldError[] {
  const { metadata: { name = '' }, value = 0, preemptionPolicy } = priorityClass
  const wrong = systemError(priorityClass)
  return [
    ...(wrong ? [forbidden('metadata.name', `priority class names with '${systemPrefix}' prefix are reserved for system use only. error: ${wrong}`)] : []),
    ...(!name.startsWith(systemPrefix) && value > highestOfUsers ? [forbidden('value', `maximum allowed value of a user defined priority is ${highestOfUsers}`)] : []),
    ...(preemptionPolicy === undefined ? [] : oneOf(preemptionPolicy, ['PreemptLowerPriority', 'Never'], 'preemptionPolicy')),
  ]
}

function systemError({ metadata: { name = '' }, value, globalDefault }: PriorityClass): string | undefined {
  if (!name.startsWith(systemPrefix)) return undefined
  if (!Object.hasOwn(systemClasses, name)) return `${name} is not a known system priority class`
  if (value !== systemClasses[name]) return `value of ${name} PriorityClass must be ${systemClasses[name]}`
  return globalDefault ? `globalDefault of ${name} PriorityClass must be false` : undefined
}
