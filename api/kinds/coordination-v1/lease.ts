import type { FieldError } from '../../errors.ts'
import { Lease } from '../../types/coordination-v1.ts'
import { age, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { forbidden, invalid, invalidFor, notSupported } from '../validation/field.ts'
import { qualifiedName } from '../validation/names.ts'
import { allVerbs } from '../verbs.ts'

export const leases: Kind<Lease> = {
  group: 'coordination.k8s.io', version: 'v1', kind: 'Lease', resource: 'leases', singular: 'lease',
  namespaced: true, verbs: allVerbs, schema: Lease, storage: 'leases', ephemeral: true, createOnUpdate: true, unconditionalUpdate: false,
  doc: 'A time-limited claim: who leads, or that a node is alive.',
  prepareForCreate({ spec }) { dropCoordination(spec) },
  prepareForUpdate({ spec }, { spec: old }) { dropCoordination(spec, old) },
  validate,
  validateUpdate: validate,
  columns: [text('Holder', ({ spec }) => spec.holderIdentity ?? '', 'Who holds the lease.'), age],
}

/** `CoordinatedLeaderElection` is off in 1.36: its fields fall away unless they are in use. */
function dropCoordination(spec: Lease['spec'] | undefined, old?: Lease['spec']): void {
  if (!spec) return
  if (!old?.strategy) delete spec.strategy
  if (!old?.preferredHolder) delete spec.preferredHolder
}

function validate({ spec }: Lease): FieldError[] {
  const { leaseDurationSeconds: seconds, leaseTransitions: transitions, strategy, preferredHolder } = spec
  return [
    ...(seconds !== undefined && seconds <= 0 ? [invalid('spec.leaseDurationSeconds', seconds, 'must be greater than 0')] : []),
    ...(transitions !== undefined && transitions < 0 ? [invalid('spec.leaseTransitions', transitions, 'must be greater than or equal to 0')] : []),
    ...(strategy === undefined ? [] : validateStrategy(strategy, 'spec.strategy.strategy')),
    ...(preferredHolder && !strategy ? [forbidden('spec.preferredHolder', 'may only be specified if `strategy` is defined')] : []),
  ]
}

const validateStrategy = (strategy: string, field: string): FieldError[] =>
  (strategy.includes('/') ? invalidFor(field, strategy, qualifiedName(strategy)) : strategy === 'OldestEmulationVersion' ? [] : [notSupported(field, strategy, ['OldestEmulationVersion'])])
