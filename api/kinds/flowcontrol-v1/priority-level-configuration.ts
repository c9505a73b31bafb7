import type { FieldError } from '../../errors.ts'
import { PriorityLevelConfiguration } from '../../types/flowcontrol-v1.ts'
import type { LimitedPriorityLevelConfiguration, LimitResponse, QueuingConfiguration } from '../../types/flowcontrol-v1.ts'
import { age, text } from '../columns.ts'
import type { Column, Kind } from '../kind.ts'
import { keepSpec, keepStatusAndCount, startWith } from '../strategy.ts'
import { semanticEqual } from '../validation/equal.ts'
import { forbidden, invalid, notSupported, required } from '../validation/field.ts'
import { allVerbs, viewVerbs } from '../verbs.ts'
import { validateConditions } from './flow-schema.ts'
import { mandatoryLevels } from './predefined.ts'

export const priorityLevelConfigurations: Kind<PriorityLevelConfiguration> = {
  group: 'flowcontrol.apiserver.k8s.io', version: 'v1', kind: 'PriorityLevelConfiguration', resource: 'prioritylevelconfigurations', singular: 'prioritylevelconfiguration',
  namespaced: false, verbs: allVerbs, schema: PriorityLevelConfiguration, storage: 'prioritylevelconfigurations', unconditionalUpdate: false,
  doc: 'Says how many requests of one priority are answered at once, and what becomes of the rest.',
  subresources: { status: { type: 'status', verbs: viewVerbs, prepareForUpdate: keepSpec, validateUpdate: validateConditions } },
  default: defaultLevel,
  prepareForCreate: startWith<PriorityLevelConfiguration>(() => ({})),
  prepareForUpdate: keepStatusAndCount,
  validate,
  columns: [
    text('Type', ({ spec }) => spec.type, 'Whether there is a limit.'),
    count('NominalConcurrencyShares', ({ spec }) => spec.limited?.nominalConcurrencyShares ?? spec.exempt?.nominalConcurrencyShares, 'Its share of what the server answers at once.'),
    count('Queues', ({ spec }) => spec.limited?.limitResponse?.queuing?.queues, 'How many queues it has.'),
    count('HandSize', ({ spec }) => spec.limited?.limitResponse?.queuing?.handSize, 'Among how many of them a flow may choose.'),
    count('QueueLengthLimit', ({ spec }) => spec.limited?.limitResponse?.queuing?.queueLengthLimit, 'How many requests wait in one queue.'),
    age,
  ],
}

/** A number, or `<none>` where it does not apply. */
function count(name: string, value: (level: PriorityLevelConfiguration) => number | undefined, description: string): Column<PriorityLevelConfiguration> {
  return { name, type: 'string', description, value: (level) => value(level) ?? '<none>' }
}

function defaultLevel({ spec }: PriorityLevelConfiguration): void {
  const { exempt, limited } = spec
  if (exempt) {
    exempt.nominalConcurrencyShares ??= 0
    exempt.lendablePercent ??= 0
  }
  if (!limited) return
  limited.nominalConcurrencyShares ??= 30
  limited.lendablePercent ??= 0
  const queuing = limited.limitResponse?.queuing
  if (!queuing) return
  queuing.handSize ||= 8
  queuing.queues ||= 64
  queuing.queueLengthLimit ||= 50
}

function validate(level: PriorityLevelConfiguration): FieldError[] {
  const { metadata: { name }, spec } = level
  const fixed = mandatoryLevels()
  const { exempt: _, ...rest } = spec
  // What is exempt may be tuned; the rest of it stands.
  const deviates = name === 'exempt' ? !semanticEqual(rest, { type: 'Exempt' }) : Object.hasOwn(fixed, name) && !semanticEqual(spec, fixed[name])
  return [
    ...((name === 'exempt') === (spec.type === 'Exempt') ? [] : [invalid('spec.type', spec.type, "type must be 'Exempt' if and only if name is 'exempt'")]),
    ...validateByType(spec),
    ...(deviates ? [invalid('spec', spec, `spec of '${name}' must equal the fixed value`)] : []),
    ...validateConditions(level),
  ]
}

function validateByType({ type, limited, exempt }: PriorityLevelConfiguration['spec']): FieldError[] {
  if (type === 'Exempt') {
    return [
      ...(limited ? [forbidden('spec.limited', 'must be nil if the type is Exempt')] : []),
      ...(exempt ? [...notNegative(exempt.nominalConcurrencyShares, 'spec.exempt.nominalConcurrencyShares', 'must be a non-negative integer'), ...percent(exempt.lendablePercent, 'spec.exempt.lendablePercent')] : []),
    ]
  }
  if (type !== 'Limited') return [notSupported('spec.type', type, ['Exempt', 'Limited'])]
  return [
    ...(exempt ? [forbidden('spec.exempt', 'must be nil if the type is Limited')] : []),
    ...(limited ? validateLimited(limited, 'spec.limited') : [required('spec.limited', 'must not be empty when type is Limited')]),
  ]
}

const notNegative = (value: number | undefined, field: string, detail: string): FieldError[] => ((value ?? 0) < 0 ? [invalid(field, value, detail)] : [])
const percent = (value: number | undefined, field: string): FieldError[] => (value !== undefined && (value < 0 || value > 100) ? [invalid(field, value, 'must be between 0 and 100, inclusive')] : [])

function validateLimited(limited: LimitedPriorityLevelConfiguration, field: string): FieldError[] {
  return [
    ...notNegative(limited.nominalConcurrencyShares, `${field}.nominalConcurrencyShares`, 'must be a non-negative integer'),
    ...validateResponse(limited.limitResponse ?? { type: '' }, `${field}.limitResponse`),
    ...percent(limited.lendablePercent, `${field}.lendablePercent`),
    ...notNegative(limited.borrowingLimitPercent, `${field}.borrowingLimitPercent`, 'if specified, must be a non-negative integer'),
  ]
}

function validateResponse({ type, queuing }: LimitResponse, field: string): FieldError[] {
  if (type === 'Reject') return queuing ? [forbidden(`${field}.queuing`, 'must be nil if limited.limitResponse.type is not Limited')] : []
  if (type !== 'Queue') return [notSupported(`${field}.type`, type, ['Queue', 'Reject'])]
  return queuing ? validateQueuing(queuing, `${field}.queuing`) : [required(`${field}.queuing`, 'must not be empty if limited.limitResponse.type is Limited')]
}

const mostQueues = 10_000_000
const mostBits = 60

function validateQueuing({ queues = 0, handSize = 0, queueLengthLimit: length = 0 }: QueuingConfiguration, field: string): FieldError[] {
  return [
    ...(length <= 0 ? [invalid(`${field}.queueLengthLimit`, length, 'must be positive')] : []),
    ...(queues <= 0 ? [invalid(`${field}.queues`, queues, 'must be positive')] : queues > mostQueues ? [invalid(`${field}.queues`, queues, `must not be greater than ${mostQueues}`)] : []),
    ...validateHand(queues, handSize, `${field}.handSize`),
  ]
}

/** A hand is drawn from the 60 bits of a hash. */
function validateHand(queues: number, hand: number, field: string): FieldError[] {
  if (hand <= 0) return [invalid(field, hand, 'must be positive')]
  if (hand > queues) return [invalid(field, hand, `should not be greater than queues (${queues})`)]
  const bits = Math.ceil(Math.log2(queues) * hand)
  return bits > mostBits ? [invalid(field, hand, `required entropy bits of deckSize ${queues} and handSize ${hand} should not be greater than ${mostBits}`)] : []
}
