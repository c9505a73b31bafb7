import { createHash, X509Certificate } from 'node:crypto'
import type { UserInfo } from '../../api/transport.ts'
import { subjectOf } from './subject-of.ts'

/**
 * Who a (verified) client certificate says it is: the common name is the user, the organizations are the groups.
 * `undefined` without a common name: such a certificate names nobody.
 */
export function userOf(certificate: Uint8Array<ArrayBuffer> | string): UserInfo | undefined {
  const parsed = new X509Certificate(certificate)
  const { commonName: name, organizations } = subjectOf(parsed)
  if (!name) return undefined
  const fingerprint = createHash('sha256').update(parsed.raw).digest('hex')
  return {
    name,
    groups: [...new Set([...organizations, 'system:authenticated'])],
    extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint}`] },
  }
}
