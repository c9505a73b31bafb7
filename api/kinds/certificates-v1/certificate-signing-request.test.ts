import 'reflect-metadata'
import type { webcrypto } from 'node:crypto'
import { Pkcs10CertificateRequestGenerator, SubjectAlternativeNameExtension, X509CertificateGenerator } from '@peculiar/x509'
import { beforeAll, describe, expect, test } from 'vitest'
import type { CertificateSigningRequest } from '../../types/certificates-v1.ts'
import { olderCertificates } from '../older/certificates.ts'
import { changed, changeFailures, created, failures } from '../testing.ts'
import { certificateSigningRequests as kind } from './certificate-signing-request.ts'
import { openCertificateRequest, wrongCertificateRequest } from './request.ts'

const base64 = (text: string) => Buffer.from(text).toString('base64')
const rsa = { name: 'RSASSA-PKCS1-v1_5', hash: 'SHA-256', publicExponent: new Uint8Array([1, 0, 1]), modulusLength: 2048 }
const ec = { name: 'ECDSA', namedCurve: 'P-256', hash: 'SHA-256' }

async function requestOf(name: string, algorithm: typeof rsa | typeof ec = ec, names?: ConstructorParameters<typeof SubjectAlternativeNameExtension>[0]): Promise<string> {
  const keys = await crypto.subtle.generateKey(algorithm, true, ['sign', 'verify']) as webcrypto.CryptoKeyPair
  const request = await Pkcs10CertificateRequestGenerator.create({ name, keys, signingAlgorithm: algorithm, ...(names && { extensions: [new SubjectAlternativeNameExtension(names)] }) })
  return base64(request.toString('pem'))
}

let node: string
let serving: string
let certificate: string

beforeAll(async () => {
  node = await requestOf('CN=system:node:n1, O=system:nodes')
  serving = await requestOf('CN=system:node:n1, O=system:nodes', rsa, [{ type: 'dns', value: 'n1' }, { type: 'ip', value: '10.0.0.1' }])
  const keys = await crypto.subtle.generateKey(ec, true, ['sign', 'verify']) as webcrypto.CryptoKeyPair
  certificate = base64((await X509CertificateGenerator.createSelfSigned({ name: 'CN=x', keys, signingAlgorithm: ec })).toString('pem'))
})

describe('the request inside', () => {
  test('is opened', () => {
    expect(openCertificateRequest(serving)).toMatchObject({ commonName: 'system:node:n1', organizations: ['system:nodes'], dnsNames: ['n1'], ipAddresses: [Buffer.from([10, 0, 0, 1])], emailAddresses: [], uris: [] })
  })
  test('is signed by who asks', () => {
    expect([wrongCertificateRequest(node), wrongCertificateRequest(serving)]).toEqual([undefined, undefined])
    const der = Buffer.from(openCertificateRequest(serving).der)
    der[der.length - 1]! ^= 1
    const text = `-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`
    expect(wrongCertificateRequest(base64(text))).toBe('x509: RSA verification failure')
  })
  test.each([
    ['', 'PEM block type must be CERTIFICATE REQUEST'], ['-----BEGIN CERTIFICATE REQUEST-----\n-----END CERTIFICATE REQUEST-----\n', 'asn1: syntax error: truncated tag or length'],
    ['-----BEGIN CERTIFICATE REQUEST-----\nMIIBAgM=\n-----END CERTIFICATE REQUEST-----\n', 'asn1: syntax error: data truncated'],
  ])('%j is none', (text, wrong) => expect(wrongCertificateRequest(base64(text))).toBe(wrong))
  test('whatever arrives, it is an answer', () => {
    for (let i = 0; i < 300; i++) {
      const der = Buffer.from(openCertificateRequest(node).der)
      der[(i * 37) % der.length] = (i * 101) % 256
      expect(typeof wrongCertificateRequest(base64(`-----BEGIN CERTIFICATE REQUEST-----\n${der.toString('base64')}\n-----END CERTIFICATE REQUEST-----\n`))).toMatch(/string|undefined/)
    }
  })
})

const csr = (more: object = {}) => ({ spec: { request: node, signerName: 'example.com/signer', usages: ['client auth'], ...more } })

