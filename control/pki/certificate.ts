import 'reflect-metadata'
import { createPrivateKey, createPublicKey, randomBytes, webcrypto } from 'node:crypto'
import * as x509 from '@peculiar/x509'
import type { Clock } from '../../host/clock.ts'

/** PEM texts: a certificate (chain) and its private key in PKCS #8. */
export interface KeyPair {
  readonly certificate: string
  readonly key: string
}

export type Usage = 'server' | 'client'

/** What a certificate says about its holder. In a client's, `commonName` is the user and `organizations` the groups. */
export interface Subject {
  readonly commonName: string
  readonly organizations?: readonly string[]
  readonly dnsNames?: readonly string[]
  readonly ips?: readonly string[]
}

export interface IssueOptions extends Subject {
  readonly usages: readonly Usage[]
  readonly days?: number
  readonly clock: Clock
}

const day = 24 * 60 * 60 * 1000
/** Certificates are valid from a little earlier, for machines whose clocks are behind. */
const backdate = 5 * 60 * 1000
const ec = { name: 'ECDSA', namedCurve: 'P-256' } as const
const signature = { name: 'ECDSA', hash: 'SHA-256' } as const

/** A new EC P-256 key: small, quick to make (RSA takes 100 ms), and accepted by every Go and OpenSSL client. */
export async function generateKey(): Promise<{ readonly pem: string; readonly keys: webcrypto.CryptoKeyPair }> {
  const keys = await webcrypto.subtle.generateKey(ec, true, ['sign', 'verify'])
  return { pem: x509.PemConverter.encode(await webcrypto.subtle.exportKey('pkcs8', keys.privateKey), 'PRIVATE KEY') + '\n', keys }
}

/** A certification authority. With `key` the certificate is renewed and everything issued under the old one stays valid. */
export async function createAuthority({ commonName, key, days = 3650, clock }: { commonName: string; key?: string; days?: number; clock: Clock }): Promise<KeyPair> {
  const pem = key ?? (await generateKey()).pem
  const keys = { privateKey: importKey(pem), publicKey: importPublicKey(pem) }
  const certificate = await x509.X509CertificateGenerator.createSelfSigned({
    name: [{ CN: [commonName] }],
    serialNumber: serialNumber(),
    ...validity(clock, days),
    signingAlgorithm: algorithmOf(keys.privateKey),
    keys,
    extensions: [
      new x509.BasicConstraintsExtension(true, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment | x509.KeyUsageFlags.keyCertSign, true),
      await x509.SubjectKeyIdentifierExtension.create(keys.publicKey),
    ],
  })
  return { certificate: text(certificate), key: pem }
}

/** A new key with a certificate of the authority. */
export async function issue(authority: KeyPair, options: IssueOptions): Promise<KeyPair> {
  const { pem, keys } = await generateKey()
  return { certificate: await sign(authority, keys.publicKey, options), key: pem }
}

/** A certificate of the authority over somebody else's public key. */
export async function sign(authority: KeyPair, publicKey: x509.PublicKeyType, { usages, days = 365, clock, ...subject }: IssueOptions): Promise<string> {
  const issuer = new x509.X509Certificate(authority.certificate)
  const signingKey = importKey(authority.key)
  return text(await x509.X509CertificateGenerator.create({
    subject: nameOf(subject),
    issuer: issuer.subjectName,
    serialNumber: serialNumber(),
    ...validity(clock, days, issuer.notAfter),
    signingAlgorithm: algorithmOf(signingKey),
    publicKey,
    signingKey,
    extensions: [
      new x509.BasicConstraintsExtension(false, undefined, true),
      new x509.KeyUsagesExtension(x509.KeyUsageFlags.digitalSignature | x509.KeyUsageFlags.keyEncipherment, true),
      new x509.ExtendedKeyUsageExtension(usages.map((usage) => x509.ExtendedKeyUsage[`${usage}Auth`])),
      await x509.AuthorityKeyIdentifierExtension.create(issuer.publicKey),
      ...alternativeNames(subject),
    ],
  }))
}

/** A certificate signing request as a node sends it. */
export async function createRequest(key: string, subject: Subject): Promise<string> {
  const keys = { privateKey: importKey(key), publicKey: importPublicKey(key) }
  const request = await x509.Pkcs10CertificateRequestGenerator.create({
    name: nameOf(subject), keys, signingAlgorithm: algorithmOf(keys.privateKey), extensions: alternativeNames(subject),
  })
  return `${request.toString('pem')}\n`
}

export interface ParsedRequest extends Required<Subject> {
  readonly emails: readonly string[]
  readonly uris: readonly string[]
  readonly publicKey: x509.PublicKey
}

/** Reads a request and checks that its sender holds the key. Throws an `Error` that says what is wrong. */
export async function parseRequest(pem: string): Promise<ParsedRequest> {
  let request: x509.Pkcs10CertificateRequest
  try {
    request = new x509.Pkcs10CertificateRequest(pem)
  } catch {
    throw new Error('PEM block type must be CERTIFICATE REQUEST')
  }
  if (!await request.verify()) throw new Error('the signature of the certificate request does not fit its key')
  const names = request.extensions.find((extension) => extension instanceof x509.SubjectAlternativeNameExtension)?.names.items ?? []
  const of = (type: x509.GeneralNameType) => names.filter((name) => name.type === type).map((name) => name.value)
  return {
    commonName: request.subjectName.getField('CN')[0] ?? '', organizations: request.subjectName.getField('O'),
    dnsNames: of('dns'), ips: of('ip'), emails: of('email'), uris: of('url'), publicKey: request.publicKey,
  }
}

/** A private key for signing: EC P-256 or RSA. */
export function importKey(pem: string): webcrypto.CryptoKey {
  const key = createPrivateKey(pem)
  if (key.asymmetricKeyType === 'ec') return key.toCryptoKey(ec, false, ['sign'])
  if (key.asymmetricKeyType === 'rsa') return key.toCryptoKey({ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, false, ['sign'])
  throw new Error(`Cannot sign with a key of type ${key.asymmetricKeyType}: it must be EC P-256 or RSA`)
}

function importPublicKey(pem: string): webcrypto.CryptoKey {
  const key = createPublicKey(pem)
  return key.asymmetricKeyType === 'ec' ? key.toCryptoKey(ec, true, ['verify']) : key.toCryptoKey({ name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256' }, true, ['verify'])
}

/** How that key signs. */
export const algorithmOf = (key: webcrypto.CryptoKey) => (key.algorithm.name === 'ECDSA' ? signature : { name: key.algorithm.name })

const validity = (clock: Clock, days: number, latest?: Date) => ({
  notBefore: new Date(clock.now() - backdate),
  notAfter: new Date(Math.min(clock.now() + days * day, latest?.getTime() ?? Infinity)),
})

const nameOf = ({ commonName, organizations = [] }: Subject): x509.JsonName => [...organizations.map((organization) => ({ O: [organization] })), { CN: [commonName] }]

function alternativeNames({ dnsNames = [], ips = [] }: Subject): x509.Extension[] {
  const names: x509.JsonGeneralNames = [...dnsNames.map((value) => ({ type: 'dns' as const, value })), ...ips.map((value) => ({ type: 'ip' as const, value }))]
  return names.length > 0 ? [new x509.SubjectAlternativeNameExtension(names)] : []
}

/** Positive, without a leading zero byte, unguessable. */
export function serialNumber(): string {
  const bytes = randomBytes(16)
  bytes[0] = (bytes[0]! & 0x3f) | 0x40
  return bytes.toString('hex')
}

const text = (certificate: x509.X509Certificate): string => `${certificate.toString('pem')}\n`
