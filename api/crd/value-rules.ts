import { isDeepStrictEqual } from 'node:util'
import type { FieldError } from '../errors.ts'
import type { JSONSchemaProps } from '../types/apiextensions-v1/json-schema.ts'
import type { Correlation } from './correlation.ts'
import { hasFormat, isKnownFormat } from './formats.ts'
import { additionalOf, itemsOf } from './json-schema.ts'
import { isObject, ownValue } from './json-value.ts'
import { validateNumber } from './number-rules.ts'
import type { Pattern } from './pattern.ts'
import { compilePattern } from './pattern.ts'
import { child } from './paths.ts'
import { Result } from './result.ts'

/*
 * A value against an OpenAPI schema, with the messages of the original's validator: `spec.replicas in body must be of type
 * integer: "string"`. Paths inside begin at the value; `path` is put before them in the errors that come out.
 */

/** Every failed check. With `correlation` (an update) failures of what did not change are let pass. */
export function validateValue(value: unknown, schema: JSONSchemaProps | undefined, path = '', correlation?: Correlation): FieldError[] {
  if (!schema) return []
  return check(value, schema, '', correlation).failures.map(({ name, ...failure }) => ({
    ...failure, field: name === undefined ? path || '<nil>' : child(path, name.replace(/^\./, '')) || path || '<nil>',
  })).map((error) => ({ ...error, field: error.field.replace(/\.$/, '') }))
}

function check(value: unknown, schema: JSONSchemaProps, path: string, correlation: Correlation | undefined): Result {
  const result = new Result()
  if (value === null) {
    result.merge(type(value, schema, path))
    result.merge(enumerated(value, schema, path))
  } else {
    if (schema.type || schema['x-kubernetes-int-or-string'] || formatOf(schema)) result.merge(type(value, schema, path)).count()
    result.merge(combined(value, schema, path, correlation)).count()
    if (typeof value === 'string') result.merge(text(value, schema, path)).count()
    if (typeof value === 'string' && formatOf(schema)) result.merge(format(value, schema, path)).count()
    if (typeof value === 'number') result.merge(validateNumber(value, schema, path)).count()
    if (Array.isArray(value)) result.merge(list(value, schema, path, correlation)).count()
    result.merge(enumerated(value, schema, path)).count()
    if (isObject(value)) result.merge(object(value, schema, path, correlation)).count()
    result.count()
  }
  // Whatever is wrong with what did not change was let in before.
  if (correlation && result.failures.length > 0 && correlation.equal) result.forgive()
  return result
}

const typesOf = (schema: JSONSchemaProps): readonly string[] => (schema['x-kubernetes-int-or-string'] ? ['integer', 'string'] : schema.type ? [schema.type] : [])
/** Formats that nobody checks count as none. */
const formatOf = (schema: JSONSchemaProps): string => {
  if (!schema.format) return ''
  const types = typesOf(schema)
  return isKnownFormat(types.length === 1 ? types[0]! : '', schema.format) ? schema.format : ''
}

function type(value: unknown, schema: JSONSchemaProps, path: string): Result {
  const types = typesOf(schema)
  const result = new Result().count()
  if (value === null) return types.length > 0 && !schema.nullable ? wrongType(path, types.join(','), 'null') : result
  const wanted = formatOf(schema)
  const [actual, actualFormat] = typeOf(value)
  const stringLike = typeof value === 'string' || Array.isArray(value)
  const wholeFloat = typeof value === 'number' && Number.isInteger(value) && types.includes('integer')
  const fits = types.includes(actual) || wholeFloat || (actual === 'integer' && types.includes('number'))
  if (!stringLike && wanted && !(fits || actualFormat === wanted)) return wrongType(path, wanted, actualFormat)
  if (!types.includes('number') && !types.includes('integer') && wanted && stringLike) return result
  return fits ? result : wrongType(path, types.join(','), actual)
}

