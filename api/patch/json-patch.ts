import { ApiError, badRequest, tooLarge } from '../errors.ts'
import { setKey } from '../schema/set-key.ts'
import { isObject, jsonEqual, own, shallowCopy } from './json-value.ts'
import type { JsonObject } from './json-value.ts'

const maxOperations = 10_000
/** What `copy` operations may add up to, so that a small patch cannot grow an object without end. */
const maxCopiedBytes = 3 * 1024 * 1024

/**
 * JSON patch (RFC 6902) with the liberties of the original's library: `replace` of an absent member sets it, negative
 * indexes count from the end, `add` without value adds null. The input is not changed: every container on a changed path
 * is copied once.
 *
 * Throws `ApiError` 400 for what is no patch, 413 for too many operations, 422 for one that does not apply; the reason of
 * the latter is in `cause`, since the original hides it from the client behind one general sentence.
 */
export function jsonPatch(original: unknown, patch: unknown): unknown {
  if (!Array.isArray(patch)) throw badRequest(`json: cannot unmarshal ${jsonKind(patch)} into Go value of type jsonpatch.Patch`)
  const wrong = patch.find((operation) => !isObject(operation) && operation !== null)
  if (wrong !== undefined) throw badRequest(`json: cannot unmarshal ${jsonKind(wrong)} into Go value of type jsonpatch.Operation`)
  if (patch.length > maxOperations) throw tooLarge(`Request entity is too large: The allowed maximum operations in a JSON patch is ${maxOperations}, got ${patch.length}`)
  const document = new Document(original)
  try {
    for (const operation of patch) document.apply(operation ?? {})
  } catch (error) {
    if (error instanceof PatchFailure) throw rejected(error)
    throw error
  }
  return document.root
}

/** An operation that does not apply, in the words of the original's library. */
class PatchFailure extends Error {
  override readonly name = 'PatchFailure'
}

/** 422 without a word about the reason, as the original answers; the reason is the `cause`. */
export function rejected(cause: Error): ApiError {
  const error = new ApiError(422, 'Invalid', 'the server rejected our request due to an error in our request', {})
  error.cause = cause
  return error
}

type Container = JsonObject | unknown[]
const missing = 'missing value'
const jsonKind = (value: unknown): string => (value === null ? 'null' : Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value)

class Document {
  root: unknown
  /** Containers made by this run: free to be written to. */
  readonly #ours = new WeakSet<object>()
  #copied = 0

  constructor(root: unknown) {
    this.root = root
  }

  apply(operation: JsonObject): void {
    const op = own(operation, 'op')
    switch (op) {
      case 'add': return this.#add(operation)
      case 'remove': return this.#remove(operation)
      case 'replace': return this.#replace(operation)
      case 'move': return this.#move(operation)
      case 'copy': return this.#copy(operation)
      case 'test': return this.#test(operation)
      default: throw new PatchFailure(`Unexpected kind: ${typeof op === 'string' ? op : 'unknown'}`)
    }
  }

