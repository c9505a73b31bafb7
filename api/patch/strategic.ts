import { ApiError, badRequest } from '../errors.ts'
import { setKey } from '../schema/set-key.ts'
import type { Field, Schema, StructSchema } from '../schema/schema.ts'
import { resolve } from '../schema/schema.ts'
import { rejected } from './json-patch.ts'
import { goPrint, goTypeOf, isObject, own, shallowCopy } from './json-value.ts'
import type { JsonObject } from './json-value.ts'
import { checkAgainstOrder, indexByKey, orderItems } from './strategic-order.ts'

/*
 * Strategic merge patch: a merge patch that knows from the schema which lists are sets and which are maps by a merge key,
 * and whose documents may carry directives:
 *
 *     $patch: replace | delete | merge           on an object, or on an item of a list with a merge key
 *     $retainKeys: [a, b]                        of the object it stands in, only these keys survive
 *     $deleteFromPrimitiveList/finalizers: [x]   takes scalars out of a list
 *     $setElementOrder/containers: [{name: a}]   the order in which the merged list has to stand
 */

const directive = '$patch'
const retainKeys = '$retainKeys'
const deletePrefix = '$deleteFromPrimitiveList'
const orderPrefix = '$setElementOrder'

/**
 * The patched object. Neither input is changed; what the patch does not touch is shared with `original`. Throws `ApiError`:
 * 400 for a malformed directive, 422 for lists of lists, and, as the original does, a plain 500 for items without merge key.
 */
export function strategicMergePatch(original: unknown, patch: unknown, schema: StructSchema): unknown {
  if (!isObject(patch)) throw badRequest(`json: cannot unmarshal ${Array.isArray(patch) ? 'array' : typeof patch} into Go value of type map[string]interface {}`)
  return mergeObject(isObject(original) ? original : {}, patch, schema)
}

/** An error that the original passes on without a code of its own. */
const plain = (message: string): ApiError => new ApiError(500, '', message)
const badDirective = (what: 'primitive list' | 'retainKeys' | 'setElementOrder list'): ApiError => badRequest(`invalid patch format of ${what}`)
const noMergeKey = (item: JsonObject, key: string): ApiError => plain(`map: ${goPrint(item)} does not contain declared merge key: ${key}`)

function mergeObject(original: JsonObject, patch: JsonObject, schema: Schema | undefined): JsonObject {
  if (Object.hasOwn(patch, directive)) return directed(patch)
  const result = retained(original, patch)
  const ordered = new Set<string>()
  for (const key of Object.keys(patch)) {
    if (!key.startsWith(orderPrefix)) continue
    const name = nameBehind(key, orderPrefix)
    if (mergeOrdered(result, patch, name, patch[key], schema)) ordered.add(name)
  }
  for (const key of Object.keys(patch)) if (key.startsWith(deletePrefix)) deleteScalars(result, nameBehind(key, deletePrefix), patch[key])
  for (const key of Object.keys(patch)) {
    if (key !== retainKeys && !key.startsWith(orderPrefix) && !key.startsWith(deletePrefix) && !ordered.has(key)) mergeMember(result, key, patch[key], schema)
  }
  return result
}

function directed(patch: JsonObject): JsonObject {
  if (patch[directive] === 'delete') return {}
  if (patch[directive] !== 'replace') throw plain(`unknown patch type: ${goPrint(patch[directive])} in map: ${goPrint(patch)}`)
  const result = shallowCopy(patch)
  delete result[directive]
  return result
}

/** The working copy: all of `original`, or what `$retainKeys` lets stand. */
function retained(original: JsonObject, patch: JsonObject): JsonObject {
  const keep = own(patch, retainKeys)
  if (keep === undefined) return shallowCopy(original)
  if (!Array.isArray(keep)) throw badDirective('retainKeys')
  const names = new Set(keep)
  for (const key of Object.keys(patch)) {
    if (key !== retainKeys && patch[key] !== null && !key.startsWith(deletePrefix) && !key.startsWith(orderPrefix) && !names.has(key)) throw badDirective('retainKeys')
  }
  const result: JsonObject = {}
  for (const key of Object.keys(original)) if (names.has(key)) setKey(result, key, original[key])
  return result
}

function mergeMember(result: JsonObject, key: string, value: unknown, schema: Schema | undefined): void {
  if (value === null) { delete result[key]; return }
  const present = own(result, key)
  const field = fieldOf(schema, key)
  if (isObject(present) && isObject(value)) setKey(result, key, strategyOf(field) === 'replace' ? value : mergeObject(present, value, field?.schema))
  else if (Array.isArray(present) && Array.isArray(value)) setKey(result, key, strategyOf(field) === 'merge' ? mergeList(present, value, field!) : value)
  else {
    const fresh = withoutDirectives(value)
    if (fresh === dropped) delete result[key]
    else setKey(result, key, fresh)
  }
}

/** Handles a list that comes with `$setElementOrder`; false when there was nothing to do. */
function mergeOrdered(result: JsonObject, patch: JsonObject, name: string, order: unknown, schema: Schema | undefined): boolean {
  if (!Array.isArray(order)) throw plain(`expected a []interface {}, but received a ${goTypeOf(order)}`)
  const present = listOrNone(result, name)
  const given = listOrNone(patch, name)
  const field = fieldOf(schema, name)
  if (!field) throw plain(`unable to find api field in struct ${schema?.kind === 'struct' ? schema.name.slice(schema.name.lastIndexOf('.') + 1) : ''} for the json field ${JSON.stringify(name)}`)
  const mergeKey = field.patchMergeKey ?? ''
  const wrongOrder = checkAgainstOrder(given ?? [], order, mergeKey)
  if (wrongOrder) throw plain(wrongOrder)
  if (!present && !given) return false
  checkTypes(present ?? [], given ?? [])
  if (!present?.length && !given?.length) throw plain('no elements in any of the given slices')
  const merged = !given ? present! : !present ? withoutDirectives(given, 'with nulls') as unknown[] : strategyOf(field) === 'merge' ? mergeList(present, given, field) : given
  checkKeys(merged, mergeKey)
  setKey(result, name, orderItems(merged, order, present ?? [], mergeKey))
  return given !== undefined
}

