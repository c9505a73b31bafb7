import type { FieldError } from '../errors.ts'
import { invalid, notSupported, required } from '../kinds/validation/field.ts'
import type { JSONSchemaProps, ValidationRule } from '../types/apiextensions-v1/json-schema.ts'
import { schemaPath } from './schema-path.ts'
import { child } from './paths.ts'

const reasons: readonly string[] = ['FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueRequired']
const hasNewlines = (text: string): boolean => /[\n\r]/.test(text)

/** What is wrong with a rule before its expression is looked at. */
export function ruleSyntax(schema: JSONSchemaProps, { rule, message = '', messageExpression = '', reason, fieldPath = '' }: ValidationRule, path: string): FieldError[] {
  const errors: FieldError[] = []
  if (!rule.trim()) errors.push(required(child(path, 'rule'), 'rule is not specified'))
  else if (message && !message.trim()) errors.push(invalid(child(path, 'message'), message, 'must be non-empty if specified'))
  else if (hasNewlines(message.trim())) errors.push(invalid(child(path, 'message'), message, 'must not contain line breaks'))
  else if (hasNewlines(rule.trim()) && !message.trim()) errors.push(required(child(path, 'message'), 'message must be specified if rule contains line breaks'))
  if (messageExpression && !messageExpression.trim()) errors.push(required(child(path, 'messageExpression'), 'messageExpression must be non-empty if specified'))
  if (reason !== undefined && !reasons.includes(reason)) errors.push(notSupported(child(path, 'reason'), reason, reasons))
  if (fieldPath && !fieldPath.trim()) errors.push(invalid(child(path, 'fieldPath'), fieldPath, 'must be non-empty if specified'))
  if (hasNewlines(fieldPath)) errors.push(invalid(child(path, 'fieldPath'), fieldPath, 'must not contain line breaks'))
  if (fieldPath && 'why' in schemaPath(fieldPath, schema)) errors.push(invalid(child(path, 'fieldPath'), fieldPath, 'must be a valid path'))
  return errors
}
