import { createHash, X509Certificate } from 'node:crypto'

/**
 * When a certificate is to be renewed, in milliseconds since the epoch: after seven to nine tenths of its life (as the kubelet does it), each
 * node at another moment, so that those that joined together do not ask together.
 */
export function renewalOf(certificate: string, nodeName: string): number {
  const { validFromDate, validToDate } = new X509Certificate(certificate)
  const share = 0.7 + 0.2 * (createHash('sha256').update(nodeName).digest().readUInt32BE() / 2 ** 32)
  return validFromDate.getTime() + share * (validToDate.getTime() - validFromDate.getTime())
}