function typeOf(value: unknown): [type: string, format: string] {
  if (typeof value === 'boolean') return ['boolean', '']
  if (typeof value === 'string') return ['string', '']
  if (typeof value === 'number') return Number.isInteger(value) ? ['integer', 'int64'] : ['number', 'float64']
  return [Array.isArray(value) ? 'array' : 'object', '']
}

const wrongType = (path: string, wanted: string, actual: string): Result =>
  new Result().add({ type: 'TypeInvalid', name: path, value: actual, detail: `${path} in body must be of type ${wanted}: ${JSON.stringify(actual)}` })

function text(value: string, { maxLength, minLength, pattern }: JSONSchemaProps, path: string): Result {
  const result = new Result()
  const length = maxLength === undefined && minLength === undefined ? 0 : codePoints(value)
  if (maxLength !== undefined && length > maxLength) return result.add({ type: 'TooLong', name: path, detail: `may not be more than ${maxLength} bytes` })
  if (minLength !== undefined && length < minLength) return result.add({ type: 'Invalid', name: path, value, detail: `${path} in body should be at least ${minLength} chars long` })
  if (pattern && !matcher(pattern).test(value)) result.add({ type: 'Invalid', name: path, value, detail: `${path} in body should match '${pattern}'` })
  return result
}

function codePoints(value: string): number {
  let count = 0
  for (const _ of value) count++
  return count
}

const matchers = new Map<string, Pattern>()
const mostMatchers = 2000

/** Compiled once; a pattern that is none (kept from a definition that was never checked) matches nothing. */
function matcher(source: string): Pattern {
  const known = matchers.get(source)
  if (known) return known
  if (matchers.size >= mostMatchers) matchers.clear()
  let made: Pattern
  try {
    made = compilePattern(source)
  } catch {
    made = { test: () => false }
  }
  matchers.set(source, made)
  return made
}

function format(value: string, schema: JSONSchemaProps, path: string): Result {
  const wanted = formatOf(schema)
  return hasFormat(wanted, value) ? new Result() : new Result().add({ type: 'TypeInvalid', name: path, value, detail: `${path} in body must be of type ${wanted}: ${JSON.stringify(value)}` })
}

function enumerated(value: unknown, schema: JSONSchemaProps, path: string): Result {
  const allowed = schema.enum
  if (!allowed?.length) return new Result()
  const { values, detail } = enumOf(allowed)
  if (values.has(value) || (typeof value === 'object' && value !== null && allowed.some((one) => one !== null && isDeepStrictEqual(one, value)))) return new Result()
  return new Result().add({ type: 'NotSupported', name: path, value, detail: detail() })
}

interface Enum { readonly values: ReadonlySet<unknown>; detail(): string }

const enums = new WeakMap<readonly unknown[], Enum>()

/** A list may hold as many values as are allowed: each is looked up, and what is allowed is written down once. */
function enumOf(allowed: readonly unknown[]): Enum {
  let known = enums.get(allowed)
  if (!known) {
    let text: string | undefined
    known = {
      values: new Set(allowed),
      detail: () => (text ??= `supported values: ${allowed.map((one) => JSON.stringify(typeof one === 'string' ? one : JSON.stringify(one))).join(', ')}`),
    }
    enums.set(allowed, known)
  }
  return known
}

function list(items: readonly unknown[], schema: JSONSchemaProps, path: string, correlation: Correlation | undefined): Result {
  const result = new Result()
  const inner = itemsOf(schema)
  for (let i = 0; inner && i < items.length && !result.full; i++) result.merge(check(items[i], inner, `${path}[${i}]`, correlation?.index(i)))
  const { minItems, maxItems } = schema
  if (minItems !== undefined && items.length < minItems) result.add({ type: 'Invalid', name: path, value: items.length, detail: `${path} in body should have at least ${minItems} items` })
  if (maxItems !== undefined && items.length > maxItems) result.add({ type: 'TooMany', name: path, value: items.length, detail: `must have at most ${maxItems} items` })
  if (schema.uniqueItems && hasEqualItems(items)) result.add({ type: 'Invalid', name: path, value: '', detail: `${path} in body shouldn't contain duplicates` })
  return result.count()
}

