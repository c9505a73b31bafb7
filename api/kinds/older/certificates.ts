import { CertificateSigningRequest } from '../../types/certificates-v1beta1.ts'
import type { CertificateSigningRequestSpec } from '../../types/certificates-v1beta1.ts'
import { certificateSigningRequests } from '../certificates-v1/certificate-signing-request.ts'
import { openCertificateRequest } from '../certificates-v1/request.ts'
import type { CertificateRequest } from '../certificates-v1/request.ts'
import { signers } from '../certificates-v1/signer-name.ts'
import { leniencyFor, validateCertificateSigningRequest, validateTransition } from '../certificates-v1/validation.ts'
import type { Kind, Subresource } from '../kind.ts'
import { deprecation, olderVersion } from './older-version.ts'

const lenient = { legacySigner: true, duplicateConditions: true, emptyConditions: true, anyCertificate: true, anyUsages: true }

const through = (door: Parameters<typeof validateTransition>[2]): Kind['validateUpdate'] & {} => (csr, old) => [
  ...validateCertificateSigningRequest(csr, { checkRequest: false, lenient: { ...leniencyFor(csr, old), ...lenient } }), ...validateTransition(csr, old, { ...door, mayReissue: true }),
]

const { approval, status } = certificateSigningRequests.subresources as Record<'approval' | 'status', Subresource>

/** `certificates.k8s.io/v1beta1`: nobody had to name a signer. */
export const olderCertificates: readonly Kind[] = Object.freeze([
  olderVersion(certificateSigningRequests, {
    version: 'v1beta1', schema: CertificateSigningRequest,
    deprecated: deprecation('certificates.k8s.io/v1beta1 CertificateSigningRequest', 19, 22, 'certificates.k8s.io/v1 CertificateSigningRequest'),
    default({ spec, status }: CertificateSigningRequest) {
      if (!spec.usages?.length) spec.usages = ['digital signature', 'key encipherment']
      spec.signerName ??= signerOf(spec)
      for (const condition of status?.conditions ?? []) condition.status ||= 'True'
    },
    validate: (csr) => validateCertificateSigningRequest(csr, { checkRequest: true, lenient }),
    validateUpdate: through({}),
    subresources: { approval: { ...approval, validateUpdate: through({ mayApprove: true }) }, status: { ...status, validateUpdate: through({ mayIssue: true }) } },
  }),
])

/** Requests of kubelets are known by what they ask for; who signs the rest is unknown. */
function signerOf({ request, usages = [] }: CertificateSigningRequestSpec): string {
  let asked: CertificateRequest
  try {
    asked = openCertificateRequest(request)
  } catch {
    return signers.legacy
  }
  const uses = (...wanted: string[]) => usages.length === wanted.length && wanted.every((usage) => usages.includes(usage))
  const ofNode = asked.organizations.length === 1 && asked.organizations[0] === 'system:nodes' && asked.commonName.startsWith('system:node:')
  const addressed = asked.dnsNames.length + asked.ipAddresses.length > 0
  if (!ofNode || asked.emailAddresses.length + asked.uris.length > 0) return signers.legacy
  const both = (usage: string) => uses('digital signature', 'key encipherment', usage) || uses('digital signature', usage)
  if (!addressed && both('client auth')) return signers.kubeletClient
  return addressed && both('server auth') ? signers.kubeletServing : signers.legacy
}
