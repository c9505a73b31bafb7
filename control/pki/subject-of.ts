import type { X509Certificate } from 'node:crypto'

/** Common name and organizations of a certificate's subject, by Node's own reading: the library that makes certificates takes 100 ms to load. */
export function subjectOf(certificate: X509Certificate): { readonly commonName: string | undefined; readonly organizations: readonly string[] } {
  const { CN, O } = certificate.toLegacyObject().subject as unknown as Record<string, string | string[] | undefined>
  return { commonName: [CN ?? []].flat()[0], organizations: [O ?? []].flat() }
}
