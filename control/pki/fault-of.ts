import { createPrivateKey, X509Certificate } from 'node:crypto'
import type { Clock } from '../../host/clock.ts'
import type { KeyPair, Subject } from './certificate.ts'
import { subjectOf } from './subject-of.ts'

const day = 24 * 60 * 60 * 1000

/** Why a pair cannot be used (any more), or `undefined` when it is right: key fits, authority fits, days are left, says all of `wanted`. */
export function faultOf(pair: KeyPair, { authority, wanted, clock, spareDays }: { authority: string; wanted: Subject; clock: Clock; spareDays: number }): string | undefined {
  let certificate: X509Certificate
  try {
    certificate = new X509Certificate(pair.certificate)
    if (!certificate.checkPrivateKey(createPrivateKey(pair.key))) return 'the key is not the certificate\'s'
  } catch {
    return 'it cannot be read'
  }
  const issuer = new X509Certificate(authority)
  if (!certificate.checkIssued(issuer) || !certificate.verify(issuer.publicKey)) return 'another authority issued it'
  if (certificate.validToDate.getTime() - clock.now() < spareDays * day) return 'it expires soon'
  if (certificate.validFromDate.getTime() > clock.now()) return 'it is not valid yet'
  const { commonName, organizations } = subjectOf(certificate)
  if (commonName !== wanted.commonName) return 'it names somebody else'
  if (organizations.toSorted().join() !== (wanted.organizations ?? []).toSorted().join()) return 'it names other groups'
  const missing = [...(wanted.dnsNames ?? []).filter((name) => !certificate.checkHost(name)), ...(wanted.ips ?? []).filter((ip) => !certificate.checkIP(ip))]
  return missing.length > 0 ? `it does not name ${missing.join(', ')}` : undefined
}