describe('a request', () => {
  test.each<[string, object, string[]]>([
    ['a good one', {}, []],
    ['for nothing', { usages: [] }, ['spec.usages: Required value: usages must be provided']],
    ['for the same twice', { usages: ['any', 'any'] }, ['spec.usages[1]: Duplicate value: "any"']],
    ['without a signer', { signerName: '' }, ['spec.signerName: Required value: signerName must be provided']],
    ['for half a signer', { signerName: 'example.com' }, ["spec.signerName: Invalid value: \"example.com\": must be a fully qualified domain and path of the form 'example.com/signer-name'"]],
    ['for a signer without a domain', { signerName: 'example/x' }, ['spec.signerName: Invalid value: "example": should be a domain with at least two segments separated by dots']],
    ['for the one of before', { signerName: 'kubernetes.io/legacy-unknown' }, ['spec.signerName: Invalid value: "kubernetes.io/legacy-unknown": the legacy signerName is not allowed via this API version']],
    ['for a moment', { expirationSeconds: 5 }, ['spec.expirationSeconds: Invalid value: 5: may not specify a duration less than 600 seconds (10 minutes)']],
  ])('%s', (_, more, expected) => expect(failures(kind, csr(more))).toEqual(expected))

  test('stays what it is', () => {
    const { object } = changed<CertificateSigningRequest>(kind, csr(), ({ spec }) => { spec.usages = ['server auth'] })
    expect(object.spec.usages).toEqual(['client auth'])
  })
})

describe('a decision', () => {
  const approve = (csr: CertificateSigningRequest, type = 'Approved', status = 'True') => { csr.status = { conditions: [...csr.status?.conditions ?? [], { type, status }] } }

  test('comes through its own door', () => {
    expect(changeFailures<CertificateSigningRequest>(kind, csr(), approve, 'approval')).toEqual([])
    expect(changeFailures<CertificateSigningRequest>(kind, csr(), approve, 'status')).toEqual(['status.conditions: Forbidden: updates may not add a condition of type "Approved"'])
  })
  test('is one', () => {
    const both = (csr: CertificateSigningRequest) => { approve(csr); approve(csr, 'Denied') }
    expect(changeFailures<CertificateSigningRequest>(kind, csr(), both, 'approval')).toEqual(['status.conditions[1].type: Invalid value: "Denied": Approved and Denied conditions are mutually exclusive'])
    expect(changeFailures<CertificateSigningRequest>(kind, csr(), (csr) => approve(csr, 'Approved', 'False'), 'approval')).toEqual(['status.conditions[0].status: Unsupported value: "False": supported values: "True"'])
  })
  test('is not the certificate', () => {
    const issue = (csr: CertificateSigningRequest) => { csr.status = { certificate } }
    expect(changeFailures<CertificateSigningRequest>(kind, csr(), issue, 'status')).toEqual([])
    expect(changed<CertificateSigningRequest>(kind, csr(), issue, 'approval').object.status).toEqual({})
    expect(changeFailures<CertificateSigningRequest>(kind, csr(), (csr) => { csr.status = { certificate: base64('x') } }, 'status')).toEqual(['status.certificate: Invalid value: "<certificate data>": must contain at least one CERTIFICATE PEM block'])
  })
  test('is told in the table', () => {
    const object = created(kind, csr({ expirationSeconds: 7200 }))
    kind.prepareForCreate!(object, { user: { name: 'jane', groups: [] }, now: '2026-01-02T03:04:05Z' })
    const cells = () => kind.columns!.filter(({ name }) => name !== 'Age').map((column) => column.value(object, 0))
    expect(cells()).toEqual(['example.com/signer', 'jane', '120m', 'Pending'])
    object.status = { conditions: [{ type: 'Approved', status: 'True' }], certificate }
    expect(cells().at(-1)).toBe('Approved,Issued')
  })
})

describe('v1beta1', () => {
  const older = olderCertificates[0]!
  test.each([
    ['a kubelet', () => node, ['client auth', 'digital signature', 'key encipherment'], 'kubernetes.io/kube-apiserver-client-kubelet'],
    ['a kubelet that serves', () => serving, ['server auth', 'digital signature'], 'kubernetes.io/kubelet-serving'],
    ['anybody', () => node, ['any'], 'kubernetes.io/legacy-unknown'],
  ])('knows the signer for %s', (_, request, usages, signerName) => {
    const object = created(older, { spec: { request: request(), usages } })
    expect((object as unknown as CertificateSigningRequest).spec.signerName).toBe(signerName)
    expect(older.validate(object)).toEqual([])
  })
})
