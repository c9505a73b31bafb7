import type { Clock } from '../../host/clock.ts'
import type { KeyPair } from './certificate.ts'

/** Issues certificates for requests that somebody has approved. */
export interface CertificateSigner {
  /**
   * The certificate, as PEM text, for a request (PEM), whose subject and alternative names it takes over. `usages` are the API's words.
   * Rejects with an `Error` in a sentence when the request cannot be read or a usage is unknown.
   */
  sign(request: string, usages: readonly string[], expirationSeconds: number | undefined): Promise<string>
}

export interface CertificateSignerOptions {
  readonly authority: KeyPair
  readonly clock: Clock
  /** How long a certificate lives unless less is asked for, in seconds (`--cluster-signing-duration`). Default a year. */
  readonly duration?: number
}

const year = 365 * 24 * 3600
const shortest = 600
/** Certificates are valid from a little earlier, for clocks that are behind; of a short life that takes nothing away. */
const backdate = 5 * 60
const short = 8 * 3600

/** How long a certificate is valid, in milliseconds since the epoch: what is asked for, between ten minutes and `most` seconds. */
export function validityOf(asked: number | undefined, most: number, now: number): { readonly notBefore: number; readonly notAfter: number } {
  const seconds = asked === undefined ? most : Math.min(most, Math.max(shortest, asked))
  const notBefore = now - backdate * 1000
  return { notBefore, notAfter: (seconds < short ? now : notBefore) + seconds * 1000 }
}

/** Signs with the cluster's authority. The library behind it is loaded with the first request: it takes 100 ms. */
export const certificateSigner = ({ authority, clock, duration = year }: CertificateSignerOptions): CertificateSigner => ({
  async sign(request, usages, expirationSeconds) {
    const { signRequest } = await import('./sign-request.ts')
    return signRequest(authority, request, { usages, ...validityOf(expirationSeconds, duration, clock.now()) })
  },
})
