import type { FieldError } from '../../errors.ts'
import type { TopologySelectorTerm } from '../../types/core-v1/persistent-volume.ts'
import { StorageClass } from '../../types/storage-v1.ts'
import { age, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { semanticEqual } from '../validation/equal.ts'
import { duplicate, each, forbidden, immutableMessage, invalid, optionallyOneOf, required } from '../validation/field.ts'
import { validateLabelName } from '../validation/labels.ts'
import { validateParameters, validateProvisioner } from '../validation/parameters.ts'
import { allVerbs } from '../verbs.ts'
import { replacedLabel } from '../warnings/node-label.ts'
import { isRepeated } from '../validation/repeated.ts'

export const storageClasses: Kind<StorageClass> = {
  group: 'storage.k8s.io', version: 'v1', kind: 'StorageClass', resource: 'storageclasses', singular: 'storageclass', shortNames: ['sc'],
  namespaced: false, verbs: allVerbs, schema: StorageClass, storage: 'storageclasses',
  doc: 'Names a sort of storage and who provides it.',
  default(storageClass) {
    storageClass.reclaimPolicy ??= 'Delete'
    storageClass.volumeBindingMode ??= 'Immediate'
  },
  validate,
  validateUpdate: (storageClass, old) => [...validate(storageClass), ...validateChange(storageClass, old)],
  warnings,
  columns: [
    { name: 'Name', type: 'string', format: 'name', description: 'The name, and whether it is the default.', value: ({ metadata }) => (isDefault(metadata.annotations) ? `${metadata.name} (default)` : metadata.name) },
    text('Provisioner', ({ provisioner }) => provisioner, 'Who makes the volumes.'),
    text('ReclaimPolicy', ({ reclaimPolicy }) => reclaimPolicy ?? 'Delete', 'What becomes of a volume whose claim goes.'),
    text('VolumeBindingMode', ({ volumeBindingMode }) => volumeBindingMode ?? 'Immediate', 'When volumes are made and bound.'),
    { name: 'AllowVolumeExpansion', type: 'string', description: 'Whether volumes may grow.', value: ({ allowVolumeExpansion }) => allowVolumeExpansion ?? false },
    age,
  ],
}

const isDefault = (annotations: Readonly<Record<string, string>> | undefined): boolean =>
  ['storageclass.kubernetes.io/is-default-class', 'storageclass.beta.kubernetes.io/is-default-class'].some((key) => annotations?.[key] === 'true')

function validate(storageClass: StorageClass): FieldError[] {
  const { reclaimPolicy, volumeBindingMode: mode } = storageClass
  return [
    ...validateProvisioner(storageClass.provisioner, 'provisioner'),
    ...validateParameters(storageClass.parameters, 'parameters'),
    ...(reclaimPolicy ? optionallyOneOf(reclaimPolicy, ['Delete', 'Retain'], 'reclaimPolicy') : []),
    ...(mode === undefined ? [required('volumeBindingMode')] : optionallyOneOf(mode, ['Immediate', 'WaitForFirstConsumer'], 'volumeBindingMode')),
    ...validateTopologies(storageClass.allowedTopologies ?? [], 'allowedTopologies'),
  ]
}

function validateTopologies(terms: readonly TopologySelectorTerm[], field: string): FieldError[] {
  const meanings = terms.map(({ matchLabelExpressions = [] }) => JSON.stringify([...new Map(matchLabelExpressions.map(({ key, values }) => [key, [...new Set(values)].sort()]))].sort(([a], [b]) => (a < b ? -1 : 1))))
  return each(terms, field, ({ matchLabelExpressions: expressions = [] }, path, index) => {
    const at = `${path}.matchLabelExpressions`
    const keys = expressions.map(({ key }) => key)
    return [
      ...each(expressions, at, ({ key, values = [] }, place, i) => [
        ...(values.length ? [] : [required(`${place}.values`)]),
        ...each(values, `${place}.values`, (value, valuePath, j) => (isRepeated(values, value, j) ? [duplicate(valuePath, value)] : [])),
        ...validateLabelName(key, `${place}.key`),
        ...(isRepeated(keys, key, i) ? [duplicate(`${place}.key`, key)] : []),
      ]),
      ...(isRepeated(meanings, meanings[index]!, index) ? [duplicate(at, '')] : []),
    ]
  })
}

/** Volumes have been made by these; only growth, topology and mount options may still change. */
function validateChange(storageClass: StorageClass, old: StorageClass): FieldError[] {
  return [
    ...(['parameters', 'provisioner', 'reclaimPolicy'] as const).filter((name) => !semanticEqual(storageClass[name], old[name])).map((name) => forbidden(name, `updates to ${name} are forbidden.`)),
    ...(storageClass.volumeBindingMode === old.volumeBindingMode ? [] : [invalid('volumeBindingMode', storageClass.volumeBindingMode ?? null, immutableMessage)]),
  ]
}

function warnings({ allowedTopologies = [] }: StorageClass): string[] {
  return allowedTopologies.flatMap(({ matchLabelExpressions = [] }, i) => matchLabelExpressions.flatMap(({ key }, j) => {
    const sentence = replacedLabel(key)
    return sentence ? [`allowedTopologies[${i}].matchLabelExpressions[${j}].key: ${sentence}`] : []
  }))
}