const hasEqualItems = (items: readonly unknown[]): boolean => new Set(items.map((item) => JSON.stringify(item))).size < items.length

function object(value: Readonly<Record<string, unknown>>, schema: JSONSchemaProps, path: string, correlation: Correlation | undefined): Result {
  const result = new Result()
  const keys = Object.keys(value)
  const { minProperties, maxProperties, properties } = schema
  if (minProperties !== undefined && keys.length < minProperties) result.add({ type: 'Invalid', name: path, value: keys.length, detail: `${path} in body should have at least ${minProperties} properties` })
  if (maxProperties !== undefined && keys.length > maxProperties) result.add({ type: 'TooMany', name: path, value: keys.length, detail: `must have at most ${maxProperties} items` })
  const additional = additionalOf(schema)
  for (const key of keys) {
    if (result.full) break
    if (ownValue(properties, key)) continue
    if (schema.additionalProperties === false) result.add({ type: 'Invalid', name: path, value: key, detail: `${path}.${key} in body is a forbidden property` })
    else if (additional) result.merge(check(value[key], additional, `${path}.${key}`, correlation?.key(key)))
  }
  for (const [name, property] of Object.entries(properties ?? {})) {
    if (Object.hasOwn(value, name)) result.merge(check(value[name], property, path ? `${path}.${name}` : name, correlation?.key(name)))
  }
  for (const name of schema.required ?? []) if (!Object.hasOwn(value, name)) result.add({ type: 'Required', name: `${path}.${name}`, detail: '' })
  return result
}

/** `anyOf`, `oneOf`, `allOf` and `not`; of alternatives that all fail, the failures of the one that came closest are told. */
function combined(value: unknown, schema: JSONSchemaProps, path: string, correlation: Correlation | undefined): Result {
  const result = new Result()
  const { anyOf, oneOf, allOf, not } = schema
  const quoted = JSON.stringify(path)
  const against = (one: JSONSchemaProps): Result => check(value, one, path, correlation)
  const composite = (detail: string): Result => result.add({ type: 'Invalid', name: undefined, value: '', detail })
  if (anyOf?.length) {
    const tried = firstGood(anyOf, against)
    if (!tried.good) composite(`${quoted} must validate at least one schema (anyOf)`)
    result.merge(tried.good ?? tried.best)
  }
  if (oneOf?.length) {
    const results = oneOf.map(against)
    const good = results.filter(({ failures }) => failures.length === 0)
    if (good.length === 1) result.merge(good[0]!)
    else {
      composite(`${quoted} must validate one and only one schema (oneOf). ${good.length === 0 ? 'Found none valid' : `Found ${good.length} valid alternatives`}`)
      if (good.length === 0) result.merge(closest(results))
    }
  }
  if (allOf?.length) {
    const results = allOf.map(against)
    const good = results.filter(({ failures }) => failures.length === 0).length
    for (const one of results) result.merge(one)
    if (good < results.length) composite(`${quoted} must validate all the schemas (allOf)${good === 0 ? '. None validated' : ''}`)
  }
  if (not && against(not).failures.length === 0) composite(`${quoted} must not validate the schema (not)`)
  return result.count()
}

function firstGood(schemas: readonly JSONSchemaProps[], against: (schema: JSONSchemaProps) => Result): { good?: Result; best: Result } {
  const failed: Result[] = []
  for (const schema of schemas) {
    const result = against(schema)
    if (result.failures.length === 0) return { good: result, best: result }
    failed.push(result)
  }
  return { best: closest(failed) }
}

const closest = (results: readonly Result[]): Result => results.reduce((best, result) => (result.matches > best.matches ? result : best))
