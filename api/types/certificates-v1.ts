import type { Infer } from '../schema/schema.ts'
import { always, bytes, int32, list, map, opt, req, string, struct, text, time } from '../schema/schema.ts'
import { ConditionStatus } from './core-v1/common.ts'
import { ObjectMeta } from './meta-v1/meta.ts'

export const KeyUsage = text('any', 'cert sign', 'client auth', 'code signing', 'content commitment', 'crl sign', 'data encipherment', 'decipher only', 'digital signature', 'email protection', 'encipher only', 'ipsec end system', 'ipsec tunnel', 'ipsec user', 'key agreement', 'key encipherment', 'microsoft sgc', 'netscape sgc', 'ocsp signing', 's/mime', 'server auth', 'signing', 'timestamping')

export const CertificateSigningRequestSpec = struct('certificates/v1.CertificateSigningRequestSpec', {
  request: req(1, bytes),
  signerName: req(7, string),
  expirationSeconds: opt(8, int32, { pointer: true }),
  usages: opt(5, list(KeyUsage), { listType: 'atomic' }),
  username: opt(2, string),
  uid: opt(3, string),
  groups: opt(4, list(string), { listType: 'atomic' }),
  extra: opt(6, map(list(string))),
})
export interface CertificateSigningRequestSpec extends Infer<typeof CertificateSigningRequestSpec> {}

export const RequestConditionType = text('Approved', 'Denied', 'Failed')

export const CertificateSigningRequestCondition = struct('certificates/v1.CertificateSigningRequestCondition', {
  type: req(1, RequestConditionType),
  status: req(6, ConditionStatus),
  reason: opt(2, string),
  message: opt(3, string),
  lastUpdateTime: opt(4, time),
  lastTransitionTime: opt(5, time),
})
export interface CertificateSigningRequestCondition extends Infer<typeof CertificateSigningRequestCondition> {}

export const CertificateSigningRequestStatus = struct('certificates/v1.CertificateSigningRequestStatus', {
  conditions: opt(1, list(CertificateSigningRequestCondition), { listType: 'map', listMapKeys: ['type'] }),
  certificate: opt(2, bytes),
})
export interface CertificateSigningRequestStatus extends Infer<typeof CertificateSigningRequestStatus> {}

export const CertificateSigningRequest = struct('certificates/v1.CertificateSigningRequest', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, CertificateSigningRequestSpec),
  status: opt(3, CertificateSigningRequestStatus),
})
export interface CertificateSigningRequest extends Infer<typeof CertificateSigningRequest> {}
