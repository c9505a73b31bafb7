import type { FieldError } from '../../errors.ts'
import { parseQuantity } from '../../schema/quantity.ts'
import { CSIStorageCapacity } from '../../types/storage-v1.ts'
import { text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { semanticEqual } from '../validation/equal.ts'
import { immutableMessage, invalid, invalidFor, negativeMessage } from '../validation/field.ts'
import { validateLabelSelector } from '../validation/labels.ts'
import { dnsSubdomain } from '../validation/names.ts'
import { allVerbs } from '../verbs.ts'

export const csiStorageCapacities: Kind<CSIStorageCapacity> = {
  group: 'storage.k8s.io', version: 'v1', kind: 'CSIStorageCapacity', resource: 'csistoragecapacities', singular: 'csistoragecapacity',
  namespaced: true, verbs: allVerbs, schema: CSIStorageCapacity, storage: 'csistoragecapacities', unconditionalUpdate: false,
  doc: 'How much storage of a class is left in a part of the cluster.',
  validate,
  validateUpdate: (capacity, old) => [
    ...validate(capacity),
    ...(['nodeTopology', 'storageClassName'] as const).filter((name) => !semanticEqual(capacity[name], old[name])).map((name) => invalid(name, capacity[name] ?? null, immutableMessage)),
  ],
  ageless: true,
  columns: [
    text('StorageClassName', ({ storageClassName }) => storageClassName, 'The class of storage.'),
    text('Capacity', ({ capacity }) => capacity ?? '<unset>', 'How much is left.'),
  ],
}

function validate({ nodeTopology, storageClassName, capacity, maximumVolumeSize }: CSIStorageCapacity): FieldError[] {
  const amounts = { capacity, maximumVolumeSize }
  return [
    ...validateLabelSelector(nodeTopology, 'nodeTopology'),
    ...invalidFor('storageClassName', storageClassName, dnsSubdomain(storageClassName)),
    ...Object.entries(amounts).flatMap(([name, amount]) => (amount !== undefined && parseQuantity(amount).nano < 0n ? [invalid(name, amount, negativeMessage)] : [])),
  ]
}
