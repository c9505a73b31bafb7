import type { Infer } from '../schema/schema.ts'
import { always, bool, bytes, list, map, opt, raw, string, struct, text } from '../schema/schema.ts'
import { UserInfo } from './authentication-v1.ts'
import { GroupVersionKind, GroupVersionResource } from './meta-v1/request-options.ts'
import { Status } from './meta-v1/status.ts'

export const Operation = text('CONNECT', 'CREATE', 'DELETE', 'UPDATE')

export const AdmissionRequest = struct('admission/v1.AdmissionRequest', {
  uid: opt(1, string, { written: true }),
  kind: opt(2, GroupVersionKind, { written: true }),
  resource: opt(3, GroupVersionResource, { written: true }),
  subResource: opt(4, string),
  requestKind: opt(13, GroupVersionKind),
  requestResource: opt(14, GroupVersionResource),
  requestSubResource: opt(15, string),
  name: opt(5, string),
  namespace: opt(6, string),
  operation: opt(7, Operation, { written: true }),
  userInfo: opt(8, UserInfo, { written: true }),
  object: opt(9, raw),
  oldObject: opt(10, raw),
  dryRun: opt(11, bool, { pointer: true }),
  options: opt(12, raw),
})
export interface AdmissionRequest extends Infer<typeof AdmissionRequest> {}

export const PatchType = text('JSONPatch')

export const AdmissionResponse = struct('admission/v1.AdmissionResponse', {
  uid: opt(1, string, { written: true }),
  allowed: opt(2, bool, { written: true }),
  status: opt(3, Status),
  patch: opt(4, bytes),
  patchType: opt(5, PatchType, { pointer: true }),
  auditAnnotations: opt(6, map(string)),
  warnings: opt(7, list(string), { listType: 'atomic' }),
})
export interface AdmissionResponse extends Infer<typeof AdmissionResponse> {}

export const AdmissionReview = struct('admission/v1.AdmissionReview', {
  apiVersion: always(0, string),
  kind: always(0, string),
  request: opt(1, AdmissionRequest),
  response: opt(2, AdmissionResponse),
})
export interface AdmissionReview extends Infer<typeof AdmissionReview> {}
