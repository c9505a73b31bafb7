import type { FieldError } from '../errors.ts'
import { ApiError, badRequest, tooLarge } from '../errors.ts'
import type { KubeObject } from '../object.ts'
import type { Decoded, FieldValidation } from '../schema/decode.ts'
import { strictMessage } from '../schema/decode.ts'
import { DecodeError, maxStrictErrors } from '../schema/decode-run.ts'
import { duplicateFields } from '../schema/duplicates.ts'
import type { CustomResourceDefinitionVersion } from '../types/apiextensions-v1/custom-resource-definition.ts'
import { Correlation } from './correlation.ts'
import { validateScaleSpec, validateScaleStatus } from './custom-scale.ts'
import { applyDefaults, isDefaulted } from './defaulting.ts'
import { coerceEmbedded, decodeMeta, EmbeddedError, validateEmbedded } from './embedded.ts'
import { schemaOf } from './json-schema.ts'
import { canonicalCopy, DepthError, isObject, ownValue } from './json-value.ts'
import { validateListTypes } from './list-types.ts'
import { dropNulls, isPruned, prune } from './prune.ts'
import { rulesOf } from './rules.ts'
import { validateValue } from './value-rules.ts'

/** What one version of a definition does to its objects. */
export interface ResourceSchema {
  decode(value: unknown, mode: FieldValidation, text?: string, noticed?: readonly string[]): Decoded<any>
  default(object: KubeObject): void
  /** An object out of the store brought into the form the schema has by now; the same object where nothing is to be done. */
  settle(object: KubeObject, defaults: boolean): KubeObject
  validate(object: KubeObject): FieldError[]
  validateUpdate(object: KubeObject, old: KubeObject): FieldError[]
  validateStatus(object: KubeObject, old: KubeObject): FieldError[]
}

/** `keepUnknown`: `spec.preserveUnknownFields` of the definition (from v1beta1). */
export function resourceSchema(version: CustomResourceDefinitionVersion, kind: string, keepUnknown: boolean): ResourceSchema {
  const schema = schemaOf(version)
  const scale = version.subresources?.scale
  const rules = schema && rulesOf(schema)
  const statusSchema = ownValue(schema?.properties, 'status')

  const shape = (object: KubeObject, unknown?: string[]): void => {
    if (!keepUnknown) {
      prune(object, schema, true, unknown)
      dropNulls(object, schema)
    }
    coerceEmbedded(object, schema, '', unknown)
  }

  return {
    decode: (value, mode, text, noticed) => decodeResource(value, mode, text, noticed, version.name, kind, shape),
    default(object) {
      if (!applyDefaults(object, schema)) throw tooLarge('Request entity too large: the defaults of its definition come to more than 3145728 bytes')
    },
    settle(object, defaults) {
      if ((keepUnknown || isPruned(object, schema, true)) && (!defaults || isDefaulted(object, schema))) return object
      const copy = canonicalCopy(object) as KubeObject
      if (!keepUnknown) {
        prune(copy, schema, true)
        dropNulls(copy, schema)
      }
      if (defaults) applyDefaults(copy, schema)
      return copy
    },
    validate(object) {
      const errors = [
        ...validateValue(object, schema), ...(scale ? [...validateScaleSpec(object, scale), ...validateScaleStatus(object, scale)] : []),
        ...validateEmbedded(object, schema), ...validateListTypes(object, schema),
      ]
      return rules ? withRules(errors, () => rules.check(object, undefined)) : errors
    },
    validateUpdate(object, old) {
      const correlation = new Correlation(object, old, schema)
      const errors = [
        ...validateValue(object, schema, '', correlation), ...(scale ? [...validateScaleSpec(object, scale), ...validateScaleStatus(object, scale)] : []),
        ...validateEmbedded(object, schema), ...(validateListTypes(old, schema).length === 0 ? validateListTypes(object, schema) : []),
      ]
      return rules ? withRules(errors, () => rules.check(object, old)) : errors
    },
    validateStatus(object, old) {
      const status = ownValue(object as unknown as Record<string, unknown>, 'status')
      const correlation = new Correlation(object, old, schema).key('status')
      const lists = validateListTypes(object, schema)
      const errors = [
        ...(status === undefined ? [] : validateValue(status, statusSchema, 'status', correlation)), ...(scale ? validateScaleStatus(object, scale) : []),
        ...(lists.length > 0 && validateListTypes(old, schema).length === 0 ? lists : []),
      ]
      return rules ? withRules(errors, () => rules.check(object, old)) : errors
    },
  }
}

const blocking = new Set<FieldError['type']>(['NotSupported', 'Required', 'TooLong', 'TooMany', 'TypeInvalid'])

/** Rules are not asked about objects whose form they cannot rely on. */
function withRules(errors: FieldError[], check: () => FieldError[]): FieldError[] {
  if (!errors.some(({ type }) => blocking.has(type))) return [...errors, ...check()]
  return [...errors, { type: 'Invalid', field: '<nil>', value: null, detail: 'some validation rules were not checked because the object was invalid; correct the existing errors to complete validation' }]
}

function decodeResource(value: unknown, mode: FieldValidation, text: string | undefined, noticed: readonly string[] = [], version: string, kind: string, shape: (object: KubeObject, unknown?: string[]) => void): Decoded<any> {
  const refuse = (why: string): ApiError => badRequest(`${kind} in version ${JSON.stringify(version)} cannot be handled as a ${kind}: ${why}`)
  const unknown: string[] | undefined = mode === 'Ignore' ? undefined : []
  let object: KubeObject
  try {
    object = asObject(canonicalCopy(value), unknown)
    shape(object, unknown)
  } catch (error) {
    if (error instanceof DecodeError || error instanceof DepthError) throw refuse(error.message)
    if (error instanceof EmbeddedError) throw refuse(`${error.error.field}: Invalid value: ${JSON.stringify(error.error.value)}: ${error.message}`)
    throw error
  }
  if (!unknown) return { object, warnings: [] }
  const duplicates = text === undefined ? [] : duplicateFields(text).map((path) => `duplicate field ${JSON.stringify(path)}`)
  const warnings = [...noticed, ...duplicates, ...unknown.map((path) => `unknown field ${JSON.stringify(path)}`)].slice(0, maxStrictErrors)
  if (mode === 'Strict' && warnings.length > 0) throw refuse(strictMessage(warnings))
  return { object, warnings }
}

/** The metadata is that of any object, decoded as such; `apiVersion` and `kind` come first, as the store has it. */
function asObject(value: unknown, unknown: string[] | undefined): KubeObject {
  if (!isObject(value)) throw new DecodeError(`json: cannot unmarshal ${Array.isArray(value) ? 'array' : typeof value} into Go value of type map[string]interface {}`)
  const { apiVersion, kind, metadata, ...rest } = value
  const decoded = decodeMeta(metadata ?? {})
  unknown?.push(...decoded.unknown.map((name) => `metadata.${name}`))
  return { apiVersion, kind, metadata: decoded.meta, ...rest } as unknown as KubeObject
}
