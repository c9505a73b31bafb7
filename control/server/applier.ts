import { ApiError, badRequest } from '../../api/errors.ts'
import type { Kind } from '../../api/kinds/kind.ts'
import type { KubeObject } from '../../api/object.ts'
import { emptyObject } from '../../api/apply/empty-object.ts'
import { serverSideApply, untypeable } from '../../api/apply/server-side-apply.ts'
import type { Application } from '../../api/apply/server-side-apply.ts'
import { isObject } from '../../api/apply/typed.ts'
import type { Json } from '../../api/apply/typed.ts'
import type { Ownership } from '../../api/apply/versions.ts'
import { decode } from '../../api/schema/decode.ts'
import { duplicateYamlKey, parseYaml } from '../../api/yaml.ts'
import { rfc3339 } from '../../host/clock.ts'
import type { ResourceContext } from './context.ts'
import { warn } from './context.ts'
import { checkNames } from './object-names.ts'
import { writeOptions } from './options.ts'
import { managerOf, setManagedFields } from './ownership.ts'
import type { Expected } from './read-body.ts'
import type { Tools } from './tools.ts'

/** What an apply is of: the kind, or a view of it (`Scale`). */
export interface Target {
  readonly expected: Expected
  readonly ownership: Ownership
  /** An object that says nothing. */
  readonly empty: KubeObject
}

/**
 * Reads the configuration of an apply once; what comes back puts it over an object (or, without one, makes one), decoded and
 * with its `managedFields`.
 */
export function applierFor(tools: Tools, context: ResourceContext, { expected, ownership, empty }: Target): (current: KubeObject | undefined) => any {
  const { query, headers } = context.request
  const { fieldValidation, force } = writeOptions(query, 'PatchOptions', true)
  const { config, duplicate } = configOf(context)
  const application: Application = { config, kind: expected.kind, writer: { manager: managerOf(query, headers), now: rfc3339(tools.clock.now()) }, force }
  checkUnknown(context.kind, expected, config)
  return (current) => {
    const { object: merged, managedFields } = serverSideApply(ownership, current ?? empty, empty, application)
    if (duplicate !== undefined && fieldValidation === 'Strict') throw badRequest(`error strict decoding patch: ${duplicate}`)
    if (duplicate !== undefined && fieldValidation === 'Warn') warn(context, duplicate)
    const object = decoded(expected, merged, config)
    object.apiVersion = expected.apiVersion
    object.kind = expected.kind
    setManagedFields(object, managedFields)
    checkNames(context.kind, object, context.info.namespace, context.info.name)
    return object
  }
}

/** The configuration, and what a strict reader would say of keys that occur twice. */
function configOf({ request }: ResourceContext): { config: Json; duplicate: string | undefined } {
  if (request.body?.kind === 'value') return { config: objectOf(request.body.value), duplicate: undefined }
  const text = Buffer.from(request.body?.bytes ?? []).toString()
  const json = parsedJson(text)
  const value = json === undefined ? parsedYaml(text) : json
  const duplicate = duplicateYamlKey(text)
  return { config: objectOf(value), duplicate: duplicate === undefined ? undefined : `error converting YAML to JSON: ${duplicate}` }
}

function parsedJson(text: string): unknown {
  if (!text.startsWith('{')) return undefined
  try {
    return JSON.parse(text) as unknown
  } catch {
    return undefined
  }
}

function parsedYaml(text: string): unknown {
  try {
    return parseYaml(text)
  } catch (error) {
    throw badRequest(`error decoding patch: ${(error as Error).message}`)
  }
}

function objectOf(value: unknown): Json {
  if (value === null) return {}
  if (isObject(value)) return value
  throw badRequest(`error decoding patch: error unmarshaling JSON: while decoding JSON: json: cannot unmarshal ${Array.isArray(value) ? 'array' : typeof value === 'boolean' ? 'bool' : typeof value} into Go value of type map[string]interface {}`)
}

/** A custom resource's type is known to its own decoder only: what that drops is not declared. */
function checkUnknown(kind: Kind, { decode: own }: Expected, config: Json): void {
  if (!own || !kind.jsonOnly) return
  let noticed: string[]
  try {
    noticed = own(structuredClone(config), 'Warn').warnings
  } catch {
    return
  }
  const unknown = noticed.flatMap((sentence) => /^unknown field "(.*)"$/.exec(sentence)?.[1] ?? [])
  if (unknown.length === 0) return
  const mistakes = unknown.map((path) => `.${path}: field not declared in schema`)
  throw untypeable(config, mistakes.length === 1 ? mistakes[0]! : ['errors:', ...mistakes.map((mistake) => `  ${mistake}`)].join('\n'))
}

function decoded(expected: Expected, merged: Json, config: Json): any {
  const value = { ...merged, apiVersion: expected.apiVersion, kind: expected.kind }
  try {
    return (expected.decode ? expected.decode(structuredClone(value), 'Ignore') : decode(expected.schema, value, 'Ignore')).object
  } catch (error) {
    if (!(error instanceof ApiError) || error.code !== 400) throw error
    const why = error.message.replace(/^.* cannot be handled as an? \w+: /, '')
    throw new ApiError(500, '', untypeable(config, why).message.replace('failed to create typed patch object', 'failed to convert new typed object'))
  }
}

/** The target of an apply to the object itself, or to a view in its form. */
export const objectTarget = (kind: Kind, expected: Expected, ownership: Ownership): Target => ({ expected, ownership, empty: emptyObject(kind) })
