/** Node's network errors as Go would say them: people search for these sentences. `address` is `host:port`. */
export function networkError({ code = '', message }: NodeJS.ErrnoException, address: string): string {
  switch (code) {
    case 'ECONNREFUSED': return `dial tcp ${address}: connect: connection refused`
    case 'EHOSTUNREACH': return `dial tcp ${address}: connect: no route to host`
    case 'ENETUNREACH': return `dial tcp ${address}: connect: network is unreachable`
    case 'ETIMEDOUT': return `dial tcp ${address}: i/o timeout`
    case 'ENOTFOUND': return `dial tcp: lookup ${address.replace(/:\d+$/, '')}: no such host`
    case 'ECONNRESET': return 'EOF'
    case 'CERT_HAS_EXPIRED': return 'tls: failed to verify certificate: x509: certificate has expired or is not yet valid'
    case 'ERR_TLS_CERT_ALTNAME_INVALID': return `tls: failed to verify certificate: x509: ${message}`
    case 'DEPTH_ZERO_SELF_SIGNED_CERT': case 'SELF_SIGNED_CERT_IN_CHAIN': case 'UNABLE_TO_VERIFY_LEAF_SIGNATURE': case 'UNABLE_TO_GET_ISSUER_CERT_LOCALLY': case 'UNABLE_TO_GET_ISSUER_CERT': case 'CERT_SIGNATURE_FAILURE':
      return 'tls: failed to verify certificate: x509: certificate signed by unknown authority'
    default: return message
  }
}

/** `host:port`, an IPv6 address in brackets. */
export const hostPort = (host: string, port: number): string => `${host.includes(':') ? `[${host}]` : host}:${port}`
