import type { TLSSocket } from 'node:tls'
import type { UserInfo } from '../../api/transport.ts'

/**
 * Who the holder of a verified client certificate is: the common name is the user, the organizations are the groups
 * (the original's x509 authenticator). Undefined without a certificate, or with one that our CA did not sign.
 */
export function peerUser(socket: Pick<TLSSocket, 'authorized' | 'getPeerCertificate'>): UserInfo | undefined {
  if (!socket.authorized) return undefined
  const subject = socket.getPeerCertificate()?.subject as Record<string, string | string[]> | undefined
  const name = [subject?.['CN'] ?? []].flat()[0]
  if (!name) return undefined
  const groups = [subject?.['O'] ?? []].flat()
  return Object.freeze({ name, groups: Object.freeze([...groups, 'system:authenticated']) })
}
