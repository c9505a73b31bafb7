import type { StructSchema } from '../../schema/schema.ts'
import { bool, float64, int64, lazy, list, map, opt, rawNamed, req, string, struct, text } from '../../schema/schema.ts'
import { ExternalDocumentation as StableExternalDocumentation, ValidationRule as StableValidationRule } from '../apiextensions-v1/json-schema.ts'

export const ExternalDocumentation = struct('apiextensions/v1beta1.ExternalDocumentation', StableExternalDocumentation.fields)
export type ExternalDocumentation = StableExternalDocumentation

export const FieldValueErrorReason = text('FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired')

export const ValidationRule = struct('apiextensions/v1beta1.ValidationRule', StableValidationRule.fields)
export type ValidationRule = StableValidationRule

const anyJson = rawNamed('apiextensions/v1beta1.JSON')
const schemaProps = lazy((): StructSchema => JSONSchemaProps)
const orArray = struct('apiextensions/v1beta1.JSONSchemaPropsOrArray', { schema: opt(1, schemaProps), jSONSchemas: opt(2, list(schemaProps)) })
const orBool = struct('apiextensions/v1beta1.JSONSchemaPropsOrBool', { allows: req(1, bool), schema: opt(2, schemaProps) })
const orStrings = struct('apiextensions/v1beta1.JSONSchemaPropsOrStringArray', { schema: opt(1, schemaProps), property: opt(2, list(string)) })
const schemaOrArray = rawNamed(orArray.name, {
  message: () => orArray,
  toMessage: (value) => (Array.isArray(value) ? { jSONSchemas: value } : { schema: value }),
  fromMessage: ({ schema, jSONSchemas }) => schema ?? jSONSchemas,
})
const schemaOrBool = rawNamed(orBool.name, {
  message: () => orBool,
  toMessage: (value) => (typeof value === 'boolean' ? { allows: value } : { allows: true, schema: value }),
  fromMessage: ({ allows, schema }) => schema ?? allows === true,
})
const schemaOrStrings = rawNamed(orStrings.name, {
  message: () => orStrings,
  toMessage: (value) => (Array.isArray(value) ? { property: value } : { schema: value }),
  fromMessage: ({ schema, property = [] }) => schema ?? property,
})

export const JSONSchemaProps: StructSchema = struct('apiextensions/v1beta1.JSONSchemaProps', {
  id: opt(1, string),
  '$schema': opt(2, string),
  '$ref': opt(3, string, { pointer: true }),
  description: opt(4, string),
  type: opt(5, string),
  format: opt(6, string),
  title: opt(7, string),
  default: opt(8, anyJson, { pointer: true }),
  maximum: opt(9, float64, { pointer: true }),
  exclusiveMaximum: opt(10, bool),
  minimum: opt(11, float64, { pointer: true }),
  exclusiveMinimum: opt(12, bool),
  maxLength: opt(13, int64, { pointer: true }),
  minLength: opt(14, int64, { pointer: true }),
  pattern: opt(15, string),
  maxItems: opt(16, int64, { pointer: true }),
  minItems: opt(17, int64, { pointer: true }),
  uniqueItems: opt(18, bool),
  multipleOf: opt(19, float64, { pointer: true }),
  enum: opt(20, list(anyJson), { listType: 'atomic' }),
  maxProperties: opt(21, int64, { pointer: true }),
  minProperties: opt(22, int64, { pointer: true }),
  required: opt(23, list(string), { listType: 'atomic' }),
  items: opt(24, schemaOrArray, { pointer: true }),
  allOf: opt(25, list(lazy((): StructSchema => JSONSchemaProps)), { listType: 'atomic' }),
  oneOf: opt(26, list(lazy((): StructSchema => JSONSchemaProps)), { listType: 'atomic' }),
  anyOf: opt(27, list(lazy((): StructSchema => JSONSchemaProps)), { listType: 'atomic' }),
  not: opt(28, lazy((): StructSchema => JSONSchemaProps), { pointer: true }),
  properties: opt(29, map(lazy((): StructSchema => JSONSchemaProps))),
  additionalProperties: opt(30, schemaOrBool, { pointer: true }),
  patternProperties: opt(31, map(lazy((): StructSchema => JSONSchemaProps))),
  dependencies: opt(32, map(schemaOrStrings)),
  additionalItems: opt(33, schemaOrBool, { pointer: true }),
  definitions: opt(34, map(lazy((): StructSchema => JSONSchemaProps))),
  externalDocs: opt(35, ExternalDocumentation),
  example: opt(36, anyJson, { pointer: true }),
  nullable: opt(37, bool),
  'x-kubernetes-preserve-unknown-fields': opt(38, bool, { pointer: true }),
  'x-kubernetes-embedded-resource': opt(39, bool),
  'x-kubernetes-int-or-string': opt(40, bool),
  'x-kubernetes-list-map-keys': opt(41, list(string), { listType: 'atomic' }),
  'x-kubernetes-list-type': opt(42, string, { pointer: true }),
  'x-kubernetes-map-type': opt(43, string, { pointer: true }),
  'x-kubernetes-validations': opt(44, list(ValidationRule), { listType: 'map', listMapKeys: ['rule'], patchMergeKey: 'rule', patchStrategy: 'merge' }),
})
export interface JSONSchemaProps {
  id?: string | undefined
  '$schema'?: string | undefined
  '$ref'?: string | undefined
  description?: string | undefined
  type?: string | undefined
  format?: string | undefined
  title?: string | undefined
  default?: unknown | undefined
  maximum?: number | undefined
  exclusiveMaximum?: boolean | undefined
  minimum?: number | undefined
  exclusiveMinimum?: boolean | undefined
  maxLength?: number | undefined
  minLength?: number | undefined
  pattern?: string | undefined
  maxItems?: number | undefined
  minItems?: number | undefined
  uniqueItems?: boolean | undefined
  multipleOf?: number | undefined
  enum?: unknown[] | undefined
  maxProperties?: number | undefined
  minProperties?: number | undefined
  required?: string[] | undefined
  items?: unknown | undefined
  allOf?: JSONSchemaProps[] | undefined
  oneOf?: JSONSchemaProps[] | undefined
  anyOf?: JSONSchemaProps[] | undefined
  not?: JSONSchemaProps | undefined
  properties?: { [key: string]: JSONSchemaProps } | undefined
  additionalProperties?: unknown | undefined
  patternProperties?: { [key: string]: JSONSchemaProps } | undefined
  dependencies?: { [key: string]: unknown } | undefined
  additionalItems?: unknown | undefined
  definitions?: { [key: string]: JSONSchemaProps } | undefined
  externalDocs?: ExternalDocumentation | undefined
  example?: unknown | undefined
  nullable?: boolean | undefined
  'x-kubernetes-preserve-unknown-fields'?: boolean | undefined
  'x-kubernetes-embedded-resource'?: boolean | undefined
  'x-kubernetes-int-or-string'?: boolean | undefined
  'x-kubernetes-list-map-keys'?: string[] | undefined
  'x-kubernetes-list-type'?: string | undefined
  'x-kubernetes-map-type'?: string | undefined
  'x-kubernetes-validations'?: ValidationRule[] | undefined
}
