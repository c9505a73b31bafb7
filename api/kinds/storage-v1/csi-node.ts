import type { FieldError } from '../../errors.ts'
import { CSINode } from '../../types/storage-v1.ts'
import type { CSINodeDriver } from '../../types/storage-v1.ts'
import { age, integer } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { validateDriverName } from '../validation/csi.ts'
import { semanticEqual } from '../validation/equal.ts'
import { duplicate, each, immutableMessage, invalid, invalidFor, nonNegative, required } from '../validation/field.ts'
import { qualifiedName } from '../validation/names.ts'
import { allVerbs } from '../verbs.ts'
import { isRepeated } from '../validation/repeated.ts'

export const csiNodes: Kind<CSINode> = {
  group: 'storage.k8s.io', version: 'v1', kind: 'CSINode', resource: 'csinodes', singular: 'csinode',
  namespaced: false, verbs: allVerbs, schema: CSINode, storage: 'csinodes', unconditionalUpdate: false,
  doc: 'The CSI drivers that run on a node.',
  validate,
  validateUpdate: (node, old) => [...validate(node), ...validateChange(node, old)],
  columns: [integer('Drivers', ({ spec }) => spec.drivers?.length, 'How many drivers there are.'), age],
}

function validate({ spec }: CSINode): FieldError[] {
  const names = (spec.drivers ?? []).map(({ name }) => name)
  return each(spec.drivers, 'spec.drivers', (driver, path, index) => [
    ...validateDriverName(driver.name, `${path}.name`),
    ...validateNodeId(driver.nodeID, `${path}.nodeID`),
    ...nonNegative(driver.allocatable?.count, `${path}.allocatable.count`),
    ...(isRepeated(names, driver.name, index) ? [duplicate(`${path}.name`, driver.name)] : []),
    ...validateTopologyKeys(driver, path),
  ])
}

const longestNodeId = 192

const validateNodeId = (id: string, field: string): FieldError[] =>
  (!id ? [required(field)] : id.length > longestNodeId ? [invalid(field, id, `must be ${longestNodeId} characters or less`)] : [])

const validateTopologyKeys = ({ topologyKeys: keys = [] }: CSINodeDriver, field: string): FieldError[] => keys.flatMap((key, index) => [
  ...(key ? [] : [required(field)]),
  ...(isRepeated(keys, key, index) ? [duplicate(field, key)] : []),
  ...invalidFor(field, keys, qualifiedName(key)),
])

/** A driver comes and goes whole; only how many volumes fit may change meanwhile. */
function validateChange(node: CSINode, old: CSINode): FieldError[] {
  const fixed = (driver: CSINodeDriver) => ({ ...driver, allocatable: undefined })
  return (old.spec.drivers ?? []).flatMap((before) => (node.spec.drivers ?? [])
    .filter((now) => now.name === before.name && !semanticEqual(fixed(now), fixed(before)))
    .map((now) => invalid('CSINodeDriver', now, immutableMessage)))
}
