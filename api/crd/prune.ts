import type { JSONSchemaProps } from '../types/apiextensions-v1/json-schema.ts'
import { additionalOf, itemsOf } from './json-schema.ts'
import type { JsonObject } from './json-value.ts'
import { isObject, ownValue } from './json-value.ts'

/*
 * What no schema names falls away. `unknown`, when given, collects the paths of what fell: `spec.list[0].foo`.
 */

const metaFields = new Set(['apiVersion', 'kind', 'metadata'])

/** Prunes in place. `resource`: the value is a whole object, whose `apiVersion`, `kind` and `metadata` stay whatever the schema says. */
export function prune(value: unknown, schema: JSONSchemaProps | undefined, resource: boolean, unknown?: string[]): void {
  const asResource = resource && !schema?.['x-kubernetes-embedded-resource'] ? { ...schema, 'x-kubernetes-embedded-resource': true } : schema
  walk(value, asResource, '', unknown)
  unknown?.sort()
}

function walk(value: unknown, schema: JSONSchemaProps | undefined, path: string, unknown: string[] | undefined): void {
  if (schema?.['x-kubernetes-preserve-unknown-fields']) return preserve(value, schema, path, unknown)
  if (Array.isArray(value)) return value.forEach((item, i) => walk(item, schema && itemsOf(schema), `${path}[${i}]`, unknown))
  if (!isObject(value)) return
  for (const key of Object.keys(value)) {
    if (schema?.['x-kubernetes-embedded-resource'] && metaFields.has(key)) continue
    const property = ownValue(schema?.properties, key)
    if (property) walk(value[key], property, below(path, key, unknown), unknown)
    else if (schema?.additionalProperties !== undefined) walk(value[key], additionalOf(schema), below(path, key, unknown), unknown)
    else {
      if (unknown && unknown.length < mostUnknown) unknown.push(below(path, key, unknown))
      delete value[key]
    }
  }
}

/** Unknown fields stay; known ones are still pruned below. */
function preserve(value: unknown, schema: JSONSchemaProps, path: string, unknown: string[] | undefined): void {
  if (Array.isArray(value)) {
    const items = itemsOf(schema)
    if (items) value.forEach((item, i) => preserve(item, items, `${path}[${i}]`, unknown))
    return
  }
  if (!isObject(value)) return
  for (const key of Object.keys(value)) {
    if (schema['x-kubernetes-embedded-resource'] && metaFields.has(key)) continue
    const property = ownValue(schema.properties, key)
    if (property) walk(value[key], property, below(path, key, unknown), unknown)
    else if (schema.additionalProperties !== undefined) walk(value[key], additionalOf(schema), below(path, key, unknown), unknown)
  }
}

/** What is said of a body stays small, however many fields it has, and however long their names are. */
const mostUnknown = 1000
const longest = 1000
const cut = (text: string): string => (text.length > longest ? `${text.slice(0, longest)}…` : text)

function below(path: string, key: string, unknown: string[] | undefined): string {
  if (!unknown || path.length > longest) return path
  return path ? `${path}.${cut(key)}` : cut(key)
}

/** Drops nulls where none may stand and no default takes their place. */
export function dropNulls(value: unknown, schema: JSONSchemaProps | undefined): void {
  if (Array.isArray(value)) {
    for (const item of value) dropNulls(item, schema && itemsOf(schema))
  } else if (isObject(value)) {
    for (const key of Object.keys(value)) {
      const inner = schemaFor(schema, key)
      if (value[key] === null && inner && !inner.nullable && inner.default === undefined) delete value[key]
      else dropNulls(value[key], inner)
    }
  }
}

const schemaFor = (schema: JSONSchemaProps | undefined, key: string): JSONSchemaProps | undefined => schema && (ownValue(schema.properties, key) ?? additionalOf(schema))

/** Whether pruning and dropping nulls would leave the value as it is. */
export function isPruned(value: unknown, schema: JSONSchemaProps | undefined, resource: boolean): boolean {
  if (Array.isArray(value)) {
    const items = schema && itemsOf(schema)
    return (!items && schema?.['x-kubernetes-preserve-unknown-fields'] === true) || value.every((item) => isPruned(item, items, false))
  }
  if (!isObject(value)) return true
  const keepsMeta = resource || schema?.['x-kubernetes-embedded-resource'] === true
  return Object.keys(value).every((key) => (keepsMeta && metaFields.has(key)) || isKept(value, key, schema))
}

function isKept(value: JsonObject, key: string, schema: JSONSchemaProps | undefined): boolean {
  const property = ownValue(schema?.properties, key)
  const inner = property ?? (schema && additionalOf(schema))
  if (value[key] === null && inner && !inner.nullable) return false
  if (property) return isPruned(value[key], property, false)
  if (schema?.additionalProperties !== undefined) return isPruned(value[key], inner, false)
  return schema?.['x-kubernetes-preserve-unknown-fields'] === true
}
