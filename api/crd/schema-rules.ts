import type { FieldError } from '../errors.ts'
import { forbidden, invalid, notSupported, required } from '../kinds/validation/field.ts'
import type { JSONSchemaProps } from '../types/apiextensions-v1/json-schema.ts'
import { itemsOf } from './json-schema.ts'
import { at, child } from './paths.ts'
import { ruleSyntax } from './rule-syntax.ts'

/*
 * What a schema of a definition may say at all, structural or not: the words that Kubernetes supports, and which of them go together.
 */

interface Place {
  /** Why a default may not be set here; undefined where it may. */
  readonly noDefaults: string | undefined
  /** Inside `apiVersion`, `kind` or `metadata` of a resource. */
  readonly insideMeta: boolean
}

/** Every broken rule of a whole schema. */
export const validateSchema = (schema: JSONSchemaProps, path: string): FieldError[] => check(schema, path, { noDefaults: undefined, insideMeta: false }, true)

const metaFields = new Set(['metadata', 'kind', 'apiVersion'])

function check(schema: JSONSchemaProps, path: string, place: Place, root: boolean): FieldError[] {
  const errors = words(schema, path, place)
  if (schema.uniqueItems) errors.push(forbidden(child(path, 'uniqueItems'), 'uniqueItems cannot be set to true since the runtime complexity becomes quadratic'))
  errors.push(...below(schema, path, place, root))
  if (schema['x-kubernetes-preserve-unknown-fields'] === false) errors.push(invalid(child(path, 'x-kubernetes-preserve-unknown-fields'), false, 'must be true or undefined'))
  errors.push(...mapType(schema, path), ...listType(schema, path), ...listItems(schema, path))
  ;(schema['x-kubernetes-validations'] ?? []).forEach((rule, i) => errors.push(...ruleSyntax(schema, rule, at(child(path, 'x-kubernetes-validations'), i))))
  return errors
}

function below(schema: JSONSchemaProps, path: string, place: Place, root: boolean): FieldError[] {
  const errors: FieldError[] = []
  const into = (one: JSONSchemaProps | undefined, where: string, inside: Place = place): void => { if (one) errors.push(...check(one, where, inside, false)) }
  const { additionalProperties, properties = {} } = schema
  if (additionalProperties !== undefined) {
    const where = child(path, 'additionalProperties')
    if (hasKeys(properties) && additionalProperties !== true) errors.push(forbidden(where, 'additionalProperties and properties are mutual exclusive'))
    if (typeof additionalProperties === 'object') into(additionalProperties, where, place.insideMeta ? { ...place, noDefaults: 'inside additionalProperties applying to object metadata' } : place)
  }
  for (const [name, property] of Object.entries(properties)) {
    const isMeta = (root || schema['x-kubernetes-embedded-resource'] === true) && metaFields.has(name)
    into(property, at(child(path, 'properties'), name), isMeta ? { insideMeta: true, noDefaults: root ? `in top-level ${name}` : place.noDefaults } : place)
  }
  into(schema.not, child(path, 'not'))
  for (const word of ['allOf', 'oneOf', 'anyOf'] as const) (schema[word] ?? []).forEach((one, i) => into(one, at(child(path, word), i)))
  for (const [name, one] of Object.entries(schema.definitions ?? {})) into(one, at(child(path, 'definitions'), name))
  if (Array.isArray(schema.items)) schema.items.forEach((one, i) => into(one, at(child(path, 'items'), i)))
  else into(schema.items, child(path, 'items'))
  for (const [name, one] of Object.entries(schema.dependencies ?? {})) if (!Array.isArray(one)) into(one, at(child(path, 'dependencies'), name))
  return errors
}

export const openApiTypes: readonly string[] = ['array', 'boolean', 'integer', 'number', 'object', 'string']
const refused = ['id', 'additionalItems', 'patternProperties', 'definitions', 'dependencies', '$ref'] as const

/** The words of JSON schema that are left out, and those that are not allowed in this place. */
function words(schema: JSONSchemaProps, path: string, { noDefaults, insideMeta }: Place): FieldError[] {
  const errors: FieldError[] = []
  if (schema.type && !openApiTypes.includes(schema.type)) errors.push(notSupported(child(path, 'type'), schema.type, openApiTypes))
  if (schema.default !== undefined && noDefaults !== undefined) errors.push(forbidden(child(path, 'default'), `must not be set ${noDefaults}`))
  for (const name of refused) if (isSet(schema[name])) errors.push(forbidden(child(path, name), `${name} is not supported`))
  if (schema.type === 'null') errors.push(forbidden(child(path, 'type'), 'type cannot be set to null, use nullable as an alternative'))
  if (Array.isArray(schema.items) && schema.items.length > 0) errors.push(forbidden(child(path, 'items'), 'items must be a schema object and not an array'))
  if (insideMeta && schema['x-kubernetes-embedded-resource']) errors.push(forbidden(child(path, 'x-kubernetes-embedded-resource'), 'must not be used inside of resource meta'))
  return errors
}

const isSet = (value: unknown): boolean => value !== undefined && value !== '' && !(typeof value === 'object' && !hasKeys(value as object))