function listOrNone(object: JsonObject, name: string): unknown[] | undefined {
  const list = own(object, name)
  if (list === undefined || list === null) return undefined
  if (!Array.isArray(list)) throw plain(`expected a []interface {}, but received a ${goTypeOf(list)}`)
  return list
}

function mergeList(original: readonly unknown[], patch: readonly unknown[], field: Field): unknown[] {
  if (original.length === 0 && patch.length === 0) return []
  checkTypes(original, patch)
  const mergeKey = field.patchMergeKey ?? ''
  if (!isObject(original[0] ?? patch[0])) return orderItems([...new Set([...original, ...patch])], patch, original, '')
  if (!mergeKey) throw plain('cannot merge lists without merge key for struct')
  const items = itemSchema(field.schema)
  const { base, additions } = applyItemDirectives(original as JsonObject[], patch as JsonObject[], mergeKey)
  const merged = base.slice()
  const places = indexByKey(base, mergeKey)
  for (const item of additions) {
    if (!Object.hasOwn(item, mergeKey)) throw noMergeKey(item, mergeKey)
    const at = places.get(item[mergeKey])
    if (at === undefined) { places.set(item[mergeKey], merged.length); merged.push(item) }
    else merged[at] = mergeObject(merged[at]!, item, items)
  }
  checkKeys(merged, mergeKey)
  return orderItems(merged, additions, base, mergeKey)
}

/** Carries out `$patch: delete` and `$patch: replace` among the items of a patch list. */
function applyItemDirectives(original: readonly JsonObject[], patch: readonly JsonObject[], mergeKey: string): { base: readonly JsonObject[]; additions: readonly JsonObject[] } {
  const additions: JsonObject[] = []
  const gone = new Set<unknown>()
  let replace = false
  for (const item of patch) {
    const what = own(item, directive)
    if (what === undefined) additions.push(item)
    else if (what === 'replace') replace = true
    else if (what === 'merge') throw plain('merging lists cannot yet be specified in the patch')
    else if (what !== 'delete') throw plain(`unknown patch type: ${goPrint(what)} in map: ${goPrint(item)}`)
    else if (!Object.hasOwn(item, mergeKey)) throw noMergeKey(item, mergeKey)
    else gone.add(item[mergeKey])
  }
  if (replace) return { base: additions, additions: [] }
  return { base: gone.size === 0 ? original : original.filter((item) => !gone.has(own(item, mergeKey))), additions }
}

function deleteScalars(result: JsonObject, name: string, values: unknown): void {
  const present = own(result, name)
  if (!Array.isArray(present) || !Array.isArray(values)) return
  const gone = new Set(values)
  setKey(result, name, present.filter((value) => !gone.has(value)))
}

function checkTypes(...lists: (readonly unknown[])[]): void {
  let type: string | undefined
  for (const list of lists) {
    for (const item of list) {
      if (Array.isArray(item)) throw rejected(new Error('lists of lists are not supported'))
      type ??= goTypeOf(item)
      if (type !== goTypeOf(item)) throw plain(`list element types are not identical: ${goPrint(lists)}`)
    }
  }
}

function checkKeys(items: readonly unknown[], mergeKey: string): void {
  if (!mergeKey) return
  for (const item of items) {
    if (!isObject(item)) throw plain(`expected a map[string]interface {}, but received a ${goTypeOf(item)}`)
    if (!Object.hasOwn(item, mergeKey)) throw noMergeKey(item, mergeKey)
  }
}

const dropped = Symbol('dropped')

/** What of a patch becomes a new part of the object: objects with a directive fall away, and members that are null unless asked for. */
function withoutDirectives(value: unknown, nulls: 'with nulls' | 'without nulls' = 'without nulls'): unknown {
  if (Array.isArray(value)) return value.map((item) => withoutDirectives(item, nulls)).filter((item) => item !== dropped)
  if (!isObject(value)) return value
  if (Object.hasOwn(value, directive)) return dropped
  const result: JsonObject = {}
  for (const key of Object.keys(value)) {
    if (value[key] === null && nulls === 'without nulls') continue
    const inner = withoutDirectives(value[key], nulls)
    if (inner !== dropped) setKey(result, key, inner)
  }
  return result
}

function nameBehind(key: string, prefix: string): string {
  if (key[prefix.length] !== '/') throw badDirective(prefix === deletePrefix ? 'primitive list' : 'setElementOrder list')
  return key.slice(prefix.length + 1)
}

function fieldOf(schema: Schema | undefined, key: string): Field | undefined {
  const resolved = schema && resolve(schema)
  return resolved?.kind === 'struct' && Object.hasOwn(resolved.fields, key) ? resolved.fields[key] : undefined
}

function itemSchema(schema: Schema): Schema | undefined {
  const resolved = resolve(schema)
  return resolved.kind === 'list' ? resolved.items : undefined
}

/** `merge`, `replace` or nothing; `retainKeys` says something only to those who make patches. */
const strategyOf = (field: Field | undefined): string | undefined => field?.patchStrategy?.split(',').find((strategy) => strategy !== 'retainKeys')
