import { X509Certificate } from 'node:crypto'
import type { DetailedPeerCertificate, TLSSocket } from 'node:tls'
import type { UserInfo } from '../../api/transport.ts'
import { certificatesIn } from '../pki/bundle.ts'
import { subjectOf } from '../pki/subject-of.ts'
import { userOf } from '../pki/user-of.ts'
import type { RequestHeaderOptions } from './authentication/request-header.ts'

/** Who holds the other end of a connection, by its client certificate. */
export interface Peer {
  /** The subject of a certificate of our CA. */
  readonly user?: UserInfo | undefined
  /** A proxy that is believed when it says for whom it asks. */
  readonly frontProxy?: boolean
}

/** Whose certificates count, and for what. `requestHeader` absent: there are no proxies in front. */
export interface Authorities { readonly clientCA: string; readonly requestHeader?: RequestHeaderOptions | undefined }

/** Undefined without a client certificate, or with a stranger's. TLS has checked by then that it is valid under one of the authorities. */
export function peerOf(socket: Pick<TLSSocket, 'authorized' | 'getPeerCertificate'>, { clientCA, requestHeader }: Authorities): Peer | undefined {
  if (!socket.authorized) return undefined
  const certificate = socket.getPeerCertificate(true)
  if (!certificate?.raw) return undefined
  if (!requestHeader) return { user: userOf(new Uint8Array(certificate.raw)) }
  const chain = chainOf(certificate)
  const { commonName } = subjectOf(chain[0]!)
  const { allowedNames } = requestHeader
  return {
    user: comesFrom(chain, clientCA) ? userOf(new Uint8Array(certificate.raw)) : undefined,
    frontProxy: (allowedNames.length === 0 || allowedNames.includes(commonName ?? '')) && comesFrom(chain, requestHeader.ca),
  }
}

/** The certificate and what signed it, as far as each signature holds: Node links them by their names alone. */
function chainOf(leaf: DetailedPeerCertificate): X509Certificate[] {
  const chain = [new X509Certificate(leaf.raw)]
  for (let at = leaf.issuerCertificate; at?.raw && chain.length < 8; at = at.issuerCertificate) {
    const issuer = new X509Certificate(at.raw)
    if (issuer.fingerprint256 === chain.at(-1)!.fingerprint256 || !issuer.ca || !chain.at(-1)!.verify(issuer.publicKey)) break
    chain.push(issuer)
  }
  return chain
}

function comesFrom(chain: readonly X509Certificate[], bundle: string): boolean {
  const authorities = certificatesIn(bundle).map((pem) => new X509Certificate(pem))
  return chain.some((certificate) => authorities.some((authority) => certificate.checkIssued(authority) && certificate.verify(authority.publicKey)))
}