function mapType(schema: JSONSchemaProps, path: string): FieldError[] {
  const type = schema['x-kubernetes-map-type']
  if (type === undefined) return []
  return [
    ...mustBe('object', schema, path, 'must be object if x-kubernetes-map-type is specified'),
    ...(type === 'atomic' || type === 'granular' ? [] : [notSupported(child(path, 'x-kubernetes-map-type'), type, ['atomic', 'granular'])]),
  ]
}

function mustBe(type: string, schema: JSONSchemaProps, path: string, detail: string): FieldError[] {
  if (schema.type === type) return []
  return [schema.type ? invalid(child(path, 'type'), schema.type, detail) : required(child(path, 'type'), detail)]
}

function listType(schema: JSONSchemaProps, path: string): FieldError[] {
  const type = schema['x-kubernetes-list-type']
  const where = child(path, 'x-kubernetes-list-type')
  const keys = schema['x-kubernetes-list-map-keys'] ?? []
  const errors: FieldError[] = []
  if (type !== undefined && schema.type !== 'array') errors.push(...mustBe('array', schema, path, 'must be array if x-kubernetes-list-type is specified'))
  else if (type === 'set') errors.push(...setItems(itemsOf(schema), path))
  if (type !== undefined && type !== 'atomic' && type !== 'set' && type !== 'map') errors.push(notSupported(where, type, ['atomic', 'set', 'map']))
  if (keys.length > 0) {
    const detail = 'must be map if x-kubernetes-list-map-keys is non-empty'
    if (type === undefined) errors.push(required(where, detail))
    else if (type !== 'map') errors.push(invalid(where, type, detail))
  }
  return type === 'map' ? [...errors, ...mapItems(schema, keys, path)] : errors
}

/** Items of a set are compared as a whole. */
function setItems(items: JSONSchemaProps | undefined, path: string): FieldError[] {
  const detail = 'must be atomic as item of a list with x-kubernetes-list-type=set'
  const itemType = items?.['x-kubernetes-list-type']
  if (items?.type === 'array' && itemType !== undefined && itemType !== 'atomic') return [invalid(child(path, 'items.x-kubernetes-list-type'), itemType, detail)]
  if (items?.type === 'object' && items['x-kubernetes-map-type'] !== 'atomic') return [invalid(child(path, 'items.x-kubernetes-map-type'), itemType ?? null, detail)]
  return []
}

function mapItems(schema: JSONSchemaProps, keys: readonly string[], path: string): FieldError[] {
  const errors: FieldError[] = []
  const items = itemsOf(schema)
  const keysPath = child(path, 'x-kubernetes-list-map-keys')
  if (keys.length === 0) errors.push(required(keysPath, 'must not be empty if x-kubernetes-list-type is map'))
  if (schema.items === undefined) errors.push(required(child(path, 'items'), 'must have a schema if x-kubernetes-list-type is map'))
  else if (!items) errors.push(invalid(child(path, 'items'), schema.items, 'must only have a single schema if x-kubernetes-list-type is map'))
  else if (items.type !== 'object') errors.push(invalid(child(path, 'items.type'), items.type ?? '', "must be object if parent array's x-kubernetes-list-type is map"))
  if (items?.type !== 'object') return errors
  const seen = new Set<string>()
  for (const key of keys) {
    const property = Object.hasOwn(items.properties ?? {}, key) ? items.properties![key] : undefined
    if (!property) errors.push(invalid(keysPath, keys, 'entries must all be names of item properties'))
    else if (property.type === 'array' || property.type === 'object') errors.push(invalid(child(at(child(path, 'items.properties'), key), 'type'), items.type, "must be a scalar type if parent array's x-kubernetes-list-type is map"))
    if (seen.has(key)) errors.push(invalid(keysPath, keys, 'must not contain duplicate entries'))
    seen.add(key)
  }
  return errors
}

/** Items of sets and maps are never null, and the keys of a map are always there. */
function listItems(schema: JSONSchemaProps, path: string): FieldError[] {
  const type = schema['x-kubernetes-list-type']
  const items = itemsOf(schema)
  if (!items || (type !== 'set' && type !== 'map')) return []
  const errors: FieldError[] = []
  if (items.nullable) errors.push(forbidden(child(path, 'items.nullable'), `cannot be nullable when x-kubernetes-list-type is ${type}`))
  if (type === 'set') return errors
  for (const key of schema['x-kubernetes-list-map-keys'] ?? []) {
    const property = Object.hasOwn(items.properties ?? {}, key) ? items.properties![key] : undefined
    if (!property) continue
    const where = at(child(path, 'items.properties'), key)
    if (!items.required?.includes(key) && property.default === undefined) {
      errors.push(required(child(where, 'default'), 'this property is in x-kubernetes-list-map-keys, so it must have a default or be a required property'))
    }
    if (property.nullable) errors.push(forbidden(child(where, 'nullable'), 'this property is in x-kubernetes-list-map-keys, so it cannot be nullable'))
  }
  return errors
}

const hasKeys = (map: object): boolean => Object.keys(map).length > 0
