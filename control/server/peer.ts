import type { TLSSocket } from 'node:tls'
import type { UserInfo } from '../../api/transport.ts'
import { userOf } from '../pki/user-of.ts'

/** Who holds the other end of a connection: the subject of a client certificate of our CA. Undefined without one, or with a stranger's. */
export function peerUser(socket: Pick<TLSSocket, 'authorized' | 'getPeerCertificate'>): UserInfo | undefined {
  if (!socket.authorized) return undefined
  const { raw } = socket.getPeerCertificate() ?? {}
  return raw && userOf(new Uint8Array(raw))
}
