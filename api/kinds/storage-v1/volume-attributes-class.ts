import type { FieldError } from '../../errors.ts'
import { VolumeAttributesClass } from '../../types/storage-v1.ts'
import { age, text } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { semanticEqual } from '../validation/equal.ts'
import { forbidden, required } from '../validation/field.ts'
import { validateParameters, validateProvisioner } from '../validation/parameters.ts'
import { allVerbs } from '../verbs.ts'

const isDefault = 'volumeattributesclass.alpha.kubernetes.io/is-default-class'

export const volumeAttributesClasses: Kind<VolumeAttributesClass> = {
  group: 'storage.k8s.io', version: 'v1', kind: 'VolumeAttributesClass', resource: 'volumeattributesclasses', singular: 'volumeattributesclass', shortNames: ['vac'],
  namespaced: false, verbs: allVerbs, schema: VolumeAttributesClass, storage: 'volumeattributesclasses',
  doc: 'A set of attributes of volumes that may change while they are in use.',
  validate,
  validateUpdate: (attributes, old) => [
    ...validate(attributes),
    ...(['driverName', 'parameters'] as const).filter((name) => !semanticEqual(attributes[name], old[name])).map((name) => forbidden(name, `updates to ${name} are forbidden.`)),
  ],
  columns: [
    { name: 'Name', type: 'string', format: 'name', description: 'The name, and whether it is the default.', value: ({ metadata }) => (metadata.annotations?.[isDefault] === 'true' ? `${metadata.name} (default)` : metadata.name) },
    text('DriverName', ({ driverName }) => driverName, 'The driver it is for.'),
    age,
  ],
}

function validate({ driverName, parameters }: VolumeAttributesClass): FieldError[] {
  const none = !Object.keys(parameters ?? {}).length
  return [...validateProvisioner(driverName, 'driverName'), ...(none ? [required('parameters', 'must contain at least one key/value pair')] : validateParameters(parameters, 'parameters'))]
}
