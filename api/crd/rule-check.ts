import type { FieldError } from '../errors.ts'
import type { JSONSchemaProps } from '../types/apiextensions-v1/json-schema.ts'

export function validateRules(_schema: JSONSchemaProps, _path: string, _known: ReadonlySet<string>): FieldError[] { return [] }