  #add(operation: JsonObject): void {
    const path = pathOf(operation, 'path', 'add operation failed to decode path')
    const [container, key] = this.#find(path) ?? fail(`add operation does not apply: doc is missing path: "${path}": ${missing}`)
    within(`error in add for path: '${path}'`, () => add(container, key, own(operation, 'value') ?? null))
  }

  #remove(operation: JsonObject): void {
    const path = pathOf(operation, 'path', 'remove operation failed to decode path')
    const [container, key] = this.#find(path) ?? fail(`remove operation does not apply: doc is missing path: "${path}": ${missing}`)
    within(`error in remove for path: '${path}'`, () => remove(container, key))
  }

  #replace(operation: JsonObject): void {
    const path = pathOf(operation, 'path', 'replace operation failed to decode path')
    const value = own(operation, 'value') ?? null
    if (path === '') {
      if (typeof value !== 'object' || value === null) fail('replace operation value must be object or array')
      this.root = value
      return
    }
    const [container, key] = this.#find(path) ?? fail(`replace operation does not apply: doc is missing path: ${path}: ${missing}`)
    if (!Array.isArray(container)) return setKey(container, key, value)
    const index = indexIn(container, key)
    if (index === undefined) fail(`replace operation does not apply: doc is missing key: ${path}: ${missing}`)
    container[index] = value
  }

  #move(operation: JsonObject): void {
    const from = pathOf(operation, 'from', 'move operation failed to decode from')
    const [source, key] = this.#find(from) ?? fail(`move operation does not apply: doc is missing from path: ${from}: ${missing}`)
    const value = within(`error in move for path: '${key}'`, () => { const found = get(source, key); remove(source, key); return found })
    const path = pathOf(operation, 'path', 'move operation failed to decode path')
    const [target, name] = this.#find(path) ?? fail(`move operation does not apply: doc is missing destination path: ${path}: ${missing}`)
    within(`error in move for path: '${path}'`, () => add(target, name, value))
  }

  #copy(operation: JsonObject): void {
    const from = pathOf(operation, 'from', 'copy operation failed to decode from')
    const [source, key] = this.#find(from) ?? fail(`copy operation does not apply: doc is missing from path: ${from}: ${missing}`)
    const value = within(`error in copy for from: '${from}'`, () => get(source, key)) ?? null
    const path = pathOf(operation, 'path', 'copy operation failed to decode path')
    const [target, name] = this.#find(path) ?? fail(`copy operation does not apply: doc is missing destination path: ${path}: ${missing}`)
    const text = JSON.stringify(value)
    this.#copied += text.length
    if (this.#copied > maxCopiedBytes) fail(`Unable to complete the copy, the accumulated size increase of copy is ${this.#copied}, exceeding the limit ${maxCopiedBytes}`)
    within('error while adding value during copy', () => add(target, name, JSON.parse(text)))
  }

  #test(operation: JsonObject): void {
    const path = pathOf(operation, 'path', 'test operation failed to decode path')
    const expected = own(operation, 'value') ?? null
    if (path === '') return jsonEqual(this.root, expected) ? undefined : fail(`testing value ${path} failed: test failed`)
    const [container, key] = this.#find(path) ?? fail(`test operation does not apply: is missing path: ${path}: ${missing}`)
    const value = within(`error in test for path: '${path}'`, () => get(container, key)) ?? null
    if (!jsonEqual(value, expected)) fail(`testing value ${path} failed: test failed`)
  }

  /** The container that holds the last step of the path, made ours all the way down, and the name of that step. */
  #find(path: string): [Container, string] | undefined {
    const parts = path.split('/')
    if (parts.length < 2) return undefined
    let container = this.#writable(this.root)
    if (!container) return undefined
    this.root = container
    for (let i = 1; i < parts.length - 1; i++) {
      const key = unescape(parts[i]!)
      const at = Array.isArray(container) ? indexIn(container, key) : key
      if (at === undefined) return undefined
      const next = this.#writable(get(container, String(at)))
      if (!next) return undefined
      if (Array.isArray(container)) container[at as number] = next
      else setKey(container, key, next)
      container = next
    }
    return [container, unescape(parts.at(-1)!)]
  }

  #writable(value: unknown): Container | undefined {
    if (typeof value !== 'object' || value === null) return undefined
    if (this.#ours.has(value)) return value as Container
    const copy = Array.isArray(value) ? value.slice() : shallowCopy(value as JsonObject)
    this.#ours.add(copy)
    return copy
  }
}

function fail(why: string): never {
  throw new PatchFailure(why)
}

/** Names the operation in front of what went wrong inside of it. */
function within<T>(context: string, run: () => T): T {
  try {
    return run()
  } catch (error) {
    throw error instanceof PatchFailure ? new PatchFailure(`${context}: ${error.message}`) : error
  }
}

function pathOf(operation: JsonObject, field: 'path' | 'from', context: string): string {
  const path = own(operation, field)
  return typeof path === 'string' ? path : fail(`${context}: ${missing}`)
}

const unescape = (part: string): string => (part.includes('~') ? part.replace(/~1/g, '/').replace(/~0/g, '~') : part)

/** An existing index, counted from the end when negative. */
function indexIn(list: readonly unknown[], key: string): number | undefined {
  const index = /^[+-]?\d{1,15}$/.test(key) ? Number(key) : Number.NaN
  const at = index < 0 ? index + list.length : index
  return at >= 0 && at < list.length ? at : undefined
}

const badIndex = (key: string): string =>
  /^[+-]?\d+$/.test(key) ? `Unable to access invalid index: ${Number(key)}: invalid index referenced` : `strconv.Atoi: parsing ${JSON.stringify(key)}: invalid syntax`

function get(container: Container, key: string): unknown {
  if (!Array.isArray(container)) return own(container, key)
  return container[indexIn(container, key) ?? fail(badIndex(key))]
}

function add(container: Container, key: string, value: unknown): void {
  if (!Array.isArray(container)) return setKey(container, key, value)
  if (key === '-') { container.push(value); return }
  const index = /^[+-]?\d{1,15}$/.test(key) ? Number(key) : fail(`value was not a proper array index: '${key}': ${badIndex(key)}`)
  const at = index < 0 ? index + container.length + 1 : index
  if (at < 0 || at > container.length) fail(badIndex(key))
  container.splice(at, 0, value)
}

function remove(container: Container, key: string): void {
  if (Array.isArray(container)) container.splice(indexIn(container, key) ?? fail(badIndex(key)), 1)
  else if (Object.hasOwn(container, key)) delete container[key]
  else fail(`Unable to remove nonexistent key: ${key}: ${missing}`)
}
