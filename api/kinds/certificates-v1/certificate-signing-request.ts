import type { FieldError } from '../../errors.ts'
import { humanDuration } from '../../table/duration.ts'
import { CertificateSigningRequest } from '../../types/certificates-v1.ts'
import { age, text } from '../columns.ts'
import type { UserInfo } from '../../transport.ts'
import type { Author, Kind, Subresource } from '../kind.ts'
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
  prepareForUpdate(csr: CertificateSigningRequest, old: CertificateSigningRequest, by?: Author): void {
    keepSpec(csr, old)
    stampConditions(csr, old, by)
    const conditions = csr.status?.conditions
    csr.status = { ...old.status, ...(conditions && { conditions }) }
    if (!conditions) delete csr.status.conditions
  },
}

/** The signer's door: certificate and failure; decisions stay as they are. */
const status: Subresource = {
  type: 'status', verbs: viewVerbs, validateUpdate: through({ mayIssue: true }),
  prepareForUpdate(csr: CertificateSigningRequest, old: CertificateSigningRequest, by?: Author): void {
    keepSpec(csr, old)
    stampConditions(csr, old, by)
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
  prepareForCreate(csr, by) {
    csr.status = {}
    // The asker is who the server knows them to be, whatever they say: approval is decided by it.
    for (const field of ['username', 'uid', 'groups', 'extra'] as const) delete csr.spec[field]
    if (by) Object.assign(csr.spec, askerOf(by.user))
  },
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

const askerOf = ({ name, uid, groups, extra }: UserInfo): Partial<CertificateSigningRequest['spec']> => ({
  username: name, ...(uid && { uid }), ...(groups.length > 0 && { groups: [...groups] }),
  ...(extra && Object.keys(extra).length > 0 && { extra: Object.fromEntries(Object.entries(extra).map(([key, values]) => [key, [...values]])) }),
})

/** Conditions say when they were written, and when their status last changed, even if the writer does not. */
function stampConditions({ status }: CertificateSigningRequest, old: CertificateSigningRequest, by: Author | undefined): void {
  if (!by) return
  for (const condition of status?.conditions ?? []) {
    const before = old.status?.conditions?.find(({ type }) => type === condition.type)
    condition.lastUpdateTime ??= by.now
    condition.lastTransitionTime ??= (before?.status === condition.status ? before.lastTransitionTime : undefined) ?? by.now
  }
}

/** Denied before approved before pending; then what the signer made of it. */
function conditionOf({ status }: CertificateSigningRequest): string {
  const types = (status?.conditions ?? []).map(({ type }) => type)
  const decision = types.includes('Denied') ? 'Denied' : types.includes('Approved') ? 'Approved' : 'Pending'
  return `${decision}${types.includes('Failed') ? ',Failed' : ''}${status?.certificate ? ',Issued' : ''}`
}
