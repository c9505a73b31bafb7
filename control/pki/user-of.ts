import 'reflect-metadata'
import { createHash } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import type { UserInfo } from '../../api/transport.ts'

/**
 * Who a (verified) client certificate says it is: the common name is the user, the organizations are the groups.
 * `undefined` without a common name: such a certificate names nobody.
 */
export function userOf(certificate: Uint8Array<ArrayBuffer> | string): UserInfo | undefined {
  const { subjectName, rawData } = new x509.X509Certificate(certificate)
  const name = subjectName.getField('CN')[0]
  if (!name) return undefined
  const fingerprint = createHash('sha256').update(new Uint8Array(rawData)).digest('hex')
  return {
    name,
    groups: [...new Set([...subjectName.getField('O'), 'system:authenticated'])],
    extra: { 'authentication.kubernetes.io/credential-id': [`X509SHA256=${fingerprint}`] },
  }
}
