import type { FieldError } from '../../errors.ts'
import { semanticEqual } from './equal.ts'
import { forbidden } from './field.ts'

/** A ConfigMap or Secret that calls itself immutable stays as it is, and stays immutable. */
export function validateImmutable<T extends { immutable?: boolean | undefined }>(object: T, old: T, fields: readonly (keyof T & string)[]): FieldError[] {
  if (!old.immutable) return []
  const detail = 'field is immutable when `immutable` is set'
  return [
    ...(object.immutable ? [] : [forbidden('immutable', detail)]),
    ...fields.filter((field) => !semanticEqual(object[field], old[field])).map((field) => forbidden(field, detail)),
  ]
}
