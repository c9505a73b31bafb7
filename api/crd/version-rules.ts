import type { FieldError } from '../errors.ts'
import { duplicate, invalid, required, tooMany } from '../kinds/validation/field.ts'
import type {
  CustomResourceColumnDefinition, CustomResourceDefinitionVersion, CustomResourceSubresources, SelectableField,
} from '../types/apiextensions-v1/custom-resource-definition.ts'
import type { JSONSchemaProps } from '../types/apiextensions-v1/json-schema.ts'
import { at, child } from './paths.ts'
import { schemaPath } from './schema-path.ts'

const columnTypes: readonly string[] = ['boolean', 'date', 'integer', 'number', 'string']
const columnFormats: readonly string[] = ['byte', 'date', 'date-time', 'double', 'float', 'int32', 'int64', 'password']

export function validateColumn({ name, type, format, jsonPath }: CustomResourceColumnDefinition, path: string): FieldError[] {
  const errors: FieldError[] = []
  const types = `must be one of ${columnTypes.join(',')}`
  if (!name) errors.push(required(child(path, 'name')))
  if (!type) errors.push(required(child(path, 'type'), types))
  else if (!columnTypes.includes(type)) errors.push(invalid(child(path, 'type'), type, types))
  if (format && !columnFormats.includes(format)) errors.push(invalid(child(path, 'format'), format, `must be one of ${columnFormats.join(',')}`))
  return [...errors, ...(jsonPath ? simplePath(jsonPath, child(path, 'JSONPath')) : [required(child(path, 'JSONPath'))])]
}

const simplePath = (text: string, path: string): FieldError[] => (text.startsWith('.') ? [] : [invalid(path, text, 'must be a simple json path starting with .')])

export function validateSubresources(subresources: CustomResourceSubresources | undefined, path: string): FieldError[] {
  const scale = subresources?.scale
  if (!scale) return []
  const { specReplicasPath, statusReplicasPath, labelSelectorPath } = scale
  return [
    ...replicasPath(specReplicasPath, '.spec.', 'should be a json path under .spec', child(path, 'scale.specReplicasPath')),
    ...replicasPath(statusReplicasPath, '.status.', 'should be a json path under .status', child(path, 'scale.statusReplicasPath')),
    ...(labelSelectorPath ? selectorPath(labelSelectorPath, child(path, 'scale.labelSelectorPath')) : []),
  ]
}

function replicasPath(text: string, prefix: string, detail: string, path: string): FieldError[] {
  if (!text) return [required(path)]
  const wrong = simplePath(text, path)
  return wrong.length > 0 || text.startsWith(prefix) ? wrong : [invalid(path, text, detail)]
}

function selectorPath(text: string, path: string): FieldError[] {
  const wrong = simplePath(text, path)
  return wrong.length > 0 || text.startsWith('.spec.') || text.startsWith('.status.') ? wrong : [invalid(path, text, 'should be a json path under either .spec or .status')]
}

const mostSelectable = 8

/** `excused`: there were too many before and they did not change. */
export function validateSelectableFields(fields: readonly SelectableField[], schema: JSONSchemaProps | undefined, path: string, excused: boolean): FieldError[] {
  const errors: FieldError[] = []
  const seen = new Set<string>()
  fields.forEach(({ jsonPath }, i) => {
    const where = child(at(path, i), 'jsonPath')
    if (!jsonPath) return errors.push(required(where))
    const found = schemaPath(jsonPath, schema ?? {}, false)
    if ('why' in found) return errors.push(invalid(where, jsonPath, `is an invalid path: ${found.why}`))
    if (found.steps[0] === 'metadata') errors.push(invalid(where, jsonPath, 'must not point to fields in metadata'))
    if (!['string', 'boolean', 'integer'].includes(found.schema.type ?? '')) errors.push(invalid(where, jsonPath, 'must point to a field of type string, boolean or integer. Enum string fields and strings with formats are allowed.'))
    if (seen.has(found.path)) errors.push(duplicate(where, jsonPath))
    return seen.add(found.path)
  })
  if (seen.size > mostSelectable && !excused) errors.push(tooMany(path, seen.size, mostSelectable))
  return errors
}

/** What is told to users of an old version. */
export function validateDeprecation({ deprecated, deprecationWarning }: CustomResourceDefinitionVersion, path: string): FieldError[] {
  if (deprecationWarning === undefined) return []
  const wrong = (detail: string): FieldError[] => [invalid(child(path, 'deprecationWarning'), deprecationWarning, detail)]
  if (!deprecated) return wrong('can only be set for deprecated versions')
  const unprintable = /[\p{C}\p{Zl}\p{Zp}]|(?! )\p{Zs}/u.exec(deprecationWarning)
  return [
    ...(Buffer.byteLength(deprecationWarning) > 256 ? wrong('must be <= 256 characters long') : []),
    ...(deprecationWarning === '' ? wrong('must not be an empty string') : []),
    ...(unprintable ? wrong(`must only contain printable UTF-8 characters; non-printable character found at index ${Buffer.byteLength(deprecationWarning.slice(0, unprintable.index))}`) : []),
  ]
}
