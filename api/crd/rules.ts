import type { FieldError } from '../errors.ts'
import type { KubeObject } from '../object.ts'
import type { JSONSchemaProps } from '../types/apiextensions-v1/json-schema.ts'

/** The compiled `x-kubernetes-validations` of a schema. */
export interface RuleSet {
  check(object: KubeObject, old: KubeObject | undefined): FieldError[]
}

export function rulesOf(_schema: JSONSchemaProps): RuleSet | undefined { return undefined }
