import type { FieldError } from '../../errors.ts'
import { DeviceClass } from '../../types/resource-v1/resource-claim.ts'
import { age } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { raiseGeneration } from '../strategy.ts'
import { semanticEqual } from '../validation/equal.ts'
import { each, invalidFor, tooMany } from '../validation/field.ts'
import { qualifiedName } from '../validation/names.ts'
import { allVerbs } from '../verbs.ts'
import { validateConfiguration, validateSelectors } from './claim-validation.ts'

export const deviceClasses: Kind<DeviceClass> = {
  group: 'resource.k8s.io', version: 'v1', kind: 'DeviceClass', resource: 'deviceclasses', singular: 'deviceclass',
  namespaced: false, verbs: allVerbs, schema: DeviceClass, storage: 'deviceclasses',
  doc: 'A sort of device that claims may ask for.',
  prepareForCreate({ metadata }) { metadata.generation = 1 },
  prepareForUpdate(cls, old) { raiseGeneration(cls, old, !semanticEqual(cls.spec, old.spec)) },
  validate,
  columns: [age],
}

function validate({ spec }: DeviceClass): FieldError[] {
  const { config = [], extendedResourceName: name } = spec
  return [
    ...validateSelectors(spec.selectors, 'spec.selectors'),
    ...(config.length > 32 ? [tooMany('spec.config', config.length, 32)] : each(config, 'spec.config', validateConfiguration)),
    ...(name === undefined ? [] : invalidFor('spec.extendedResourceName', name, qualifiedName(name))),
  ]
}
