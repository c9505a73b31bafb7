import type { FieldError } from '../errors.ts'
import { fieldErrorBody } from '../errors.ts'
import { semanticEqual } from '../kinds/validation/equal.ts'
import { forbidden, invalid, required } from '../kinds/validation/field.ts'
import type { JSONSchemaProps } from '../types/apiextensions-v1/json-schema.ts'
import { additionalOf, itemsOf } from './json-schema.ts'
import { at, child } from './paths.ts'
import { compilePattern } from './pattern.ts'

/*
 * What makes a schema structural: every field is declared once, outside the value validations (`allOf`, `anyOf`, `oneOf`,
 * `not`), which may only narrow what is declared.
 */

type Level = 'root' | 'item' | 'field'

const intOrString: readonly JSONSchemaProps[] = [{ type: 'integer' }, { type: 'string' }]
const isIntOrString = (anyOf: readonly JSONSchemaProps[] | undefined): boolean => anyOf?.length === 2 && semanticEqual(anyOf, intOrString)

/** Every broken rule, sorted by its text as the original tells them. */
export function validateStructural(schema: JSONSchemaProps, path: string): FieldError[] {
  const errors = [...invariants(schema, 'root', path), ...completeness(schema, schema, path, path)]
  return errors.map((error) => ({ error, text: `${error.field}: ${fieldErrorBody(error)}` })).sort((a, b) => (a.text < b.text ? -1 : a.text > b.text ? 1 : 0)).map(({ error }) => error)
}

function invariants(schema: JSONSchemaProps, level: Level, path: string): FieldError[] {
  const items = itemsOf(schema)
  const additional = additionalOf(schema)
  const errors: FieldError[] = []
  if (schema.type === 'array' && !items) errors.push(required(child(path, 'items'), 'must be specified'))
  if (items) errors.push(...invariants(items, 'item', child(path, 'items')))
  for (const [name, property] of Object.entries(schema.properties ?? {})) errors.push(...invariants(property, 'field', at(child(path, 'properties'), name)))
  if (schema.additionalProperties !== undefined) {
    if (level === 'root') errors.push(forbidden(child(path, 'additionalProperties'), 'must not be used at the root'))
    if (additional) errors.push(...invariants(additional, 'field', child(path, 'additionalProperties')))
  }
  errors.push(...extensions(schema, path), ...values(schema, level, path), ...types(schema, level, path), ...metadata(schema, level, path))
  return errors
}

function extensions(schema: JSONSchemaProps, path: string): FieldError[] {
  if (!schema['x-kubernetes-int-or-string']) return []
  const clash = (['x-kubernetes-preserve-unknown-fields', 'x-kubernetes-embedded-resource'] as const).filter((name) => schema[name])
  return clash.map((name) => invalid(child(path, name), true, 'must be false if x-kubernetes-int-or-string is true'))
}

const emptyType: Readonly<Record<Level, string>> = {
  root: 'must not be empty at the root', item: 'must not be empty for specified array items', field: 'must not be empty for specified object fields',
}

function types(schema: JSONSchemaProps, level: Level, path: string): FieldError[] {
  const embedded = schema['x-kubernetes-embedded-resource']
  const type = child(path, 'type')
  const errors: FieldError[] = []
  if (embedded && schema.type !== 'object') {
    const detail = 'must be object if x-kubernetes-embedded-resource is true'
    errors.push(schema.type ? invalid(type, schema.type, detail) : required(type, detail))
  } else if (!schema.type && !schema['x-kubernetes-int-or-string'] && !schema['x-kubernetes-preserve-unknown-fields']) {
    errors.push(required(type, emptyType[level]))
  }
  if (embedded && schema.additionalProperties !== undefined) errors.push(forbidden(child(path, 'additionalProperties'), 'must not be used if x-kubernetes-embedded-resource is set'))
  if (level === 'root' && schema.type && schema.type !== 'object') errors.push(invalid(type, schema.type, 'must be object at the root'))
  if (embedded && !schema['x-kubernetes-preserve-unknown-fields'] && !hasKeys(schema.properties)) {
    errors.push(required(child(path, 'properties'), 'must not be empty if x-kubernetes-embedded-resource is true without x-kubernetes-preserve-unknown-fields'))
  }
  return errors
}

/** `apiVersion`, `kind` and `metadata` are known already, at the root and in embedded resources. */
function metadata(schema: JSONSchemaProps, level: Level, path: string): FieldError[] {
  const errors: FieldError[] = []
  const isResource = level === 'root' || schema['x-kubernetes-embedded-resource'] === true
  const properties = schema.properties ?? {}
  for (const name of ['kind', 'apiVersion']) {
    const property = own(properties, name)
    if (isResource && property && property.type !== 'string') errors.push(invalid(child(at(child(path, 'properties'), name), 'type'), property.type ?? '', 'must be string'))
  }
  const meta = own(properties, 'metadata')
  if (!meta) return errors
  const metaPath = at(child(path, 'properties'), 'metadata')
  if (isResource && meta.type !== 'object') errors.push(invalid(child(metaPath, 'type'), meta.type ?? '', 'must be object'))
  if (level === 'root' && saysMore(meta)) errors.push(forbidden(metaPath, 'must not specify anything other than name and generateName, but metadata is implicitly specified'))
  return errors
}

