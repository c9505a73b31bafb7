import 'reflect-metadata'
import * as x509 from '@peculiar/x509'
import { algorithmOf, importKey, serialNumber } from './certificate.ts'
import type { KeyPair } from './certificate.ts'

export interface SignRequestOptions {
  /** The API's words: `client auth`, `digital signature`. */
  readonly usages: readonly string[]
  /** Milliseconds since the epoch; never beyond the authority's own end. */
  readonly notBefore: number
  readonly notAfter: number
}

const { KeyUsageFlags: flags } = x509

const keyUsages: Readonly<Record<string, number>> = {
  'signing': flags.digitalSignature, 'digital signature': flags.digitalSignature, 'content commitment': flags.nonRepudiation, 'key encipherment': flags.keyEncipherment,
  'key agreement': flags.keyAgreement, 'data encipherment': flags.dataEncipherment, 'cert sign': flags.keyCertSign, 'crl sign': flags.cRLSign,
  'encipher only': flags.encipherOnly, 'decipher only': flags.decipherOnly,
}

const purposes: Readonly<Record<string, string>> = {
  'any': '2.5.29.37.0', 'server auth': '1.3.6.1.5.5.7.3.1', 'client auth': '1.3.6.1.5.5.7.3.2', 'code signing': '1.3.6.1.5.5.7.3.3', 'email protection': '1.3.6.1.5.5.7.3.4',
  's/mime': '1.3.6.1.5.5.7.3.4', 'ipsec end system': '1.3.6.1.5.5.7.3.5', 'ipsec tunnel': '1.3.6.1.5.5.7.3.6', 'ipsec user': '1.3.6.1.5.5.7.3.7', 'timestamping': '1.3.6.1.5.5.7.3.8',
  'ocsp signing': '1.3.6.1.5.5.7.3.9', 'microsoft sgc': '1.3.6.1.4.1.311.10.3.3', 'netscape sgc': '2.16.840.1.113730.4.1',
}

/** A certificate over a request's key, with its subject and alternative names; whatever else it asks for (to be an authority, say) it does not get. */
export async function signRequest(authority: KeyPair, pem: string, { usages, notBefore, notAfter }: SignRequestOptions): Promise<string> {
  const request = new x509.Pkcs10CertificateRequest(pem)
  const issuer = new x509.X509Certificate(authority.certificate)
  const signingKey = importKey(authority.key)
  const names = request.extensions.find((extension) => extension instanceof x509.SubjectAlternativeNameExtension)
  const certificate = await x509.X509CertificateGenerator.create({
    subject: request.subjectName, issuer: issuer.subjectName, serialNumber: serialNumber(),
    notBefore: new Date(notBefore), notAfter: new Date(Math.min(notAfter, issuer.notAfter.getTime())),
    signingAlgorithm: algorithmOf(signingKey), publicKey: request.publicKey, signingKey,
    extensions: [
      ...usageExtensions(usages),
      new x509.BasicConstraintsExtension(false, undefined, true),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ...names ? [names] : [],
    ],
  })
  return `${certificate.toString('pem')}\n`
}

function usageExtensions(usages: readonly string[]): x509.Extension[] {
  const unknown = usages.find((usage) => !Object.hasOwn(keyUsages, usage) && !Object.hasOwn(purposes, usage))
  if (unknown !== undefined) throw new Error(`unrecognized usage values: [${JSON.stringify(unknown)}]`)
  const bits = usages.reduce((sum, usage) => sum | (keyUsages[usage] ?? 0), 0)
  const extended = [...new Set(usages.flatMap((usage) => purposes[usage] ?? []))]
  return [...bits > 0 ? [new x509.KeyUsagesExtension(bits, true)] : [], ...extended.length > 0 ? [new x509.ExtendedKeyUsageExtension(extended)] : []]
}
