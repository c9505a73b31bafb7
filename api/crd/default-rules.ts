import type { FieldError } from '../errors.ts'
import type { JSONSchemaProps } from '../types/apiextensions-v1/json-schema.ts'

export function validateDefaults(_schema: JSONSchemaProps, _path: string): FieldError[] { return [] }
