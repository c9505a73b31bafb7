import type { FieldError } from '../../errors.ts'
import { ConfigMap } from '../../types/core-v1/config.ts'
import { age, integer } from '../columns.ts'
import type { Kind } from '../kind.ts'
import { validateImmutable } from '../validation/immutable.ts'
import { invalid, invalidFor, tooLong } from '../validation/field.ts'
import { configMapKey } from '../validation/names.ts'
import { allVerbs } from '../verbs.ts'

export const configMaps: Kind<ConfigMap> = {
  group: '', version: 'v1', kind: 'ConfigMap', resource: 'configmaps', singular: 'configmap', shortNames: ['cm'],
  namespaced: true, verbs: allVerbs, schema: ConfigMap, storage: 'configmaps',
  doc: 'Configuration for pods as keys and values.',
  validate,
  validateUpdate: (map, old) => [...validateImmutable(map, old, ['data', 'binaryData']), ...validate(map)],
  columns: [integer('Data', ({ data = {}, binaryData = {} }) => Object.keys(data).length + Object.keys(binaryData).length, 'The number of keys.'), age],
}

/** 1 MiB, so that an object stays well below what the store takes. */
export const dataLimit = 1024 * 1024

function validate({ data = {}, binaryData = {} }: ConfigMap): FieldError[] {
  const size = Object.values(data).reduce((sum, value) => sum + Buffer.byteLength(value), 0) + Object.values(binaryData).reduce((sum, value) => sum + Buffer.byteLength(value, 'base64'), 0)
  return [
    ...Object.keys(data).flatMap((key) => [
      ...invalidFor(`data[${key}]`, key, configMapKey(key)),
      ...(Object.hasOwn(binaryData, key) ? [invalid(`data[${key}]`, key, 'duplicate of key present in binaryData')] : []),
    ]),
    ...Object.keys(binaryData).flatMap((key) => invalidFor(`binaryData[${key}]`, key, configMapKey(key))),
    ...(size > dataLimit ? [tooLong('', dataLimit)] : []),
  ]
}
