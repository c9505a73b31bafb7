import { X509Certificate } from 'node:crypto'
import type { CertificateSigningRequest, CertificateSigningRequestCondition } from '../../../api/types/certificates-v1.ts'

export const conditionOf = ({ status }: CertificateSigningRequest, type: string): CertificateSigningRequestCondition | undefined =>
  status?.conditions?.find((condition) => condition.type === type && condition.status === 'True')

export const isApproved = (csr: CertificateSigningRequest): boolean => conditionOf(csr, 'Approved') !== undefined && conditionOf(csr, 'Denied') === undefined

/** The request with one more condition. */
export const withCondition = (csr: CertificateSigningRequest, condition: CertificateSigningRequestCondition): CertificateSigningRequest =>
  ({ ...csr, status: { ...csr.status, conditions: [...csr.status?.conditions ?? [], condition] } })

const hour = 3600 * 1000
const waiting = 24 * hour

/**
 * When a request has had its time, in milliseconds since the epoch: one that waits (for a decision, or after it for the signer) after a day,
 * one that is done with an hour after the decision or the failure, an issued one when its certificate ends, if that comes first.
 * Undefined while that is not known.
 */
export function endOfRequest(csr: CertificateSigningRequest): number | undefined {
  const approved = conditionOf(csr, 'Approved')
  const denied = conditionOf(csr, 'Denied')
  const failed = conditionOf(csr, 'Failed')
  const created = timeOf(csr.metadata.creationTimestamp)
  if (!approved && !denied && !failed) return created === undefined ? undefined : created + waiting
  const certificate = csr.status?.certificate
  const after = (condition: CertificateSigningRequestCondition | undefined, time: number): number[] => [timeOf(condition?.lastUpdateTime) ?? []].flat().map((since) => since + time)
  const ends = [...after(approved, certificate ? hour : waiting), ...after(denied, hour), ...after(failed, hour), ...certificateEnd(certificate)]
  return ends.length > 0 ? Math.min(...ends) : undefined
}

const timeOf = (text: string | undefined): number | undefined => (text ? Date.parse(text) : undefined)

function certificateEnd(base64: string | undefined): number[] {
  if (!base64) return []
  try {
    return [new X509Certificate(Buffer.from(base64, 'base64')).validToDate.getTime()]
  } catch {
    return []
  }
}