/** The metadata of a resource may only narrow its names. */
function saysMore({ type: _, default: __, properties = {}, ...rest }: JSONSchemaProps): boolean {
  return Object.keys(properties).some((name) => name !== 'name' && name !== 'generateName') || hasKeys(rest)
}

function values(schema: JSONSchemaProps, level: Level, path: string): FieldError[] {
  return valueRules(schema, isIntOrString(schema.anyOf), isIntOrString(schema.allOf?.[0]?.anyOf), level, path)
}

function valueRules(schema: JSONSchemaProps, skipAnyOf: boolean, skipFirstAllOf: boolean, level: Level, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (!skipAnyOf) (schema.anyOf ?? []).forEach((one, i) => errors.push(...nested(one, false, level, at(child(path, 'anyOf'), i))))
  ;(schema.allOf ?? []).forEach((one, i) => errors.push(...nested(one, skipFirstAllOf && i === 0, level, at(child(path, 'allOf'), i))))
  ;(schema.oneOf ?? []).forEach((one, i) => errors.push(...nested(one, false, level, at(child(path, 'oneOf'), i))))
  if (schema.not) errors.push(...nested(schema.not, false, level, child(path, 'not')))
  if (schema.pattern) {
    const why = whyNoPattern(schema.pattern)
    if (why) errors.push(invalid(child(path, 'pattern'), schema.pattern, `must be a valid regular expression, but isn't: ${why}`))
  }
  return errors
}

function whyNoPattern(pattern: string): string | undefined {
  try {
    compilePattern(pattern)
    return undefined
  } catch (error) {
    return (error as Error).message
  }
}

/** What a value validation must not say, since it would declare instead of narrow. */
const declaring: readonly (readonly [keyof JSONSchemaProps, string])[] = [
  ['type', 'must be empty to be structural'], ['additionalProperties', 'must be undefined to be structural'], ['default', 'must be undefined to be structural'],
  ['title', 'must be empty to be structural'], ['description', 'must be empty to be structural'], ['nullable', 'must be false to be structural'],
  ['x-kubernetes-preserve-unknown-fields', 'must be false to be structural'], ['x-kubernetes-embedded-resource', 'must be false to be structural'],
  ['x-kubernetes-int-or-string', 'must be false to be structural'], ['x-kubernetes-list-map-keys', 'must be empty to be structural'],
  ['x-kubernetes-list-type', 'must be undefined to be structural'], ['x-kubernetes-map-type', 'must be undefined to be structural'],
  ['x-kubernetes-validations', 'must be empty to be structural'],
]

function nested(schema: JSONSchemaProps, skipAnyOf: boolean, level: Level, path: string): FieldError[] {
  const errors = valueRules(schema, skipAnyOf, false, level, path)
  const items = itemsOf(schema)
  if (items) errors.push(...nested(items, false, level, child(path, 'items')))
  for (const [name, property] of Object.entries(schema.properties ?? {})) errors.push(...nested(property, false, 'field', at(child(path, 'properties'), name)))
  for (const [name, detail] of declaring) if (says(schema, name)) errors.push(forbidden(child(path, name), detail))
  if (own(schema.properties ?? {}, 'metadata')) errors.push(forbidden(at(child(path, 'properties'), 'metadata'), 'must not be specified in a nested context'))
  return errors
}

function says(schema: JSONSchemaProps, name: keyof JSONSchemaProps): boolean {
  const value = schema[name]
  return value !== undefined && value !== false && value !== '' && !(Array.isArray(value) && value.length === 0)
}

/** Every field that a value validation speaks of must be declared. */
function completeness(validation: JSONSchemaProps, declared: JSONSchemaProps | undefined, declaredPath: string, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (validation.not) errors.push(...declaredFor(validation.not, declared, declaredPath, child(path, 'not')))
  for (const word of ['allOf', 'anyOf', 'oneOf'] as const) {
    ;(validation[word] ?? []).forEach((one, i) => errors.push(...declaredFor(one, declared, declaredPath, at(child(path, word), i))))
  }
  return errors
}

function declaredFor(validation: JSONSchemaProps, declared: JSONSchemaProps | undefined, declaredPath: string, path: string): FieldError[] {
  if (!declared) return [required(declaredPath, `because it is defined in ${path}`)]
  const errors = completeness(validation, declared, declaredPath, path)
  const items = itemsOf(validation)
  if (items) errors.push(...declaredFor(items, itemsOf(declared), child(declaredPath, 'items'), child(path, 'items')))
  for (const [name, property] of Object.entries(validation.properties ?? {})) {
    errors.push(...declaredFor(property, own(declared.properties ?? {}, name), at(child(declaredPath, 'properties'), name), at(child(path, 'properties'), name)))
  }
  return errors
}

const own = <T>(map: Readonly<Record<string, T>>, key: string): T | undefined => (Object.hasOwn(map, key) ? map[key] : undefined)
const hasKeys = (map: object | undefined): boolean => map !== undefined && Object.keys(map).length > 0
