import type { Infer } from '../schema/schema.ts'
import { always, bytes, int32, list, map, opt, req, string, struct, text, time } from '../schema/schema.ts'
import { ConditionStatus } from './core-v1/common.ts'
import { Condition, ObjectMeta } from './meta-v1/meta.ts'

export const KeyUsage = text('any', 'cert sign', 'client auth', 'code signing', 'content commitment', 'crl sign', 'data encipherment', 'decipher only', 'digital signature', 'email protection', 'encipher only', 'ipsec end system', 'ipsec tunnel', 'ipsec user', 'key agreement', 'key encipherment', 'microsoft sgc', 'netscape sgc', 'ocsp signing', 's/mime', 'server auth', 'signing', 'timestamping')

export const CertificateSigningRequestSpec = struct('certificates/v1beta1.CertificateSigningRequestSpec', {
  request: req(1, bytes),
  signerName: opt(7, string, { pointer: true }),
  expirationSeconds: opt(8, int32, { pointer: true }),
  usages: opt(5, list(KeyUsage), { listType: 'atomic' }),
  username: opt(2, string),
  uid: opt(3, string),
  groups: opt(4, list(string), { listType: 'atomic' }),
  extra: opt(6, map(list(string))),
})
export interface CertificateSigningRequestSpec extends Infer<typeof CertificateSigningRequestSpec> {}

export const RequestConditionType = text('Approved', 'Denied', 'Failed')

export const CertificateSigningRequestCondition = struct('certificates/v1beta1.CertificateSigningRequestCondition', {
  type: req(1, RequestConditionType),
  status: opt(6, ConditionStatus, { written: true }),
  reason: opt(2, string),
  message: opt(3, string),
  lastUpdateTime: opt(4, time),
  lastTransitionTime: opt(5, time),
})
export interface CertificateSigningRequestCondition extends Infer<typeof CertificateSigningRequestCondition> {}

export const CertificateSigningRequestStatus = struct('certificates/v1beta1.CertificateSigningRequestStatus', {
  conditions: opt(1, list(CertificateSigningRequestCondition), { listType: 'map', listMapKeys: ['type'] }),
  certificate: opt(2, bytes),
})
export interface CertificateSigningRequestStatus extends Infer<typeof CertificateSigningRequestStatus> {}

export const CertificateSigningRequest = struct('certificates/v1beta1.CertificateSigningRequest', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, CertificateSigningRequestSpec),
  status: opt(3, CertificateSigningRequestStatus),
})
export interface CertificateSigningRequest extends Infer<typeof CertificateSigningRequest> {}

export const ClusterTrustBundleSpec = struct('certificates/v1beta1.ClusterTrustBundleSpec', {
  signerName: opt(1, string),
  trustBundle: req(2, string),
})
export interface ClusterTrustBundleSpec extends Infer<typeof ClusterTrustBundleSpec> {}

export const ClusterTrustBundle = struct('certificates/v1beta1.ClusterTrustBundle', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, ClusterTrustBundleSpec),
})
export interface ClusterTrustBundle extends Infer<typeof ClusterTrustBundle> {}

export const PodCertificateRequestSpec = struct('certificates/v1beta1.PodCertificateRequestSpec', {
  signerName: req(1, string),
  podName: req(2, string),
  podUID: req(3, string),
  serviceAccountName: req(4, string),
  serviceAccountUID: req(5, string),
  nodeName: req(6, string),
  nodeUID: req(7, string),
  maxExpirationSeconds: opt(8, int32, { default: 86400, pointer: true }),
  pkixPublicKey: opt(9, bytes, { deprecated: true, written: true }),
  proofOfPossession: opt(10, bytes, { deprecated: true, written: true }),
  stubPKCS10Request: req(12, bytes),
  unverifiedUserAnnotations: opt(11, map(string)),
})
export interface PodCertificateRequestSpec extends Infer<typeof PodCertificateRequestSpec> {}

export const PodCertificateRequestStatus = struct('certificates/v1beta1.PodCertificateRequestStatus', {
  conditions: opt(1, list(Condition), { listType: 'map', listMapKeys: ['type'], patchMergeKey: 'type', patchStrategy: 'merge' }),
  certificateChain: opt(2, string),
  notBefore: opt(4, time, { pointer: true }),
  beginRefreshAt: opt(5, time, { pointer: true }),
  notAfter: opt(6, time, { pointer: true }),
})
export interface PodCertificateRequestStatus extends Infer<typeof PodCertificateRequestStatus> {}

export const PodCertificateRequest = struct('certificates/v1beta1.PodCertificateRequest', {
  apiVersion: always(0, string),
  kind: always(0, string),
  metadata: always(1, ObjectMeta),
  spec: always(2, PodCertificateRequestSpec),
  status: opt(3, PodCertificateRequestStatus),
})
export interface PodCertificateRequest extends Infer<typeof PodCertificateRequest> {}
