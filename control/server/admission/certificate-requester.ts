import type { CertificateSigningRequest } from '../../../api/types/certificates-v1.ts'
import { rfc3339 } from '../../../host/clock.ts'
import type { AdmissionPlugin } from './admission.ts'

/** Writes into a certificate signing request who asks for it, whatever they say themselves, and when its conditions came about. */
export const certificateRequester: AdmissionPlugin = {
  name: 'CertificateRequester',
  admit({ kind, operation, subresource, object, old, user }, { clock }) {
    if (kind.resource !== 'certificatesigningrequests' || kind.group !== 'certificates.k8s.io') return
    if (operation === 'create' && subresource === '') signBy(object as CertificateSigningRequest, user)
    if (operation === 'update' && subresource !== '') dateConditions(object as CertificateSigningRequest, old as CertificateSigningRequest, rfc3339(clock.now()))
  },
}

function signBy({ spec }: CertificateSigningRequest, { name, uid, groups, extra }: Parameters<NonNullable<AdmissionPlugin['admit']>>[0]['user']): void {
  for (const field of ['username', 'uid', 'groups', 'extra'] as const) delete spec[field]
  spec.username = name
  if (uid) spec.uid = uid
  if (groups.length > 0) spec.groups = [...groups]
  if (extra && Object.keys(extra).length > 0) spec.extra = structuredClone(extra) as Record<string, string[]>
}

/** A condition that stays as it was keeps its time. */
function dateConditions({ status }: CertificateSigningRequest, { status: before }: CertificateSigningRequest, now: string): void {
  for (const condition of status?.conditions ?? []) {
    const same = (before?.conditions ?? []).find(({ type, status, lastTransitionTime }) => type === condition.type && status === condition.status && lastTransitionTime)
    condition.lastUpdateTime ??= now
    condition.lastTransitionTime ??= same?.lastTransitionTime ?? now
  }
}
