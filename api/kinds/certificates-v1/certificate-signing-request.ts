import type { FieldError } from '../../errors.ts'
import { humanDuration } from '../../table/duration.ts'
import { CertificateSigningRequest } from '../../types/certificates-v1.ts'
import { age, text } from '../columns.ts'
import type { Kind, Subresource } from '../kind.ts'
import { keepSpec, keepStatus } from '../strategy.ts'
import { semanticEqual } from '../validation/equal.ts'
import { allVerbs, viewVerbs } from '../verbs.ts'
import { leniencyFor, validateCertificateSigningRequest, validateTransition } from './validation.ts'

type Door = Parameters<typeof validateTransition>[2]

const through = (door: Door) => (csr: CertificateSigningRequest, old: CertificateSigningRequest): FieldError[] => [
  // What is asked for never changes, so that it is looked into only once.
  ...validateCertificateSigningRequest(csr, { checkRequest: false, lenient: leniencyFor(csr, old) }),
  ...validateTransition(csr, old, door),
]

/** The decision: conditions only. */
const approval: Subresource = {
  type: 'custom', verbs: viewVerbs, validateUpdate: through({ mayApprove: true }),
  prepareForUpdate(csr: CertificateSigningRequest, old: CertificateSigningRequest): void {
    keepSpec(csr, old)
    const conditions = csr.status?.conditions
    csr.status = { ...old.status, ...(conditions && { conditions }) }
    if (!conditions) delete csr.status.conditions
  },
}

/** The signer's door: certificate and failure; decisions stay as they are. */
const status: Subresource = {
  type: 'status', verbs: viewVerbs, validateUpdate: through({ mayIssue: true }),
  prepareForUpdate(csr: CertificateSigningRequest, old: CertificateSigningRequest): void {
    keepSpec(csr, old)
    const decided = (of: CertificateSigningRequest, type: string) => (of.status?.conditions ?? []).filter((condition) => condition.type === type)
    for (const type of ['Approved', 'Denied']) {
      const before = decided(old, type)
      if (before.length !== decided(csr, type).length || semanticEqual(before, decided(csr, type))) continue
      const kept = [...before]
      csr.status!.conditions = csr.status!.conditions!.map((condition) => (condition.type === type ? kept.shift()! : condition))
    }
  },
}

export const certificateSigningRequests: Kind<CertificateSigningRequest> = {
  group: 'certificates.k8s.io', version: 'v1', kind: 'CertificateSigningRequest', resource: 'certificatesigningrequests', singular: 'certificatesigningrequest', shortNames: ['csr'],
  namespaced: false, verbs: allVerbs, schema: CertificateSigningRequest, storage: 'certificatesigningrequests', nameRule: () => [],
  doc: 'Asks for a certificate, which a signer issues once somebody has approved.',
  subresources: { approval, status },
  prepareForCreate(csr) { csr.status = {} },
  prepareForUpdate(csr, old) {
    keepSpec(csr, old)
    keepStatus(csr, old)
  },
  validate: (csr) => validateCertificateSigningRequest(csr, { checkRequest: true }),
  validateUpdate: through({}),
  columns: [
    age,
    text('SignerName', ({ spec }) => spec.signerName || '<none>', 'Who is to sign.'),
    text('Requestor', ({ spec }) => spec.username ?? '', 'Who asks.'),
    text('RequestedDuration', ({ spec }) => (spec.expirationSeconds === undefined ? '<none>' : humanDuration(spec.expirationSeconds * 1000)), 'For how long.'),
    text('Condition', conditionOf, 'What has become of it.'),
  ],
  fieldLabels: { 'spec.signerName': ({ spec }) => spec.signerName ?? '' },
}

/** Denied before approved before pending; then what the signer made of it. */
function conditionOf({ status }: CertificateSigningRequest): string {
  const types = (status?.conditions ?? []).map(({ type }) => type)
  const decision = types.includes('Denied') ? 'Denied' : types.includes('Approved') ? 'Approved' : 'Pending'
  return `${decision}${types.includes('Failed') ? ',Failed' : ''}${status?.certificate ? ',Issued' : ''}`
}
