import type { Infer } from '../../schema/schema.ts'
import { always, int32, list, opt, string, struct, text } from '../../schema/schema.ts'
import { ListMeta } from './meta.ts'

export const CauseType = text('FieldManagerConflict', 'FieldValueDuplicate', 'FieldValueForbidden', 'FieldValueInvalid', 'FieldValueNotFound', 'FieldValueNotSupported', 'FieldValueRequired', 'FieldValueTooLong', 'FieldValueTooMany', 'FieldValueTypeInvalid', 'InternalError', 'ResourceVersionTooLarge', 'UnexpectedServerResponse')

export const StatusCause = struct('meta/v1.StatusCause', {
  reason: opt(1, CauseType),
  message: opt(2, string),
  field: opt(3, string),
})
export interface StatusCause extends Infer<typeof StatusCause> {}

export const StatusDetails = struct('meta/v1.StatusDetails', {
  name: opt(1, string),
  group: opt(2, string),
  kind: opt(3, string),
  uid: opt(6, string),
  causes: opt(4, list(StatusCause), { listType: 'atomic' }),
  retryAfterSeconds: opt(5, int32),
})
export interface StatusDetails extends Infer<typeof StatusDetails> {}

export const StatusReason = text('', 'AlreadyExists', 'BadRequest', 'Conflict', 'Expired', 'Forbidden', 'Gone', 'InternalError', 'Invalid', 'MethodNotAllowed', 'NotAcceptable', 'NotFound', 'RequestEntityTooLarge', 'ServerTimeout', 'ServiceUnavailable', 'StorageReadError', 'Timeout', 'TooManyRequests', 'Unauthorized', 'UnsupportedMediaType')

export const Status = struct('meta/v1.Status', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ListMeta),
  status: opt(2, string),
  message: opt(3, string),
  reason: opt(4, StatusReason),
  details: opt(5, StatusDetails),
  code: opt(6, int32),
})
export interface Status extends Infer<typeof Status> {}
