import type { FieldError } from '../errors.ts'
import { invalid, required } from '../kinds/validation/field.ts'
import { validateObjectMeta } from '../kinds/validation/metadata.ts'
import { dnsLabel1035, pathSegment } from '../kinds/validation/names.ts'
import { DecodeError, Run } from '../schema/decode-run.ts'
import type { JSONSchemaProps } from '../types/apiextensions-v1/json-schema.ts'
import { ObjectMeta } from '../types/meta-v1/meta.ts'
import { additionalOf, itemsOf } from './json-schema.ts'
import type { JsonObject } from './json-value.ts'
import { isObject, ownValue } from './json-value.ts'
import { at, child } from './paths.ts'

/*
 * Resources within resources: a field marked `x-kubernetes-embedded-resource` holds a whole object, whose metadata is
 * that of every object.
 */

/** Metadata as decoded; `unknown` are the names in it that nobody knows. Throws `DecodeError` in Go's words. */
export function decodeMeta(value: unknown): { meta: ObjectMeta; unknown: readonly string[] } {
  const run = new Run(true)
  try {
    return { meta: run.root(ObjectMeta, value) as ObjectMeta, unknown: run.unknown }
  } catch (error) {
    // Times that cannot be read are another class of error there.
    throw error instanceof DecodeError ? error : new DecodeError((error as Error).message)
  }
}

/** An embedded resource whose metadata, `apiVersion` or `kind` has the wrong form. */
export class EmbeddedError extends Error {
  override readonly name = 'EmbeddedError'
  readonly error: FieldError

  constructor(error: FieldError) {
    super(error.detail)
    this.error = error
  }
}

/** Brings the metadata of all embedded resources into form, in place. Throws `EmbeddedError`. */
export function coerceEmbedded(value: unknown, schema: JSONSchemaProps | undefined, path = '', unknown?: string[]): void {
  if (!schema || !hasEmbedded(schema)) return
  visit(value, schema, path, (resource, where) => {
    for (const name of ['apiVersion', 'kind']) {
      const given = ownValue(resource, name)
      if (given !== undefined && typeof given !== 'string') throw new EmbeddedError(invalid(child(where, name), given, 'must be a string'))
    }
    if (!Object.hasOwn(resource, 'metadata')) return
    try {
      const decoded = decodeMeta(resource['metadata'])
      resource['metadata'] = decoded.meta
      unknown?.push(...decoded.unknown.map((name) => child(child(where, 'metadata'), name)))
    } catch (error) {
      throw new EmbeddedError(invalid(child(where, 'metadata'), resource['metadata'], (error as Error).message))
    }
  })
}

/** Every failed check of the resources embedded in a value. */
export function validateEmbedded(value: unknown, schema: JSONSchemaProps | undefined, path = ''): FieldError[] {
  const errors: FieldError[] = []
  if (schema && hasEmbedded(schema)) visit(value, schema, path, (resource, where) => { errors.push(...check(resource, where)) })
  return errors
}

function check(resource: JsonObject, path: string): FieldError[] {
  const apiVersion = ownValue(resource, 'apiVersion')
  const kind = ownValue(resource, 'kind')
  return [
    ...(apiVersion === undefined ? [required(child(path, 'apiVersion'))] : version(apiVersion, child(path, 'apiVersion'))),
    ...(kind === undefined ? [required(child(path, 'kind'))] : kindOf(kind, child(path, 'kind'))),
    ...(Object.hasOwn(resource, 'metadata') ? metadata(resource['metadata'], child(path, 'metadata')) : []),
  ]
}

function version(value: unknown, path: string): FieldError[] {
  if (typeof value !== 'string') return [invalid(path, value, 'must be a string')]
  if (value === '') return [invalid(path, value, 'must not be empty')]
  return value.split('/').length > 2 ? [invalid(path, value, `unexpected GroupVersion string: ${value}`)] : []
}

function kindOf(value: unknown, path: string): FieldError[] {
  if (typeof value !== 'string') return [invalid(path, value, 'must be a string')]
  if (value === '') return [invalid(path, value, 'must not be empty')]
  const wrong = dnsLabel1035(value.toLowerCase())
  return wrong.length > 0 ? [invalid(path, value, `may have mixed case, but should otherwise match: ${wrong.join(',')}`)] : []
}

function metadata(value: unknown, path: string): FieldError[] {
  try {
    const { meta } = decodeMeta(value)
    const named = { ...meta, name: meta.name || 'fakename' }
    return validateObjectMeta(named, { nameRule: pathSegment, namespaced: Boolean(meta.namespace) }).map((error) => ({ ...error, field: error.field.replace(/^metadata/, path) }))
  } catch (error) {
    return [invalid(path, value, (error as Error).message)]
  }
}

function visit(value: unknown, schema: JSONSchemaProps, path: string, each: (resource: JsonObject, path: string) => void): void {
  if (Array.isArray(value)) {
    const items = itemsOf(schema)
    if (items && hasEmbedded(items)) value.forEach((item, i) => visit(item, items, at(path, i), each))
  } else if (isObject(value)) {
    if (schema['x-kubernetes-embedded-resource']) each(value, path)
    const additional = additionalOf(schema)
    for (const key of Object.keys(value)) {
      const property = ownValue(schema.properties, key)
      if (property) visit(value[key], property, child(path, key), each)
      else if (additional) visit(value[key], additional, at(path, key), each)
    }
  }
}

const embedding = new WeakMap<JSONSchemaProps, boolean>()

function hasEmbedded(schema: JSONSchemaProps): boolean {
  const known = embedding.get(schema)
  if (known !== undefined) return known
  const below = [...Object.values(schema.properties ?? {}), itemsOf(schema), additionalOf(schema)]
  const has = schema['x-kubernetes-embedded-resource'] === true || below.some((one) => one !== undefined && hasEmbedded(one))
  embedding.set(schema, has)
  return has
}
