import { createPublicKey, verify } from 'node:crypto'
import { DerError, elements, oidText, only, tags } from './der.ts'
import type { Element } from './der.ts'

/** What a PKCS#10 certificate signing request asks for, as far as signers look at it. */
export interface CertificateRequest {
  readonly der: Uint8Array
  readonly commonName: string
  readonly organizations: readonly string[]
  readonly dnsNames: readonly string[]
  /** Raw addresses of four or sixteen bytes. */
  readonly ipAddresses: readonly Uint8Array[]
  readonly emailAddresses: readonly string[]
  readonly uris: readonly string[]
}

const oids = Object.freeze({ commonName: '2.5.4.3', organization: '2.5.4.10', extensionRequest: '1.2.840.113549.1.9.14', subjectAltName: '2.5.29.17' })

/** Opens the base64 of a PEM block of `spec.request`. Throws an `Error` in the original's words when it is none. The signature is not looked at. */
export function openCertificateRequest(base64: string): CertificateRequest {
  const der = pemContent(Buffer.from(base64, 'base64').toString('latin1'))
  const [, subject, , attributes] = informationOf(der)
  return { der, ...namesOf(subject!), ...alternativeNames(attributes) }
}

/** What is wrong with `spec.request`, signature included; undefined when it is good. */
export function wrongCertificateRequest(base64: string): string | undefined {
  try {
    const { der } = openCertificateRequest(base64)
    return checkSignature(der)
  } catch (error) {
    return error instanceof Error ? error.message : String(error)
  }
}

function pemContent(text: string): Uint8Array {
  const block = /-----BEGIN CERTIFICATE REQUEST-----\r?\n(?:[^\n:]+:[^\n]*\n)*([A-Za-z0-9+/=\s]*)-----END CERTIFICATE REQUEST-----/.exec(text)
  if (!block) throw new DerError('PEM block type must be CERTIFICATE REQUEST')
  return Buffer.from(block[1]!, 'base64')
}

function informationOf(der: Uint8Array): Element[] {
  const [information] = partsOf(der)
  const parts = elements(information.content)
  if (parts.length < 3 || parts[0]!.tag !== tags.integer || parts[1]!.tag !== tags.sequence || parts[2]!.tag !== tags.sequence) throw new DerError('asn1: structure error: not a certificate request')
  return parts
}

function partsOf(der: Uint8Array): [information: Element, algorithm: Element, signature: Element] {
  const parts = elements(only(der, tags.sequence).content)
  if (parts.length !== 3 || parts[2]!.tag !== tags.bitString) throw new DerError('asn1: structure error: not a certificate request')
  return parts as [Element, Element, Element]
}

const textOf = (bytes: Uint8Array): string => Buffer.from(bytes).toString('utf8')

function namesOf(subject: Element): Pick<CertificateRequest, 'commonName' | 'organizations'> {
  const attributes = elements(subject.content).flatMap(({ content }) => elements(content)).map(({ content }) => elements(content))
  const valuesOf = (oid: string) => attributes.filter(([type]) => type && oidText(type.content) === oid).map(([, value]) => textOf(value?.content ?? new Uint8Array()))
  return { commonName: valuesOf(oids.commonName).at(-1) ?? '', organizations: valuesOf(oids.organization) }
}

type AlternativeNames = Pick<CertificateRequest, 'dnsNames' | 'ipAddresses' | 'emailAddresses' | 'uris'>

function alternativeNames(attributes: Element | undefined): AlternativeNames {
  const extensions = elements(attributes?.content ?? new Uint8Array()).map(({ content }) => elements(content))
    .filter(([type]) => type && oidText(type.content) === oids.extensionRequest)
    .flatMap(([, values]) => elements(values?.content ?? new Uint8Array())).flatMap(({ content }) => elements(content)).map(({ content }) => elements(content))
  const wanted = extensions.find(([type]) => type && oidText(type.content) === oids.subjectAltName)?.at(-1)
  const names = wanted ? elements(only(wanted.content, tags.sequence).content) : []
  const tagged = (tag: number) => names.filter((name) => name.tag === tag).map(({ content }) => content)
  return { emailAddresses: tagged(0x81).map(textOf), dnsNames: tagged(0x82).map(textOf), uris: tagged(0x86).map(textOf), ipAddresses: tagged(0x87) }
}

const digests: Readonly<Record<string, string | null>> = {
  '1.2.840.113549.1.1.11': 'sha256', '1.2.840.113549.1.1.12': 'sha384', '1.2.840.113549.1.1.13': 'sha512',
  '1.2.840.10045.4.3.2': 'sha256', '1.2.840.10045.4.3.3': 'sha384', '1.2.840.10045.4.3.4': 'sha512',
  '1.3.101.112': null,
}

/** Whoever asks must have the private key of what they ask for. */
function checkSignature(der: Uint8Array): string | undefined {
  const [information, algorithm, signature] = partsOf(der)
  const oid = oidText(elements(algorithm.content)[0]?.content ?? new Uint8Array())
  if (!Object.hasOwn(digests, oid)) return 'x509: cannot verify signature: algorithm unimplemented'
  const key = createPublicKey({ key: Buffer.from(informationOf(der)[2]!.whole), format: 'der', type: 'spki' })
  // The first octet of a bit string counts unused bits.
  return verify(digests[oid], information.whole, key, signature.content.subarray(1)) ? undefined : `x509: ${key.asymmetricKeyType === 'rsa' ? 'RSA' : key.asymmetricKeyType === 'ec' ? 'ECDSA' : 'Ed25519'} verification failure`
}
